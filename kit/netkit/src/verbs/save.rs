//! `save`: writes the session as a script that runs again.

use super::{Arguments, Group, Kind, Run, Verb, needed};
use crate::outcome::{Failure, Report};
use crate::session::Session;
use crate::session::replay::{self, Again, Step};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The seed of a netlab that is told of none.
const USUAL_SEED: u64 = 1;

/// The row of `save`.
pub(super) static VERB: Verb = Verb {
    name: "save",
    group: Group::Session,
    arguments: &[needed("FILE", Kind::File)],
    summary: "Writes the session as a script that runs again.",
    details: "`netlab FILE` runs it, and so does `source FILE` at the prompt. The lines are written as they were \
              typed, with these exceptions: a call that failed gets a `!` in front, which says that it is meant \
              to fail; a line that did nothing becomes a comment; a port that the kernel chose becomes the name \
              of its socket; a call that was interrupted becomes a job that is cancelled. A file that is there \
              already is left as it is, unless this session wrote it.",
    example: &["c = socket tcp", "save /dev/null"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let path = arguments.word(0).unwrap_or_default();
    let steps = replay::steps(session.record());
    let text = script(&steps, &replay::paths(session.record()), session.seed());
    session.write_file(path, &text)?;
    let count = steps.iter().filter(|step| step.again.changes()).count();
    let what = if count == 1 {
        "1 line that does something".into()
    } else {
        format!("{count} lines that do something")
    };
    let lines = vec![format!("{path}: {what}; `netlab {path}` runs them again")];
    Ok(Report { lines, facts: json!({ "file": path, "lines": count }) })
}

/// The session as a script.
fn script(steps: &[Step], paths: &BTreeSet<PathBuf>, seed: u64) -> String {
    let mut lines = vec![
        "# A session of netlab. `netlab FILE` runs it again, or `source FILE` at the prompt.".to_owned(),
    ];
    if seed != USUAL_SEED {
        lines.push(format!("# Its nonces and random bytes come from `netlab --seed {seed}`."));
    }
    for path in paths {
        // Closing a socket leaves its file, and a second bind there fails with EADDRINUSE.
        lines.push(format!(
            "# Before it runs, remove {}: it is the file of a socket that is bound below.",
            path.display()
        ));
    }
    let mut jobs = Jobs::default();
    for step in steps {
        lines.extend(step.notes.iter().map(|note| format!("# {note}")));
        let text = replay::with_jobs(&step.text, &jobs.numbers);
        match step.again {
            Again::Run => {
                if is_background(&text) {
                    jobs.typed();
                }
                lines.push(text);
            }
            Again::Fails => lines.push(format!("! {text}")),
            Again::Interrupted => {
                lines.push("# interrupted; here a job that is cancelled".into());
                lines.extend(replay::background(&text));
                lines.push(format!("cancel {}", jobs.added()));
            }
            Again::Sleep | Again::Look | Again::Expects => lines.push(text),
            Again::Nothing => lines.push(format!("# failed: {text}")),
            Again::Aside => {}
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The numbers of jobs: those that interrupted calls have become move the others.
#[derive(Default)]
struct Jobs {
    started: u32,
    numbers: BTreeMap<u32, u32>,
}

impl Jobs {
    fn typed(&mut self) {
        self.started += 1;
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX) + 1;
        self.numbers.insert(number, self.started);
    }

    fn added(&mut self) -> u32 {
        self.started += 1;
        self.started
    }
}

fn is_background(text: &str) -> bool {
    crate::language::parse(text).ok().flatten().is_some_and(|line| line.background)
}
