//! Reports: a grade for people and for programs. Nothing here prints: they are strings.
//!
//! A format is a file here and a row in [`FORMATS`]. [`text`] is for people at a terminal, [`html`] for
//! people in a browser, [`json`] is the whole model; the others are what learning platforms and
//! workflows read. [`words`] is what several of them say in the same words;
//! `explained` says what words of a failure mean.
//!
//! What a program of a submission wrote comes here made safe to print, and is data: each format
//! escapes it by its own rules.

pub mod classroom50;
mod explained;
pub mod github;
pub mod gradescope;
pub mod html;
pub mod json;
pub mod junit;
pub mod prairielearn;
pub mod schedule;
pub mod text;
pub mod words;

use crate::kit::Kit;
use crate::model::Grade;

/// A way to write a grade down.
#[derive(Debug)]
pub struct Format {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Who reads it.
    pub about: &'static str,
    /// Writes it. The error says why this grade cannot be written like that.
    pub write: fn(&Grade, &Kit) -> Result<String, String>,
    /// How the name of a file of this format ends.
    pub extension: &'static str,
    /// Whether it stands below what a file has already.
    pub appends: bool,
}

/// All formats.
pub const FORMATS: &[Format] = &[
    Format { name: "text", about: "for people", write: plain, extension: "txt", appends: false },
    Format {
        name: "html",
        about: "a page of its own, for a browser",
        write: html::report,
        extension: "html",
        appends: false,
    },
    Format {
        name: "json",
        about: "all there is, for programs",
        write: json::report,
        extension: "json",
        appends: false,
    },
    Format {
        name: "junit",
        about: "JUnit's XML, for CI systems",
        write: junit::report,
        extension: "xml",
        appends: false,
    },
    Format {
        name: "gradescope",
        about: "Gradescope's results.json",
        write: gradescope::report,
        extension: "json",
        appends: false,
    },
    Format {
        name: "prairielearn",
        about: "PrairieLearn's results.json",
        write: prairielearn::report,
        extension: "json",
        appends: false,
    },
    Format {
        name: "classroom50",
        about: "Classroom 50's result.json",
        write: classroom50::report,
        extension: "json",
        appends: false,
    },
    Format {
        name: "github-summary",
        about: "Markdown, for the file that $GITHUB_STEP_SUMMARY names",
        write: github::summary,
        extension: "md",
        appends: true,
    },
    Format {
        name: "github-annotations",
        about: "lines that a GitHub workflow shows beside the code, at most ten",
        write: github::annotations,
        extension: "txt",
        appends: false,
    },
];

/// The format of this name.
pub fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// The text report in a file: without colours, whatever the terminal has.
fn plain(grade: &Grade, kit: &Kit) -> Result<String, String> {
    Ok(text::report(grade, kit).iter().map(|line| words::plain(line) + "\n").collect())
}
