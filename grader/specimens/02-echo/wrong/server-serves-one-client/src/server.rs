//! `echo-server [ADDRESS]`: sends every byte back to where it came from.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener};

use labkit::Failure;

pub const USAGE: &str = "echo-server [ADDRESS]";

pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let ([], address) = labkit::server_arguments(USAGE, arguments)?;
    let listener = TcpListener::bind(address)
        .map_err(|error| Failure::new(format!("cannot listen on {address}: {error}")))?;
    announce(listener.local_addr()?)
        .map_err(|error| Failure::new(format!("cannot write to standard output: {error}")))?;
    Ok(serve(&listener)?)
}

fn announce(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "listening on {address}")?;
    out.flush()
}

fn serve(listener: &TcpListener) -> io::Result<()> {
    // Wrong: no loop.
    let (stream, client) = listener.accept()?;
    if let Err(error) = echo(&stream, &stream) {
        labkit::report("echo-server", format_args!("lost {client}: {error}"));
    }
    Ok(())
}

pub fn echo(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let mut buffer = [0; 64 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => to.write_all(&buffer[..n])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
