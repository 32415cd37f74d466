//! `export`: what happened so far, in other forms: a row each in [`FORMATS`].

use super::{Arguments, Group, Kind, Run, Verb, needed, optional};
use crate::export::{self, Program};
use crate::outcome::{Failure, Report};
use crate::render::drawing::svg;
use crate::render::ladder::{Ladder, Room};
use crate::render::states::States;
use crate::session::Session;
use serde_json::json;

/// The row of `export`.
pub(super) static VERB: Verb = Verb {
    name: "export",
    group: Group::Session,
    arguments: &[
        needed("FORMAT", Kind::Word(WORDS)),
        needed("FILE", Kind::File),
        optional("PICTURE", Kind::Word(PICTURES)),
    ],
    summary: "Writes what happened so far to a file.",
    details: "`export c FILE`, `export python FILE` and `export rust FILE` write a program that makes the same calls; \
              how it is built stands at its top. Calls in the background become threads, and a call that failed \
              may fail in the program, too. What a program cannot do is left out: a comment says why, and `export` \
              counts it. `export svg FILE` writes what `diagram` draws as a picture that any \
              browser shows, light or dark; `export svg FILE states` what `states` draws. A file that is there already is left as it is, unless this session \
              wrote it.",
    example: &["c = socket tcp", "export c /dev/null"],
    run: Run::Session(run),
};

/// A form in which a session can be given on.
struct Format {
    /// The word that is typed for it.
    word: &'static str,
    /// Makes the file's text; gets the name of the picture, if one was typed.
    make: fn(&Session, &str) -> Program,
    /// Which pictures there are.
    pictures: &'static [&'static str],
}

/// All forms.
static FORMATS: &[Format] = &[
    Format { word: "c", make: |session, _| export::c(session), pictures: &[] },
    Format { word: "python", make: |session, _| export::python(session), pictures: &[] },
    Format { word: "rust", make: |session, _| export::rust(session), pictures: &[] },
    Format { word: "svg", make: picture, pictures: PICTURES },
];

/// Their words.
static WORDS: &[&str] = &["c", "python", "rust", "svg"];

/// What can be drawn.
static PICTURES: &[&str] = &["diagram", "states"];

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let word = arguments.word(0).unwrap_or_default();
    let path = arguments.word(1).unwrap_or_default();
    let Some(format) = FORMATS.iter().find(|format| format.word == word) else {
        return Err(Failure::new(format!("`{word}` is not a form to export to")));
    };
    let picture = arguments.word(2).unwrap_or_default();
    if !picture.is_empty() && !format.pictures.contains(&picture) {
        return Err(Failure::new(format!("`{word}` is a program, and not a picture")).next(format!(
            "`export {word} {path}` writes the program; `export svg FILE {picture}` the picture"
        )));
    }
    let Program { text, left_out } = (format.make)(session, picture);
    session.write_file(path, &text)?;
    let mut lines = vec![format!("wrote {path}")];
    match left_out.len() {
        0 => {}
        1 => lines.push("it leaves out one line of the session:".into()),
        count => lines.push(format!("it leaves out {count} lines of the session:")),
    }
    lines.extend(left_out.iter().map(|(number, why)| format!("  line {number}: {why}")));
    let left_out: Vec<u32> = left_out.iter().map(|(number, _)| *number).collect();
    Ok(Report { lines, facts: json!({ "file": path, "bytes": text.len(), "left_out": left_out }) })
}

fn picture(session: &Session, picture: &str) -> Program {
    let text = svg::file(&match picture {
        "states" => States::of(session.ends(), session.record()).drawing(),
        _ => Ladder::of(session.record(), session.names()).drawing(Room::Enough),
    });
    Program { text, left_out: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_can_be_typed() {
        assert!(FORMATS.iter().map(|format| format.word).eq(WORDS.iter().copied()));
    }
}
