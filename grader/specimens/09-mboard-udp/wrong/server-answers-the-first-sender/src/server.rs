//! `mboard-udp-server [ADDRESS]`: a message board, one datagram a request and one a reply.

use std::ffi::OsString;
use std::io::{self, Write};
use std::net::{SocketAddr, UdpSocket};
use std::time::SystemTime;

use labkit::Failure;

use crate::board::Board;

pub const USAGE: &str = "mboard-udp-server [ADDRESS]";

pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let ([], address) = labkit::server_arguments(USAGE, arguments)?;
    let socket = UdpSocket::bind(address)
        .map_err(|error| Failure::new(format!("cannot listen on {address}: {error}")))?;
    announce(socket.local_addr()?)
        .map_err(|error| Failure::new(format!("cannot write to standard output: {error}")))?;
    serve(&socket)
}

fn announce(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "listening on {address}")?;
    out.flush()
}

fn serve(socket: &UdpSocket) -> ! {
    let mut board = Board::default();
    let mut first = None;
    let mut buffer = [0; 65_536];
    loop {
        let (length, client) = match socket.recv_from(&mut buffer) {
            Ok((length, SocketAddr::V4(client))) => (length, client),
            Ok(_) => continue,
            Err(error) => {
                labkit::report("mboard-udp-server", format_args!("cannot receive: {error}"));
                continue;
            }
        };
        let reply = board.answer(&buffer[..length], client, SystemTime::now());
        if let Err(error) = socket.send_to(&reply, *first.get_or_insert(client)) {
            labkit::report("mboard-udp-server", format_args!("cannot answer {client}: {error}"));
        }
    }
}
