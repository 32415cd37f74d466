//! `mboard-udp-server [ADDRESS]`: a message board, one datagram a request and one a reply.
//!
//! [`run`] is the program. The server keeps nothing of its clients from one datagram to the next:
//! there is no connection, and none is needed.

use std::ffi::OsString;
use std::io::{self, Write};
use std::net::{SocketAddr, UdpSocket};
use std::time::SystemTime;

use labkit::Failure;

use crate::board::Board;

/// What `labkit::server_arguments` shows to a user who calls the program wrongly.
pub const USAGE: &str = "mboard-udp-server [ADDRESS]";

/// The whole program.
///
/// # Errors
/// A wrong command line, or an address that it cannot have. No client can make it return.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let ([], address) = labkit::server_arguments(USAGE, arguments)?;
    // There is no TIME-WAIT without connections, so SO_REUSEADDR is not needed to start again. With
    // it two servers could have one port, and only one of them would get the datagrams (socket(7)).
    let socket = UdpSocket::bind(address)
        .map_err(|error| Failure::new(format!("cannot listen on {address}: {error}")))?;
    announce(socket.local_addr()?)
        .map_err(|error| Failure::new(format!("cannot write to standard output: {error}")))?;
    serve(&socket)
}

/// Tells whoever started the server that clients may come, and where.
fn announce(address: SocketAddr) -> io::Result<()> {
    // `println!` would panic if standard output cannot be written.
    let mut out = io::stdout();
    writeln!(out, "listening on {address}")?;
    out.flush()
}

/// Answers one request after the other, for ever.
fn serve(socket: &UdpSocket) -> ! {
    let mut board = Board::default();
    // What does not fit into the buffer of recvfrom(2) is lost: it must have room for the largest.
    let mut buffer = [0; 65_536];
    loop {
        let (length, client) = match socket.recv_from(&mut buffer) {
            Ok((length, SocketAddr::V4(client))) => (length, client),
            // A socket of AF_INET has no other peers.
            Ok(_) => continue,
            // The machine is out of memory for a moment, or a signal came. No client can do this.
            Err(error) => {
                labkit::report("mboard-udp-server", format_args!("cannot receive: {error}"));
                continue;
            }
        };
        let reply = board.answer(&buffer[..length], client, SystemTime::now());
        if let Err(error) = socket.send_to(&reply, client) {
            labkit::report("mboard-udp-server", format_args!("cannot answer {client}: {error}"));
        }
    }
}
