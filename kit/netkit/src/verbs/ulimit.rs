//! `ulimit`: how much memory programs may have.

use super::{Arguments, Group, Kind, Run, Verb, needed};
use crate::language::values;
use crate::outcome::{Failure, Report};
use crate::session::Session;
use serde_json::json;

/// The row of `ulimit`.
pub(super) static VERB: Verb = Verb {
    name: "ulimit",
    group: Group::Programs,
    arguments: &[needed("SIZE", Kind::Limit)],
    summary: "Limits the memory of the programs that are started from now on.",
    details: "`ulimit 64M` lets each of their processes have 64 MiB for its data (RLIMIT_DATA of getrlimit(2), \
              `ulimit -d` in a shell). Where a program asks for more, the kernel refuses (ENOMEM): this is how to \
              see whether one that gets a lot of data holds all of it. `ulimit unlimited` takes the limit away.",
    example: &["ulimit 64M", "p = start cat", "stop p", "ulimit unlimited"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let bytes = arguments.word(0).is_none().then(|| arguments.number(0)).flatten();
    session.limit_data(bytes);
    let line = match bytes {
        Some(bytes) => format!("programs may have {} for their data", values::show_size(bytes)),
        None => "programs may have as much as the session".to_owned(),
    };
    Ok(Report { lines: vec![line], facts: json!({ "bytes": bytes }) })
}
