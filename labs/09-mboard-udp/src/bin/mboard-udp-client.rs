//! Where `mboard-udp-client` starts. Given: what it does is written in `src/client.rs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    labkit::finish("mboard-udp-client", mboard_udp::client::run(arguments))
}
