//! Scenarios: scripts in the session language, and the transcripts that they must give.
//!
//! A file `03-server-bytes.netlab` holds the scenario `server-bytes`; the number orders the
//! report. Lines that start with `#:` say what is to be known of it:
//!
//! ```text
//! #: title every byte comes back as it was
//! #: points 6
//! #: hint What turns bytes into text on their way? (several lines are joined)
//! #: needs server-listens      (not played when that one has failed; there may be several)
//! #: limit 30s                 (for each step; 10s without it)
//! #: check file-server-repeat  (in place of steps: a check, see `checks`; its limit is for all of it)
//! #: schedules buffer-empty    (in place of steps: many schedules of it are tried, see `schedules`)
//! ```
//!
//! All other lines are steps. The file `03-server-bytes.snap` beside it is the transcript with
//! the lab's solution, an insta snapshot: the tests write and check it, and here it is what a
//! submission is compared with.

use crate::checks::{self, Check};
use crate::kit::trouble;
use crate::model::Problem;
use netkit::language::values;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a step may take where a scenario does not say. Nothing here takes a tenth of a
/// second; this is for a machine that has other things to do.
pub const LIMIT: Duration = Duration::from_secs(10);

/// How long a check may take where it does not say.
const CHECK_LIMIT: Duration = Duration::from_secs(120);

/// A scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// What it is about, in a few words.
    pub title: String,
    /// What it is worth.
    pub points: u32,
    /// What to look at when it fails.
    pub hint: String,
    /// The scenarios that must have passed before it is worth playing this one.
    pub needs: Vec<String>,
    /// How long each step may take, or the whole check.
    pub limit: Duration,
    /// What is played.
    pub body: Body,
    /// The file that it was read from.
    pub file: PathBuf,
    /// Whether it is one of the instructor's own, which students do not have.
    pub hidden: bool,
}

/// What a scenario is played from.
#[derive(Debug, Clone)]
pub enum Body {
    /// The lines, comments included.
    Script(Vec<String>),
    /// A check.
    Check(&'static Check),
    /// Schedules of the scenario of this name, which is in the lab's package of schedule scenarios.
    Schedules(String),
}

/// A line of a scenario with what it gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The line.
    pub line: String,
    /// What it gave, a line each.
    pub output: Vec<String>,
}

/// All scenarios in a folder, in the order of their files' names.
///
/// # Errors
/// When the folder or a file cannot be read, or is not well formed.
pub fn read_all(folder: &Path) -> Result<Vec<Scenario>, Problem> {
    let entries = folder.read_dir().map_err(trouble("reading", folder))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()).map_err(trouble("reading", folder)));
    let mut files: Vec<PathBuf> = paths.collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "netlab"));
    files.sort();
    files.iter().map(|file| read(file)).collect()
}

fn read(file: &Path) -> Result<Scenario, Problem> {
    let text = std::fs::read_to_string(file).map_err(trouble("reading", file))?;
    parse(file, &text).map_err(trouble("reading", file))
}

fn parse(file: &Path, text: &str) -> Result<Scenario, String> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let name = stem.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('-').to_owned();
    let (mut title, mut points, mut hint) = (None, None, Vec::new());
    let (mut needs, mut limit, mut lines) = (Vec::new(), None, Vec::new());
    let (mut check, mut schedules) = (None, None);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let Some(entry) = line.strip_prefix("#:") else {
            lines.push(line.to_owned());
            continue;
        };
        let entry = entry.trim();
        let (key, value) = entry.split_once(' ').unwrap_or((entry, ""));
        let value = value.trim();
        match key {
            "title" => title = Some(value.to_owned()),
            "points" => points = Some(value.parse().map_err(|error| format!("points `{value}`: {error}"))?),
            "hint" => hint.push(value),
            "needs" => needs.extend(value.split_whitespace().map(str::to_owned)),
            "limit" => {
                limit = Some(values::duration(value).ok_or_else(|| format!("`{value}` is no time span"))?);
            }
            "check" => {
                check = Some(checks::find(value).ok_or_else(|| format!("there is no check `{value}`"))?);
            }
            "schedules" => schedules = Some(value.to_owned()),
            _ => return Err(format!("`#: {key}` is not known here")),
        }
    }
    let (body, usual) = match (check, schedules) {
        (Some(check), None) if lines.is_empty() => (Body::Check(check), CHECK_LIMIT),
        (None, Some(name)) if lines.is_empty() => (Body::Schedules(name), CHECK_LIMIT),
        (None, None) if !lines.is_empty() => (Body::Script(lines), LIMIT),
        _ => return Err("it needs either steps or a check or schedules".into()),
    };
    if hint.is_empty() {
        return Err("it needs a hint".into());
    }
    Ok(Scenario {
        name,
        title: title.ok_or("it needs a title")?,
        points: points.ok_or("it needs points")?,
        hint: hint.join(" "),
        needs,
        limit: limit.unwrap_or(usual),
        body,
        file: file.to_owned(),
        hidden: false,
    })
}

impl Scenario {
    /// The steps with what they must give, from the snapshot. A check has none: it judges itself.
    ///
    /// # Errors
    /// When the snapshot is missing, or is not of these steps.
    pub fn expected(&self) -> Result<Vec<Step>, String> {
        let Body::Script(lines) = &self.body else { return Ok(Vec::new()) };
        let file = self.file.with_extension("snap");
        let text =
            std::fs::read_to_string(&file).map_err(|error| format!("reading {}: {error}", file.display()))?;
        let steps = steps(contents(&text));
        if steps.iter().map(|step| &step.line).ne(lines) {
            return Err(format!(
                "{} is not the transcript of {}: {} makes it anew",
                file.display(),
                self.file.display(),
                if self.hidden { "`grade --record`" } else { "`cargo insta test --review`" }
            ));
        }
        Ok(steps)
    }
}

impl Scenario {
    /// Writes a transcript as what every submission must give from now on. Gives the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record(&self, steps: &[Step]) -> Result<PathBuf, Problem> {
        let file = self.file.with_extension("snap");
        let text = format!("---\nsource: grade --record\n---\n{}", transcript(steps));
        std::fs::write(&file, text).map_err(trouble("writing", &file))?;
        Ok(file)
    }
}

/// What stands below the header of an insta snapshot, which is YAML between two lines `---`.
fn contents(snapshot: &str) -> &str {
    let body = snapshot.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    body.map_or(snapshot, |(_, contents)| contents)
}

/// Takes a transcript apart: what a step gave is indented.
fn steps(transcript: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for text in transcript.lines() {
        match (text.strip_prefix("  "), steps.last_mut()) {
            (Some(output), Some(step)) => step.output.push(output.to_owned()),
            _ => {
                let line = text.strip_prefix("> ").unwrap_or(text).to_owned();
                steps.push(Step { line, output: Vec::new() });
            }
        }
    }
    steps
}

impl Step {
    /// The line of a step that is told in words, as a comment is.
    pub fn in_words(words: &str) -> String {
        format!("# {words}")
    }

    /// Whether a line is a sentence, not one of the session language.
    pub fn is_words(line: &str) -> bool {
        line.starts_with('#')
    }
}

/// Steps as a transcript: `> line`, and what it gave indented by two spaces.
pub fn transcript(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        let prompt = if Step::is_words(&step.line) { "" } else { "> " };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{prompt}{}", step.line);
        for line in &step.output {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "#: title t\n#: points 5\n#: hint Look\n#: hint here.\n#: limit 30s\n\n# why\nfds\n";

    fn check(text: &str) -> Result<Scenario, String> {
        parse(Path::new("grader/scenarios/02-echo/03-server-bytes.netlab"), text)
    }

    #[test]
    fn a_scenario_is_read() {
        let scenario = check(TEXT).unwrap();
        assert_eq!((scenario.name.as_str(), scenario.points), ("server-bytes", 5));
        assert_eq!((scenario.hint.as_str(), scenario.limit), ("Look here.", Duration::from_secs(30)));
        assert!(matches!(scenario.body, Body::Script(lines) if lines == ["# why", "fds"]));
    }

    #[test]
    fn a_check_stands_in_place_of_steps() {
        let (front, _) = TEXT.split_once("#: limit").unwrap();
        let scenario = check(&format!("{front}#: check own-fails\n")).unwrap();
        assert!(matches!(scenario.body, Body::Check(check) if check.name == "own-fails"));
        assert_eq!(scenario.limit, CHECK_LIMIT);
        assert!(scenario.expected().unwrap().is_empty());
        assert!(check(&format!("{TEXT}#: check own-fails\n")).is_err(), "both");
        assert!(check(&format!("{front}#: check nonsense\n")).is_err(), "unknown");
    }

    #[test]
    fn what_is_missing_or_unknown_is_an_error() {
        for (from, to) in [
            ("#: title t\n", ""),
            ("#: points 5\n", ""),
            ("points 5", "points -5"),
            ("limit 30s", "limit soon"),
            ("limit", "limits"),
            ("# why\nfds\n", ""),
        ] {
            assert!(check(&TEXT.replace(from, to)).is_err(), "{from:?} -> {to:?}");
        }
    }

    #[test]
    fn a_transcript_can_be_taken_apart() {
        let all = vec![
            Step { line: "# why".into(), output: vec![] },
            Step { line: "recv c 5".into(), output: vec!["5 bytes \"> x\\n\"".into(), "  deep".into()] },
            Step { line: "fds".into(), output: vec![] },
        ];
        let text = transcript(&all);
        assert_eq!(text, "# why\n> recv c 5\n  5 bytes \"> x\\n\"\n    deep\n> fds\n");
        assert_eq!(steps(&text), all);
        assert_eq!(contents(&format!("---\nsource: x\n---\n{text}")), text);
    }
}
