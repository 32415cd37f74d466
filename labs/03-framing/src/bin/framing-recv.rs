//! Where `framing-recv` starts. Given: what it does is written in `src/recv.rs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    labkit::finish("framing-recv", framing::recv::run(arguments))
}
