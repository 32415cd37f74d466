//! `diagram`: what happened so far, as a ladder.

use super::{Arguments, Group, Kind, Run, Verb, optional};
use crate::language::values;
use crate::outcome::{Failure, Report};
use crate::render::drawing::text;
use crate::render::ladder::{Ladder, Room};
use crate::session::Session;

/// The row of `diagram`.
pub(super) static VERB: Verb = Verb {
    name: "diagram",
    group: Group::Look,
    arguments: &[optional("S", Kind::Actors)],
    summary: "Draws what happened so far, a column for each socket and program.",
    details: "Time goes down; the number of the line stands at the left. An arrow is what a call has sent. \
              `diagram c conn` draws only these, `diagram from 7` only what happened from line 7 on. \
              `export svg FILE` writes the drawing to a file.",
    example: &[
        "srv = socket tcp",
        "bind srv 127.0.0.1:0",
        "listen srv",
        "c = socket tcp",
        "connect c srv",
        "send c \"hello\"",
        "diagram",
    ],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let mut ladder = Ladder::of(session.record(), session.names());
    let (names, line) = read(arguments.command(0))?;
    if !names.is_empty() {
        let kept = chosen(&ladder, &names)?;
        ladder = ladder.only(&kept);
    }
    if let Some(line) = line {
        ladder = ladder.from(line);
    }
    if ladder.is_empty() {
        let lines = vec!["nothing has happened that could be drawn".into()];
        return Ok(Report { lines, facts: ladder.facts() });
    }
    let screen = session.screen();
    let lines = text::lines(&ladder.drawing(Room::Columns(screen.columns)), screen.boxes);
    Ok(Report { lines, facts: ladder.facts() })
}

/// The names that stand behind the verb, and the number behind `from`.
fn read(words: &[Vec<u8>]) -> Result<(Vec<String>, Option<u32>), Failure> {
    let words: Vec<String> = words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let Some(from) = words.iter().position(|word| word == "from") else { return Ok((words, None)) };
    let line = match &words[from + 1..] {
        [line] => values::decimal(line).and_then(|line| u32::try_from(line).ok()),
        _ => None,
    };
    match line {
        Some(line) => Ok((words[..from].to_vec(), Some(line))),
        None => Err(Failure::new("`from` needs the number of a line behind it")
            .next("type it as `diagram from 7`, or as `diagram c conn from 7`")),
    }
}

/// The places of the actors of these names. Those that had a name one after another are all meant.
fn chosen(ladder: &Ladder, names: &[String]) -> Result<Vec<usize>, Failure> {
    for name in names {
        if !ladder.names().any(|actor| is_called(actor, name)) {
            let known: Vec<&str> = ladder.names().take(20).collect();
            let failure = Failure::new(format!("nothing that happened so far concerns `{name}`"));
            return Err(match known.as_slice() {
                [] => failure,
                known => failure.next(format!("there are {}", known.join(", "))),
            });
        }
    }
    let actors = ladder.names().enumerate();
    let chosen = actors.filter(|(_, actor)| names.iter().any(|name| is_called(actor, name)));
    Ok(chosen.map(|(place, _)| place).collect())
}

fn is_called(actor: &str, name: &str) -> bool {
    actor.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("))
}
