//! A grade for people. Colours come from the `colored` crate, whose global switch the program sets.

use super::{explained, schedule};
use crate::kit::{Kit, Lab};
use crate::model::{Failure, Grade, Isolation, Judged, Level, Source, Verdict};
use crate::scenario::Step;
use crate::scores::Score;
use colored::{ColoredString, Colorize};
use netkit::data::printable;
use std::collections::BTreeMap;

/// So many steps before the one that failed are shown.
const STEPS_BEFORE: usize = 12;

/// So many characters of a line are shown.
const WIDTH: usize = 160;

/// A hint is broken into lines of so many characters.
const HINT: usize = 90;

/// All other sentences, into lines of so many.
const SCREEN: usize = 98;

/// The whole report, a line each.
pub fn report(grade: &Grade, kit: &Kit) -> Vec<String> {
    let mut lines = vec![
        format!("Lab {:02} {}: {}", grade.number, grade.lab, grade.title).bold().to_string(),
        format!("isolation {}, seed {}", grade.isolation.level, grade.seed).dimmed().to_string(),
    ];
    lines.extend(isolation(&grade.isolation).into_iter().map(|line| indented(&line, 2).dimmed().to_string()));
    lines.push(String::new());
    if let Some(failure) = &grade.build_failure {
        lines.push(format!("{}: {}", "no programs".red().bold(), failure.summary));
        lines.extend(failure.message.lines().map(|line| format!("  {line}")));
        lines.push(String::new());
    }
    let width = grade.scenarios.iter().map(|judged| judged.name.len()).max().unwrap_or(0);
    for judged in &grade.scenarios {
        let points = format!("{}/{}", judged.points, judged.max_points);
        lines.push(format!("{} {points:>6}  {:width$}  {}", word(judged.verdict), judged.name, judged.title));
        if let (Some(reason), None) = (&judged.reason, &grade.build_failure) {
            lines.push(format!("                 {}", reason.dimmed()));
        }
        if let Some(failure) = &judged.failure {
            lines.extend(self::failure(failure, judged, grade, kit).iter().map(|line| indented(line, 6)));
        }
    }
    // `netlab replay` builds the lab's own folder itself.
    let by_hand = |judged: &Judged| {
        let failure = judged.failure.as_ref().filter(|_| grade.source != Source::Lab && !judged.hidden);
        failure.is_some_and(|failure| !is_check(failure))
    };
    if grade.scenarios.iter().any(|judged| judged.failure.is_some()) {
        // The last failure may have left an empty line.
        lines.truncate(lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1));
    }
    if grade.scenarios.iter().any(by_hand) {
        lines.push(String::new());
        // A command stays one line, to be copied.
        let broken = |line: String| match line.starts_with(' ') {
            true => vec![line],
            false => textwrap::wrap(&line, SCREEN).into_iter().map(String::from).collect(),
        };
        lines.extend(to_see_it(grade).into_iter().flat_map(broken));
    }
    lines.push(String::new());
    lines.push(format!("Score {} of {}", grade.score, grade.max_score).bold().to_string());
    lines.iter().map(|line| harmless(line)).collect()
}

/// A workflow takes a line that begins with `::`, or has `##[` in it, as a command. What a program or the
/// compiler writes must not become one.
fn harmless(line: &str) -> String {
    let line = line.replace("##[", "# #[");
    let text = line.trim_start();
    if text.starts_with("::") {
        let indent = line.len() - text.len();
        return format!("{}| {text}", &line[..indent]);
    }
    line
}

/// What the level of isolation does not keep programs from, and why it is no higher.
fn isolation(isolation: &Isolation) -> Vec<String> {
    let open = match isolation.level {
        Level::Namespaces => return Vec::new(),
        Level::Landlock => "these programs cannot touch your files, but they can reach the network",
        Level::ProcessGroup => {
            "nothing keeps these programs from your files and the network: grade only what you would run yourself"
        }
    };
    let mut lines = vec![open.to_owned()];
    lines.extend(isolation.because.iter().map(|reason| window(&printable(&format!("not {reason}")), 0)));
    lines
}

fn word(verdict: Verdict) -> ColoredString {
    match verdict {
        Verdict::Pass => "pass   ".green(),
        Verdict::Fail => "FAIL   ".red().bold(),
        Verdict::Skipped => "skipped".yellow(),
        Verdict::HarnessError => "ERROR  ".magenta().bold(),
    }
}

fn indented(line: &str, by: usize) -> String {
    if line.is_empty() { String::new() } else { format!("{}{line}", " ".repeat(by)) }
}

/// What is to be known of a failure.
pub(super) fn failure(failure: &Failure, judged: &Judged, grade: &Grade, kit: &Kit) -> Vec<String> {
    let mut lines = vec![String::new()];
    lines.extend(before(failure, &judged.transcript));
    lines.push(as_shown(failure).bold().to_string());
    let difference =
        if is_check(failure) { in_words(failure) } else { difference(&failure.expected, &failure.actual) };
    lines.extend(difference.iter().map(|line| indented(line, 2)));
    lines.extend(failure.said.iter().map(|said| format!("  {} {said}", "why:".dimmed())));
    lines.push(String::new());
    if let Some(schedule) = &failure.schedule {
        lines.push(format!("{} {}", "how it comes to that:".dimmed(), schedule.case));
        lines.extend(schedule::text(schedule).iter().map(|line| indented(line, 2)));
        lines.push(String::new());
    } else if !failure.ends.is_empty() || !failure.programs.is_empty() || !is_check(failure) {
        lines.push("the sockets at that moment".dimmed().to_string());
        lines.extend(failure.ends.iter().map(|line| indented(line, 2)));
    }
    for program in &failure.programs {
        let state = program.ending.as_deref().unwrap_or("runs");
        let wrote = if program.stderr.is_empty() { "wrote nothing" } else { "wrote" };
        lines.push(format!("{} {state}, {wrote} to standard error", program.name).dimmed().to_string());
        lines.extend(program.stderr.iter().map(|line| indented(line, 2)));
        if !program.unread.is_empty() {
            lines.push("and wrote to standard output what no step has read".dimmed().to_string());
            lines.extend(program.unread.iter().map(|line| indented(line, 2)));
        }
    }
    lines.extend(vocabulary(&lines));
    for (place, line) in textwrap::wrap(&judged.hint, HINT).iter().enumerate() {
        let label = if place == 0 { "hint:" } else { "     " };
        lines.push(format!("{} {line}", label.cyan().bold()));
    }
    let label = "see it yourself:".cyan();
    lines.extend(replay(judged, grade, kit).map(|command| format!("{label} {command}")));
    lines.push(String::new());
    lines
}

/// What the words mean that stand in these lines, a line each.
fn vocabulary(lines: &[String]) -> Vec<String> {
    let words = explained::words(lines);
    let width = words.iter().map(|(word, _)| word.len()).max().unwrap_or(0);
    let title = (!words.is_empty()).then(|| "words in these lines".dimmed().to_string());
    title.into_iter().chain(words.iter().map(|(word, says)| format!("  {word:width$}  {says}"))).collect()
}

/// What has to be done for netlab to find the programs that were graded.
fn to_see_it(grade: &Grade) -> Vec<String> {
    let first = "To see it yourself, netlab has to find your programs.";
    let build = |options: &str, target: &str| {
        let lab = &grade.lab;
        format!("  cargo build -p {lab}{options} && export PATH=\"$PWD/{target}/debug:$PATH\"")
    };
    match &grade.source {
        Source::Lab => Vec::new(),
        Source::Folder(folder) if folder.join("Cargo.toml").is_file() => {
            let manifest = shlex::try_quote(&folder.join("Cargo.toml").to_string_lossy()).map(String::from);
            let options = manifest
                .map(|manifest| format!(" --manifest-path {manifest} --target-dir target/submission"))
                .unwrap_or_default();
            vec![
                format!("{first} Build them and name their folder first:"),
                build(&options, "target/submission"),
            ]
        }
        Source::Folder(_) => vec![
            format!(
                "{first} Copy the files of the submission into labs/{:02}-{}, which changes what is there; then build them and name their folder:",
                grade.number, grade.lab
            ),
            build("", "target"),
        ],
        Source::Commands => vec![format!(
            "{first} Put a file that starts yours, by the name that stands behind `start`, into a folder of PATH."
        )],
    }
}

/// A check tells its steps in words; the steps of a script are lines that can be typed.
fn is_check(failure: &Failure) -> bool {
    Step::is_words(&failure.line)
}

/// The line of the step that failed, as it stands in the transcript.
fn as_shown(failure: &Failure) -> String {
    if is_check(failure) { failure.line.clone() } else { format!("> {}", failure.line) }
}

/// What a check expected and what came: sentences, not to be compared letter by letter.
fn in_words(failure: &Failure) -> Vec<String> {
    let under = |label: String, lines: &[String]| {
        let place =
            |(place, line)| format!("{}{line}", if place == 0 { label.as_str() } else { "          " });
        lines.iter().enumerate().map(place).collect::<Vec<String>>()
    };
    let labels = (format!("{}  ", "expected".green()), format!("{}    ", "actual".red()));
    [under(labels.0, &failure.expected), under(labels.1, &failure.actual)].concat()
}

/// The last steps before the one that failed: the transcript up to its line.
fn before(failure: &Failure, transcript: &str) -> Vec<String> {
    let all: Vec<&str> = transcript.lines().collect();
    let failed = as_shown(failure);
    let end = all.iter().rposition(|line| *line == failed).unwrap_or(all.len());
    let start = end.saturating_sub(2 * STEPS_BEFORE);
    let cut = (start > 0).then(|| "...".to_owned());
    cut.into_iter().chain(all[start..end].iter().map(|line| window(line, 0))).collect()
}

/// Expected and actual lines, the first that differ with a caret below their first difference.
fn difference(expected: &[String], actual: &[String]) -> Vec<String> {
    let nothing = || "(nothing)".to_owned();
    let same = expected.iter().zip(actual).take_while(|(a, b)| a == b).count();
    let mut lines: Vec<String> = expected[..same].iter().map(|line| window(line, 0)).collect();
    let wanted = expected.get(same).cloned().unwrap_or_else(nothing);
    let came = actual.get(same).cloned().unwrap_or_else(nothing);
    let place = wanted.chars().zip(came.chars()).take_while(|(a, b)| a == b).count();
    lines.push(format!("{}  {}", "expected".green(), window(&wanted, place)));
    lines.push(format!("{}    {}", "actual".red(), window(&came, place)));
    lines.push(format!("          {}{}", " ".repeat(place - first_shown(place)), "^".red()));
    lines.extend(actual.iter().skip(same + 1).map(|line| format!("          {}", window(line, 0))));
    lines
}

/// A long line is shown from here, so that a place in it can be seen.
fn first_shown(place: usize) -> usize {
    const BEFORE: usize = 70;
    if place < WIDTH { 0 } else { place - BEFORE }
}

/// A line that is not too long.
pub(super) fn cut(line: &str) -> String {
    window(line, 0)
}

/// The part of a line around a place.
fn window(line: &str, place: usize) -> String {
    let start = first_shown(place);
    let shown: String = line.chars().skip(start).take(WIDTH).collect();
    let rest = line.chars().count().saturating_sub(start + WIDTH);
    if rest > 0 { format!("{shown}... {rest} more") } else { shown }
}

/// How to see a scenario at the prompt; a check is played again. Nobody but the instructor has a hidden one.
pub(super) fn replay(judged: &Judged, grade: &Grade, kit: &Kit) -> Option<String> {
    let failure = judged.failure.as_ref().filter(|_| !judged.hidden)?;
    Some(replay_of(failure, judged, grade, kit))
}

fn replay_of(failure: &Failure, judged: &Judged, grade: &Grade, kit: &Kit) -> String {
    if let Some(schedule) = &failure.schedule {
        let (scenario, schedule) = (&judged.name, &schedule.name);
        return format!("cargo grade {} --scenario {scenario} --schedule {schedule}", grade.number);
    }
    if is_check(failure) {
        return format!("cargo grade {} --scenario {} --seed {}", grade.number, judged.name, grade.seed);
    }
    if grade.source == Source::Lab {
        let (number, name, step, seed) = (grade.number, &judged.name, failure.step, grade.seed);
        return format!("cargo netlab replay {number} {name} --step {step} --seed {seed}");
    }
    let folder = format!("grader/scenarios/{:02}-{}", grade.number, grade.lab);
    let wanted = format!("{}.netlab", judged.name);
    let names = kit.root.join(&folder).read_dir().into_iter().flatten().flatten();
    let file = names
        .filter_map(|entry| entry.file_name().into_string().ok())
        // A number stands before it: `08-udp-closes` is not `closes`.
        .find(|file| file.split_once('-').is_some_and(|(_, name)| name == wanted))
        .unwrap_or(wanted);
    format!("cargo netlab --seed {} {folder}/{file}", grade.seed)
}

/// The labs with their last scores, a line each.
pub fn labs(labs: &[Lab], scores: &BTreeMap<String, Score>) -> Vec<String> {
    let width = labs.iter().map(|lab| lab.name.len()).max().unwrap_or(0);
    let line = |lab: &Lab| {
        let last = scores.get(&lab.name);
        let score = last.map_or_else(|| "-".into(), |last| format!("{}/{}", last.score, last.max_score));
        let of = last.and_then(|last| last.submission.as_ref());
        let of = of.map(|of| format!("  ({})", of.display()).dimmed().to_string()).unwrap_or_default();
        format!("{:02}  {:width$}  {score:>7}  {}{of}", lab.number, lab.name, lab.title)
    };
    labs.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: &[&str], actual: &[&str]) -> String {
        colored::control::set_override(false);
        let owned = |lines: &[&str]| lines.iter().map(ToString::to_string).collect::<Vec<_>>();
        difference(&owned(expected), &owned(actual)).join("\n")
    }

    #[test]
    fn the_caret_stands_below_the_first_difference() {
        assert_eq!(
            check(&["5 bytes \"hello\""], &["5 bytes \"help!\""]),
            "expected  5 bytes \"hello\"\nactual    5 bytes \"help!\"\n                      ^"
        );
        assert_eq!(check(&["same", "ok"], &["same"]), "same\nexpected  ok\nactual    (nothing)\n          ^");
        assert_eq!(
            check(&[], &["boo", "hoo"]),
            "expected  (nothing)\nactual    boo\n          ^\n          hoo"
        );
    }

    #[test]
    fn no_line_is_a_command_of_a_workflow() {
        assert_eq!(harmless("  ::error::x"), "  | ::error::x");
        assert_eq!(harmless("a ##[error]x"), "a # #[error]x");
        assert_eq!(harmless("  std::fs # [x]"), "  std::fs # [x]");
    }

    #[test]
    fn a_difference_far_to_the_right_is_still_seen() {
        let long = "x".repeat(300);
        let shown = check(&[&format!("{long}a")], &[&format!("{long}b")]);
        let lines: Vec<&str> = shown.lines().collect();
        let caret = lines[2].find('^').unwrap();
        assert_eq!((lines[0].as_bytes()[caret], lines[1].as_bytes()[caret]), (b'a', b'b'));
    }
}
