//! Where `threads` starts. Given, as is what it does, in `src/program.rs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    labkit::finish("threads", threads::program::run(arguments))
}
