//! `export`: what happened so far, in other forms: a row each in [`FORMATS`].

use super::{Arguments, Group, Kind, Run, Verb, needed};
use crate::export;
use crate::outcome::{Failure, Report};
use crate::session::Session;
use serde_json::json;

/// The row of `export`.
pub(super) static VERB: Verb = Verb {
    name: "export",
    group: Group::Session,
    arguments: &[needed("FORMAT", Kind::Word(WORDS)), needed("FILE", Kind::File)],
    summary: "Writes what happened so far to a file.",
    details: "`export c FILE`, `export python FILE` and `export rust FILE` write a program that makes the same calls; \
              how it is built stands at its top. Calls in the background become threads, and a call that failed \
              may fail in the program, too. A file that is there already is left as it is, unless this session \
              wrote it.",
    example: &["c = socket tcp", "export c /dev/null"],
    run: Run::Session(run),
};

/// A form in which a session can be given on.
struct Format {
    /// The word that is typed for it.
    word: &'static str,
    /// Makes the file's text.
    make: fn(&Session) -> String,
}

/// All forms.
static FORMATS: &[Format] = &[
    Format { word: "c", make: export::c },
    Format { word: "python", make: export::python },
    Format { word: "rust", make: export::rust },
];

/// Their words.
static WORDS: &[&str] = &["c", "python", "rust"];

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let word = arguments.word(0).unwrap_or_default();
    let path = arguments.word(1).unwrap_or_default();
    let Some(format) = FORMATS.iter().find(|format| format.word == word) else {
        return Err(Failure::new(format!("`{word}` is not a form to export to")));
    };
    let text = (format.make)(session);
    session.write_file(path, &text)?;
    Ok(Report { lines: vec![format!("wrote {path}")], facts: json!({ "file": path, "bytes": text.len() }) })
}
