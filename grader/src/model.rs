//! What a grade is made of: the model that every report is made from.

use crate::schedules::report::What;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// All that came of grading one submission.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Grade {
    /// The lab's name, such as `echo`.
    pub lab: String,
    /// The lab's number.
    pub number: u32,
    /// The lab's title.
    pub title: String,
    /// The points of all scenarios that passed.
    pub score: u32,
    /// The points of all scenarios that were to be played.
    pub max_score: u32,
    /// How far the programs were kept away from the rest of the machine.
    pub isolation: Isolation,
    /// From which nonces and random bytes were made; the same seed gives the same bytes.
    pub seed: u64,
    /// The files that were taken from the submission, relative to its folder.
    pub files: Vec<String>,
    /// Why there are no programs to judge, if there are none.
    pub build_failure: Option<BuildFailure>,
    /// A judgement a scenario, in the order in which they were played.
    pub scenarios: Vec<Judged>,
    /// Where the programs came from. A folder's path says something of the machine and nothing of the
    /// submission: it is for who sits there.
    #[serde(skip)]
    pub source: Source,
}

/// How far the programs were kept away from the rest of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Isolation {
    /// The level.
    pub level: Level,
    /// Why there is no higher one, if those were tried.
    pub because: Vec<String>,
}

/// The levels of isolation, the lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A process group of their own, a small environment, a working directory of their own,
    /// deadlines, and an end with the scenario. Nothing keeps them from the rest of the machine.
    ProcessGroup,
    /// Rules of the kernel: they can read the system's folders and write to their own, and signal
    /// no process but their own. They share ports and network with the machine.
    Landlock,
    /// Namespaces of their own: they see the system's folders, read-only, and no process and no
    /// network but their own.
    Namespaces,
}

/// Why a submission could not be turned into programs. Its score is 0.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BuildFailure {
    /// What failed, in one sentence.
    pub summary: String,
    /// What the compiler said, paths relative to the kit.
    pub message: String,
}

/// What became of one scenario.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Judged {
    /// Its name.
    pub name: String,
    /// What it is about, in a few words.
    pub title: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The points it gave.
    pub points: u32,
    /// The points it can give.
    pub max_points: u32,
    /// What to look at when it fails.
    pub hint: String,
    /// What happened, up to the step that failed; empty if nothing did.
    pub transcript: String,
    /// What should have happened.
    pub expected: String,
    /// Whether it is one of the instructor's own, which students do not have.
    pub hidden: bool,
    /// What is known of the failure.
    pub failure: Option<Failure>,
    /// Why it was skipped, or what went wrong with the grader.
    pub reason: Option<String>,
    /// What happened, as a picture (SVG), if one was asked for. A check has none.
    #[serde(skip)]
    pub ladder: Option<String>,
}

/// The verdict on a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every step gave what it should.
    Pass,
    /// A step gave something else.
    Fail,
    /// It was not played: what it needs has failed.
    Skipped,
    /// The grader itself failed, twice. It is no judgement on the submission.
    HarnessError,
}

/// The step at which a scenario failed, and what could be seen at that moment.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Failure {
    /// Which step, counted from 1.
    pub step: usize,
    /// Its line.
    pub line: String,
    /// What it should have given, a line each.
    pub expected: Vec<String>,
    /// What it gave.
    pub actual: Vec<String>,
    /// What the system had to say on it.
    pub said: Vec<String>,
    /// The sockets of both ends and their states, a line each.
    pub ends: Vec<String>,
    /// The programs that the scenario had started.
    pub programs: Vec<Program>,
    /// The schedule that fails, if it is one.
    pub schedule: Option<Schedule>,
}

/// A schedule: who goes on at each step.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Schedule {
    /// By which it can be had again: `--schedule NAME`.
    pub name: String,
    /// Which threads there are, and what each does.
    pub case: String,
    /// How often another thread goes on than the one that would as a rule.
    pub unusual_turns: u64,
    /// The threads' names.
    pub threads: Vec<String>,
    /// The steps, the last of which is the one at which it fails.
    pub steps: Vec<ScheduleStep>,
    /// So many steps are left out...
    pub omitted: u64,
    /// ... after so many.
    pub omitted_after: usize,
}

/// A step of a schedule.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ScheduleStep {
    /// Whose it is: the place of its name.
    pub thread: usize,
    /// What it does.
    pub what: What,
    /// The same in words.
    pub words: String,
    /// In which of the student's files, and on which line.
    pub file: Option<String>,
    /// The line. Of a lock that is given back, it is the one on which it was taken.
    pub line: Option<u32>,
}

/// A program at the moment at which a scenario failed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Program {
    /// Its name in the scenario.
    pub name: String,
    /// How it had ended; `None` while it ran.
    pub ending: Option<String>,
    /// The last of what it had written to standard error, made safe to print.
    pub stderr: Vec<String>,
    /// The last of what it had written to standard output and no step had read, made safe to print.
    pub unread: Vec<String>,
}

/// Where the programs came from that were graded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Source {
    /// The kit's own folder of the lab.
    #[default]
    Lab,
    /// Another folder.
    Folder(PathBuf),
    /// They were given as commands.
    Commands,
}

/// Why nothing could be graded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// What was asked for makes no sense: exit 2.
    Usage(String),
    /// The grader or its surroundings failed: exit 3.
    Trouble(String),
}

/// How much students see of the result of a hidden scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Reveal {
    /// That there is one, and its points
    Points,
    /// Its title and verdict as well
    #[default]
    Verdict,
    /// All that is known, as of any other
    All,
}

impl Grade {
    /// The grade as students are to see it.
    #[must_use]
    pub fn revealed(mut self, reveal: Reveal) -> Self {
        let mut number = 0;
        for judged in self.scenarios.iter_mut().filter(|judged| judged.hidden && reveal != Reveal::All) {
            number += 1;
            if reveal == Reveal::Points {
                judged.name = format!("hidden-{number}");
                judged.title = "a hidden scenario".into();
            }
            // What the grader itself could not do is told in any case; what is needed has a name.
            let keeps_reason = match judged.verdict {
                Verdict::HarnessError => true,
                Verdict::Skipped => reveal == Reveal::Verdict,
                Verdict::Pass | Verdict::Fail => false,
            };
            let reason = judged.reason.take().filter(|_| keeps_reason);
            let failed = judged.verdict == Verdict::Fail;
            judged.reason = reason.or_else(|| failed.then(|| "what happened is not shown".to_owned()));
            (judged.transcript, judged.expected, judged.hint) = Default::default();
            (judged.failure, judged.ladder) = (None, None);
        }
        self
    }

    /// Whether every point was reached.
    pub fn is_full(&self) -> bool {
        self.score == self.max_score && self.build_failure.is_none()
    }

    /// Whether the grader itself failed somewhere.
    pub fn has_harness_error(&self) -> bool {
        self.scenarios.iter().any(|judged| judged.verdict == Verdict::HarnessError)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ProcessGroup => "process-group",
            Self::Landlock => "landlock",
            Self::Namespaces => "namespaces",
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) | Self::Trouble(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
#[allow(clippy::panic, reason = "a failed expectation is the report")]
mod tests {
    use super::Grade;

    /// `NETLAB_BLESS=1 cargo test -p grader` writes it anew.
    #[test]
    fn the_published_schema_is_the_models() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/grade.schema.json");
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(Grade)).unwrap_or_default() + "\n";
        if std::env::var_os("NETLAB_BLESS").is_some() {
            std::fs::write(file, &schema).unwrap_or_else(|error| panic!("{file}: {error}"));
        }
        let published = std::fs::read_to_string(file).unwrap_or_default();
        assert_eq!(published, schema, "grader/schemas/grade.schema.json is not what the model is");
    }
}
