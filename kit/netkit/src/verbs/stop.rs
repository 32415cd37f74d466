//! `stop`: ends a program.

use super::{Arguments, Constant, Group, Kind, Run, Verb, needed, optional};
use crate::outcome::{Failure, Report};
use crate::session::{Session, Stop};
use nix::sys::signal::Signal;
use serde_json::json;
use std::time::{Duration, Instant};

/// The row of `stop`.
pub(super) static VERB: Verb = Verb {
    name: "stop",
    group: Group::Programs,
    arguments: &[needed("PROGRAM", Kind::Program), optional("SIGNAL", Kind::Constant(SIGNALS))],
    summary: "Ends a program with a signal; or a relay, or a server made by `answer`.",
    details: "SIGTERM, unless you name another. If it has not ended after 5 seconds, or what the session's limit \
              is, it is killed, and the line fails.",
    example: &["p = start cat", "stop p"],
    run: Run::Session(run),
};

static SIGNALS: &[Constant] = &[
    Constant { name: "SIGTERM", short: &["TERM"], value: libc::SIGTERM as i64 },
    Constant { name: "SIGINT", short: &["INT"], value: libc::SIGINT as i64 },
    Constant { name: "SIGKILL", short: &["KILL"], value: libc::SIGKILL as i64 },
    Constant { name: "SIGHUP", short: &["HUP"], value: libc::SIGHUP as i64 },
];

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let name = arguments.word(0).unwrap_or_default();
    if session.programs().find(name).is_none() && (session.stop_relay(name) || session.stop_responder(name)) {
        return Ok(Report::of_lines(vec![format!("{name} ended")]));
    }
    let signal = match arguments.constant(1) {
        crate::worker::call::Value::Constant(number, _) => i32::try_from(number).ok(),
        _ => None,
    };
    let signal = signal.and_then(|number| Signal::try_from(number).ok()).unwrap_or(Signal::SIGTERM);
    let program = session.program(name)?;
    let ended_before = program.ending().is_some();
    program.signal(signal);
    let deadline = Instant::now() + session.limit().unwrap_or(Duration::from_secs(5));
    let ended = session.wait_for_ending(name, Some(deadline));
    let program = session.program(name)?;
    // What it left behind in its group, or outside of it, is not to outlive it.
    program.kill();
    match ended {
        Ok(ending) => {
            let line =
                if ended_before { format!("{name} had {ending} before") } else { format!("{name} {ending}") };
            Ok(Report { lines: vec![line.clone()], facts: json!({ "program": name, "ending": ending }) })
        }
        Err(Stop::TimeUp) => Err(Failure::new(format!("{name} did not end on {signal}, and was killed"))
            .next("a program that catches this signal must end when it comes")),
        Err(stop) => Err(stop.failure(&format!("stopping {name}"))),
    }
}
