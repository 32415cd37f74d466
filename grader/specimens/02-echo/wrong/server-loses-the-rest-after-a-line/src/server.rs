//! `echo-server [ADDRESS]`: sends every byte back to where it came from.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use labkit::Failure;

pub const USAGE: &str = "echo-server [ADDRESS]";

const PAUSE: Duration = Duration::from_millis(100);

pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let ([], address) = labkit::server_arguments(USAGE, arguments)?;
    let listener = TcpListener::bind(address)
        .map_err(|error| Failure::new(format!("cannot listen on {address}: {error}")))?;
    announce(listener.local_addr()?)
        .map_err(|error| Failure::new(format!("cannot write to standard output: {error}")))?;
    serve(&listener)
}

fn announce(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "listening on {address}")?;
    out.flush()
}

fn serve(listener: &TcpListener) -> ! {
    loop {
        match listener.accept() {
            Ok((stream, client)) => {
                if let Err(error) = echo(&stream, &stream) {
                    labkit::report("echo-server", format_args!("lost {client}: {error}"));
                }
            }
            Err(error) => {
                labkit::report("echo-server", format_args!("cannot accept: {error}"));
                thread::sleep(PAUSE);
            }
        }
    }
}

pub fn echo(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    loop {
        let mut reader = BufReader::new(&mut from);
        let there = reader.fill_buf()?;
        if there.is_empty() {
            return Ok(());
        }
        let end = there.iter().position(|byte| *byte == b'\n').map_or(there.len(), |place| place + 1);
        // Wrong: the reader may hold more than this line, and ends here.
        to.write_all(&there[..end])?;
    }
}
