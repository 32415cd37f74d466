//! netlab: real socket calls, one at a time, and what the kernel made of each.
//!
//! - `script`: lines from a file or a pipe, run one after another.
//! - `prompt`: lines that a person types at a terminal.
//! - `signals`: what Ctrl-C, and a request to end, do in either.
//!
//! All that a line does is in the library `netkit`; here it is read and shown. `main.rs` only calls [`main`],
//! and says so where there is no Linux kernel to look into.

#![cfg(target_os = "linux")]

mod prompt;
mod script;
mod signals;

use clap::Parser;
use netkit::session::names::Naming;
use netkit::session::programs::Surroundings;
use netkit::session::{self, JobNewsTime, OnBlocked, OnLines, Session};
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// The exit code when a line has failed.
const LINE_FAILED: u8 = 1;
/// The exit code when the script cannot be read; clap's for a wrong command line.
const UNREADABLE: u8 = 2;
/// The exit code when netlab itself cannot work.
const CANNOT_WORK: u8 = 3;

/// Real socket calls, one at a time, and what the kernel made of each.
///
/// At a terminal there is a prompt. With a file, or with piped input, netlab runs a script: it
/// echoes every line, with what came of it under it, and ends at the first line that fails, with
/// exit code 1.
#[derive(Debug, Parser)]
#[command(name = "netlab", version)]
struct Options {
    /// A script to run
    script: Option<PathBuf>,
    /// In a script, go on after a line that failed; exit 1 at the end
    #[arg(long)]
    keep_going: bool,
    /// Run as a script, and write a JSON object for every line
    #[arg(long)]
    json: bool,
    /// How long a line of a script may take
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// From which number nonces and random bytes are made
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// No colours at the prompt; setting NO_COLOR does the same
    #[arg(long)]
    no_color: bool,
}

/// The program.
pub fn main() -> ExitCode {
    if netkit::worker::is_worker() {
        return netkit::worker::serve();
    }
    let options = Options::parse();
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    if terminal && options.script.is_none() && !options.json {
        prompt::run(&options)
    } else {
        script::run(&options)
    }
}

/// What differs between the sessions of a script and of a prompt.
struct Setup {
    naming: Naming,
    limit: Option<Duration>,
    on_blocked: OnBlocked,
    on_lines: Option<OnLines>,
    on_news: Box<dyn Fn() + Send + Sync>,
}

/// Starts a session, or says why there is none.
fn start(options: &Options, setup: Setup) -> Result<Session, ExitCode> {
    let worker = signals::survive_large_files().and_then(|()| std::env::current_exe());
    let session = worker.and_then(|worker| {
        Session::start(session::Options {
            worker,
            naming: setup.naming,
            seed: options.seed,
            limit: setup.limit,
            settle: true,
            programs: Default::default(),
            surroundings: Surroundings::default(),
            job_news: JobNewsTime::AtOnce,
            on_blocked: setup.on_blocked,
            on_lines: setup.on_lines,
            on_news: setup.on_news,
        })
    });
    session.map_err(|error| {
        complain(&format!("cannot start the worker, the process that makes the calls: {error}"));
        ExitCode::from(CANNOT_WORK)
    })
}

/// Says something on standard error. Where that is closed, nobody listens.
fn complain(what: &str) {
    let _ = writeln!(io::stderr(), "netlab: {what}");
}
