//! Where `framing-send` starts. Given: what it does is written in `src/send.rs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    labkit::finish("framing-send", framing::send::run(arguments))
}
