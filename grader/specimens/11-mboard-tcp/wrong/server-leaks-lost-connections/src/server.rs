//! `mboard-tcp-server [ADDRESS]`: a message board, one request a connection.

use std::ffi::OsString;
use std::io::{self, BufWriter, Read, Write};
use std::net::{Shutdown, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use labkit::Failure;

use crate::LARGEST_REQUEST;
use crate::board::{BAD_FORMAT, Board};

pub const USAGE: &str = "mboard-tcp-server [ADDRESS]";

const WORKERS: usize = 64;

const PATIENCE: Duration = Duration::from_secs(5);

const DISCARDED: u64 = 1 << 30;

const PAUSE: Duration = Duration::from_millis(100);

pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let ([], address) = labkit::server_arguments(USAGE, arguments)?;
    let listener = TcpListener::bind(address)
        .map_err(|error| Failure::new(format!("cannot listen on {address}: {error}")))?;
    announce(listener.local_addr()?)
        .map_err(|error| Failure::new(format!("cannot write to standard output: {error}")))?;
    let board = Mutex::new(Board::default());
    thread::scope(|scope| {
        for _ in 1..WORKERS {
            let worker = thread::Builder::new().spawn_scoped(scope, || work(&listener, &board));
            if let Err(error) = worker {
                labkit::report("mboard-tcp-server", format_args!("cannot start another thread: {error}"));
                break;
            }
        }
        work(&listener, &board)
    })
}

fn announce(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "listening on {address}")?;
    out.flush()
}

fn work(listener: &TcpListener, board: &Mutex<Board>) -> ! {
    loop {
        match listener.accept() {
            Ok((stream, SocketAddr::V4(client))) => {
                if let Err(error) = serve(&stream, client, board) {
                    labkit::report("mboard-tcp-server", format_args!("dropped {client}: {error}"));
                    std::mem::forget(stream);
                }
            }
            Ok(_) => {}
            Err(error) => {
                labkit::report("mboard-tcp-server", format_args!("cannot accept: {error}"));
                thread::sleep(PAUSE);
            }
        }
    }
}

fn serve(stream: &TcpStream, client: SocketAddrV4, board: &Mutex<Board>) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut request = Vec::new();
    stream.take(LARGEST_REQUEST as u64 + 1).read_to_end(&mut request)?;
    if request.len() > LARGEST_REQUEST {
        return refuse(stream);
    }
    let reply = {
        let mut board = board.lock().unwrap_or_else(PoisonError::into_inner);
        board.answer(&request, client, SystemTime::now())
    };
    reply.write_to(BufWriter::new(stream))
}

fn refuse(mut stream: &TcpStream) -> io::Result<()> {
    stream.write_all(BAD_FORMAT)?;
    stream.shutdown(Shutdown::Write)?;
    io::copy(&mut stream.take(DISCARDED), &mut io::sink())?;
    Ok(())
}
