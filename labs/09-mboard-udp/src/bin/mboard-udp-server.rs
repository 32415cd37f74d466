//! Where `mboard-udp-server` starts. Given: what it does is written in `src/server.rs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    labkit::finish("mboard-udp-server", mboard_udp::server::run(arguments))
}
