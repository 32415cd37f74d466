//! netlab: real socket calls, one at a time, and what the kernel made of each.
//!
//! - `script`: lines from a file or a pipe, run one after another.
//! - `prompt`: lines that a person types at a terminal.
//! - `replay`: a lab's scenario, played at the prompt up to a step.
//! - `signals`: what Ctrl-C, and a request to end, do in either.
//!
//! All that a line does is in the library `netkit`; here it is read and shown. `main.rs` only calls [`main`],
//! and says so where there is no Linux kernel to look into.

#![cfg(target_os = "linux")]

mod prompt;
mod replay;
mod script;
mod signals;

use clap::{Parser, Subcommand};
use netkit::session::names::Naming;
use netkit::session::{self, Session};
use replay::Scene;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

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
#[command(name = "netlab", version, args_conflicts_with_subcommands = true)]
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
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Replay(replay::Replay),
}

/// The program.
pub fn main() -> ExitCode {
    if netkit::worker::is_worker() {
        return netkit::worker::serve();
    }
    let mut options = Options::parse();
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    if let Some(Command::Replay(replay)) = options.command.take() {
        (options.seed, options.no_color) = (replay.seed, replay.no_color);
        return match Scene::set(&replay) {
            _ if !terminal => {
                complain("replay shows a scenario at the prompt, and that needs a terminal");
                ExitCode::from(UNREADABLE)
            }
            Ok(scene) => prompt::run(&options, Some(&scene)),
            Err(problem) => {
                complain(&problem);
                ExitCode::from(UNREADABLE)
            }
        };
    }
    if terminal && options.script.is_none() && !options.json {
        prompt::run(&options, None)
    } else {
        script::run(&options)
    }
}

/// Starts a session, or says why there is none.
fn start(
    options: &Options,
    naming: Naming,
    adjust: impl FnOnce(session::Options) -> session::Options,
) -> Result<Session, ExitCode> {
    let worker = signals::survive_large_files().and_then(|()| this_program());
    let session = worker.and_then(|worker| {
        Session::start(adjust(session::Options {
            seed: options.seed,
            ..session::Options::new(worker, naming)
        }))
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

/// This program, to be started again. Without /proc its path is not known, but it was
/// found by what it was called.
fn this_program() -> io::Result<PathBuf> {
    std::env::current_exe().or_else(|error| std::env::args_os().next().map(PathBuf::from).ok_or(error))
}
