//! `rewind`: goes back to after an earlier line.

use super::{Arguments, Group, Kind, Run, Verb, optional, state};
use crate::outcome::{Failure, Report};
use crate::session::Session;
use serde_json::json;

/// The row of `rewind`.
pub(super) static VERB: Verb = Verb {
    name: "rewind",
    group: Group::Session,
    arguments: &[optional("N", Kind::Number)],
    summary: "Goes back to after line N, by running the lines up to it again.",
    details: "All sockets are closed, and lines 1 to N are run again in a fresh worker; it is then as if the later \
              lines had not been typed. Without N the last line that changed something is taken back; `rewind 0` \
              starts anew. What was sent to other programs has been sent, and time does not go back: it is said \
              what could not be brought back, and which line ended differently. `lines` lists the lines.",
    example: &["c = socket tcp", "bind c 127.0.0.1:0", "listen c", "rewind 2", "rewind"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    // The line that goes back has been counted, too.
    let last = session.record().line() - 1;
    let to = match arguments.number(0) {
        Some(number) => u32::try_from(number).unwrap_or(u32::MAX),
        None => match session.last_change() {
            Some(step) => step.number - 1,
            None => {
                return Err(Failure::new("no line has changed anything, so there is nothing to take back"));
            }
        },
    };
    if to > last {
        return Err(Failure::new(format!("there is no line {to} to go back to; the last one was {last}"))
            .next("`lines` lists the lines with their numbers"));
    }
    let rewound = session.rewind(to)?;
    let mut lines = vec![match to {
        0 => "a new session: no line has been run".to_owned(),
        1 => "after line 1, which was run again in a new worker".to_owned(),
        _ => format!("after line {to}: lines 1 to {to} were run again in a new worker"),
    }];
    if !rewound.differences.is_empty() {
        lines.push("what came out differently:".into());
        lines.extend(rewound.differences.iter().map(|difference| format!("  {difference}")));
    }
    if !rewound.lost.is_empty() {
        lines.push("what could not be brought back:".into());
        lines.extend(rewound.lost.iter().map(|lost| format!("  {lost}")));
    }
    lines.extend(state::run(session, &Arguments::default())?.lines);
    let facts = json!({ "line": to, "differences": rewound.differences, "lost": rewound.lost });
    Ok(Report { lines, facts })
}
