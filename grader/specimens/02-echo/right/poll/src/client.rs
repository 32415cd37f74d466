//! `echo-client ADDRESS MESSAGE`: sends MESSAGE to an echo server and writes what comes back.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsRawFd;

use labkit::Failure;

use crate::server::{POLLIN, POLLOUT, PollFd, later, wait};

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

/// Sends when there is room and receives when there is something, until both directions have ended.
fn exchange(mut stream: &TcpStream, message: &[u8], mut out: impl Write) -> io::Result<()> {
    stream.set_nonblocking(true)?;
    let mut unsent = message;
    let mut buffer = vec![0; 64 * 1024];
    let (mut sending, mut receiving) = (true, true);
    while sending || receiving {
        if sending && unsent.is_empty() {
            stream.shutdown(Shutdown::Write)?;
            sending = false;
            continue;
        }
        let output = if sending { POLLOUT } else { 0 };
        let input = if receiving { POLLIN } else { 0 };
        wait(&mut [PollFd::new(stream.as_raw_fd(), input | output)], -1)?;
        if receiving {
            match stream.read(&mut buffer) {
                Ok(0) => receiving = false,
                other => {
                    out.write_all(&buffer[..later(other)?])?;
                    out.flush()?;
                }
            }
        }
        if sending {
            unsent = &unsent[later(stream.write(unsent))?..];
        }
    }
    Ok(())
}
