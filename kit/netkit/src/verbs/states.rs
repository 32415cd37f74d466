//! `states`: the TCP state diagram with the session's sockets in it.

use super::{Arguments, Group, Run, Verb};
use crate::outcome::{Failure, Report};
use crate::render::drawing::text;
use crate::render::states::{States, WIDTH};
use crate::session::Session;

/// The row of `states`.
pub(super) static VERB: Verb = Verb {
    name: "states",
    group: Group::Look,
    arguments: &[],
    summary: "Draws the states of TCP with this session's sockets in them.",
    details: "Each arrow says what makes it: a call, such as close, or a segment that comes in; behind it stands \
              the segment that is sent. A socket may pass a state too fast to be seen there. If it must have been \
              in it, it is marked as inferred. `export svg FILE states` writes the drawing to a file.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "c = socket tcp",
        "connect c srv",
        "states",
    ],
    run: Run::Session(run),
};

fn run(session: &mut Session, _: &Arguments) -> Result<Report, Failure> {
    let states = States::of(session.ends(), session.record());
    let screen = session.screen();
    let lines = if screen.columns < WIDTH {
        states.list(screen.columns)
    } else {
        text::lines(&states.drawing(), screen.boxes)
    };
    Ok(Report { lines, facts: states.facts() })
}
