//! `echo-client ADDRESS MESSAGE`: sends MESSAGE to an echo server and writes what comes back.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::panic;
use std::thread;

use labkit::Failure;

pub const USAGE: &str = "echo-client ADDRESS MESSAGE";

pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let (address, [message]) = labkit::client_arguments(USAGE, arguments)?;
    let message = labkit::message(message)
        .map_err(|error| Failure::new(format!("cannot read standard input: {error}")))?;
    let stream = TcpStream::connect(address)
        .map_err(|error| Failure::new(format!("cannot connect to {address}: {error}")))?;
    exchange(&stream, &message, io::stdout().lock())
        .map_err(|error| Failure::new(format!("talking to {address}: {error}")))
}

fn exchange(stream: &TcpStream, message: &[u8], out: impl Write) -> io::Result<()> {
    thread::scope(|scope| {
        let sender = thread::Builder::new().spawn_scoped(scope, || send(stream, message))?;
        let received = receive(stream, out);
        if received.is_err() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let sent = sender
            .join()
            .unwrap_or_else(|panicked| panic::resume_unwind(panicked));
        received.and(sent)
    })
}

fn send(mut stream: &TcpStream, message: &[u8]) -> io::Result<()> {
    stream.write_all(message)?;
    stream.shutdown(Shutdown::Write)
}

pub fn receive(mut from: impl Read, mut out: impl Write) -> io::Result<()> {
    let mut buffer = [0; 64 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => {
                // Wrong: {:?} is for looking at values, not for passing them on.
                write!(out, "{:?}", String::from_utf8_lossy(&buffer[..n]))
                    .and_then(|()| out.flush())
                    .map_err(|error| {
                        io::Error::new(error.kind(), format!("cannot write the reply: {error}"))
                    })?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
