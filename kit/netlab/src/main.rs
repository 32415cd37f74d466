//! netlab: the prompt.
mod script;

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;

/// Real socket calls, one at a time, and what the kernel made of each.
#[derive(Debug, Parser)]
#[command(name = "netlab", version)]
pub struct Options {
    /// A script to run; without one, and with a terminal, there is a prompt
    script: Option<PathBuf>,
    /// Go on after a line that failed
    #[arg(long)]
    keep_going: bool,
    /// Write an object a line
    #[arg(long)]
    json: bool,
    /// How long a line of a script may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    limit: u64,
    /// From which nonces and random bytes are made
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    if netkit::worker::is_worker() {
        return netkit::worker::serve();
    }
    let options = Options::parse();
    script::run(&options)
}
