//! Where `file-server` starts. Given: what it does is written in `src/server.rs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    labkit::finish("file-server", file_server::server::run(arguments))
}
