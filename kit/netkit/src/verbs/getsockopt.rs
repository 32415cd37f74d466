//! `getsockopt`: reads an option of a socket, getsockopt(2), or all that it has.

use super::{Arguments, Group, Kind, Plan, Run, Verb, needed, optional};
use crate::options::{Access, Level};
use crate::outcome::{Failure, Report};
use crate::render::table::table;
use crate::session::Session;
use crate::session::options::Reading;
use serde_json::{Value, json};

/// The row of `getsockopt`.
pub(super) static VERB: Verb = Verb {
    name: "getsockopt",
    group: Group::Calls,
    arguments: &[needed("S", Kind::Socket), optional("OPTION", Kind::Option(Access::Get))],
    summary: "Reads an option of a socket, getsockopt(2); without OPTION, all of them.",
    details: "The value is told in words and with its unit. TCP_INFO shows what TCP knows of the connection: \
              round-trip time, windows, what was lost. Without OPTION, every option of the socket is listed that \
              can be read; `*` marks those that are not as on a new socket of the same kind.",
    example: &[
        "c = socket tcp",
        "getsockopt c SO_RCVTIMEO",
        "setsockopt c TCP_NODELAY 1",
        "getsockopt c TCP_NODELAY",
    ],
    run: Run::Planned(plan),
};

fn plan(session: &mut Session, arguments: &Arguments) -> Result<Plan, Failure> {
    let fd = arguments.fd(0);
    Ok(match arguments.option(1) {
        Some(option) => Plan::Call(option.get(fd)),
        None => {
            let mut readings = session.options_of(fd)?;
            // In a script only what is the same on every run.
            readings.retain(|reading| session.shows_numbers() || !reading.option.moves || reading.locked);
            Plan::Report(list(&readings))
        }
    })
}

fn list(readings: &[Reading]) -> Report {
    let mut rows = Vec::new();
    let mut level: Option<Level> = None;
    for reading in readings {
        let option = reading.option;
        if level != Some(option.level) {
            level = Some(option.level);
            rows.push(vec![String::new(), format!("{}, {}", option.level.name(), option.level.page())]);
        }
        rows.push(vec![mark(reading), option.name.to_owned(), reading.value.words.clone(), remark(reading)]);
    }
    // A headline must not make the column of names as wide as itself.
    let headlines: Vec<(usize, String)> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.len() == 2)
        .map(|(place, row)| (place, row[1].clone()))
        .collect();
    for (place, _) in &headlines {
        rows[*place] = vec![String::new()];
    }
    let mut lines = table(&rows);
    for (place, text) in headlines {
        lines[place] = text;
    }
    let differing: Vec<&str> =
        readings.iter().filter(|reading| reading.differs()).map(|reading| reading.option.name).collect();
    lines.push(match differing.as_slice() {
        [] => "all of them are as on a new socket".into(),
        names => format!("set otherwise than on a new socket (*): {}", names.join(", ")),
    });
    lines.push("left out: SO_ERROR, since reading it takes the error away".into());
    let facts: Value = readings
        .iter()
        .map(|reading| {
            json!({
                "option": reading.option.name,
                "level": reading.option.level.name(),
                "value": reading.value.words,
                "fresh": reading.fresh.as_ref().map(|fresh| &fresh.words),
                "differs": reading.differs(),
            })
        })
        .collect();
    Report { lines, facts: json!({ "options": facts }) }
}

fn mark(reading: &Reading) -> String {
    if reading.differs() { "*".into() } else { String::new() }
}

fn remark(reading: &Reading) -> String {
    match &reading.fresh {
        Some(fresh) if reading.differs() => format!("new: {}", fresh.words),
        _ => String::new(),
    }
}
