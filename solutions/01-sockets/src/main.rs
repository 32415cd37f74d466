//! Where `sockets` starts. Given: what it does is written in `src/sockets.rs`.

use std::env;
use std::io;
use std::process::ExitCode;

use labkit::Failure;
use sockets::request;

fn main() -> ExitCode {
    labkit::finish("sockets", run())
}

fn run() -> Result<(), Failure> {
    let request = request::read(env::args_os().skip(1))?;
    sockets::sockets::run(&request, io::stdin().lock(), io::stdout().lock())
}
