//! `mboard-tcp-server [ADDRESS]`: a message board, one request a connection.
//!
//! [`run`] is the program. Some threads wait in accept, all on the same listening socket: the kernel
//! gives each connection to one of them, which [`serve`]s it and waits for the next one. So a slow
//! client holds up one of them and not the others, and nobody can make the server start more threads
//! or hold more requests than there are workers. Nobody keeps one of them for ever, either: all that
//! is read and written goes through [`Client`], which gives up those that make no progress.

use std::ffi::OsString;
use std::io::{self, BufWriter, Read, Write};
use std::net::{Shutdown, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use labkit::Failure;

use crate::LARGEST_REQUEST;
use crate::board::{BAD_FORMAT, Board};

/// What `labkit::server_arguments` shows to a user who calls the program wrongly.
pub const USAGE: &str = "mboard-tcp-server [ADDRESS]";

/// So many clients are served at a time. The others wait in the listen queue.
const WORKERS: usize = 64;

/// A client that makes no progress for so long is dropped.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often it is looked whether a client makes progress: a call that waits longer returns.
const LOOK: Duration = Duration::from_millis(500);

/// How much of a request that is too long is read and thrown away: as much as anyone will send who
/// means no harm.
const DISCARDED: u64 = 1 << 30;

/// How long to wait after a failed accept.
const PAUSE: Duration = Duration::from_millis(100);

/// The whole program.
///
/// # Errors
/// A wrong command line, or an address on which it cannot listen. No client can make it return.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let ([], address) = labkit::server_arguments(USAGE, arguments)?;
    // The standard library sets SO_REUSEADDR, which lets a server be started again while connections
    // of the last one are still in TIME-WAIT (socket(7)).
    let listener = TcpListener::bind(address)
        .map_err(|error| Failure::new(format!("cannot listen on {address}: {error}")))?;
    announce(listener.local_addr()?)
        .map_err(|error| Failure::new(format!("cannot write to standard output: {error}")))?;
    let board = Mutex::new(Board::default());
    thread::scope(|scope| {
        for _ in 1..WORKERS {
            let worker = thread::Builder::new().spawn_scoped(scope, || work(&listener, &board));
            if let Err(error) = worker {
                // With fewer it works as well.
                labkit::report("mboard-tcp-server", format_args!("cannot start another thread: {error}"));
                break;
            }
        }
        work(&listener, &board)
    })
}

/// Tells whoever started the server that clients may come, and where.
fn announce(address: SocketAddr) -> io::Result<()> {
    // `println!` would panic if standard output cannot be written.
    let mut out = io::stdout();
    writeln!(out, "listening on {address}")?;
    out.flush()
}

/// Serves one client after the other, for ever.
fn work(listener: &TcpListener, board: &Mutex<Board>) -> ! {
    loop {
        match listener.accept() {
            Ok((stream, SocketAddr::V4(client))) => {
                // A reset, a client that is gone, one that took too long: all of it ends this
                // connection and nothing else. (Writing to a closed connection also raises SIGPIPE,
                // which Rust's runtime ignores.)
                if let Err(error) = serve(&stream, client, board) {
                    labkit::report("mboard-tcp-server", format_args!("dropped {client}: {error}"));
                    // With FIN, a client in mid-reply could take a part for the whole.
                    if let Err(error) = labkit::reset(stream) {
                        let name = "mboard-tcp-server";
                        labkit::report(name, format_args!("cannot reset {client}: {error}"));
                    }
                }
            }
            // A socket of AF_INET has no other peers.
            Ok(_) => {}
            // The client has left already (ECONNABORTED), or the machine is out of descriptors or
            // memory. Then accept would fail again at once: without a pause this loop would use up a
            // processor.
            Err(error) => {
                labkit::report("mboard-tcp-server", format_args!("cannot accept: {error}"));
                thread::sleep(PAUSE);
            }
        }
    }
}

/// One connection: reads the request up to its end, and answers it.
fn serve(stream: &TcpStream, client: SocketAddrV4, board: &Mutex<Board>) -> io::Result<()> {
    let mut connection = Client::new(stream)?;
    let Some(request) = read_request(&mut connection)? else { return refuse(connection) };
    // The board is locked for as long as it takes to find the answer, and not while it is sent.
    let reply = {
        let mut board = board.lock().unwrap_or_else(PoisonError::into_inner);
        board.answer(&request, client, SystemTime::now())
    };
    reply.write_to(BufWriter::new(connection))
}

/// Reads a request up to the end of the client's side; `None` when it is longer than
/// [`LARGEST_REQUEST`].
///
/// # Errors
/// What reading fails with, such as a reset. That is not an end: what had come before is no request.
pub fn read_request(from: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut request = Vec::new();
    // One byte more than may come tells that there is too much.
    from.take(LARGEST_REQUEST as u64 + 1).read_to_end(&mut request)?;
    Ok((request.len() <= LARGEST_REQUEST).then_some(request))
}

/// Answers a request that is too long, of which a part was not read.
///
/// Closing a socket with unread bytes sends a reset. A client that is still sending meets it there,
/// and may never get to read the answer; and many systems throw away what has arrived but was not
/// read when a reset comes (RFC 9293, 3.10.7.4). So the answer is sent, then this side ended, and what
/// the client still sends is read first.
fn refuse(mut connection: Client) -> io::Result<()> {
    connection.write_all(BAD_FORMAT)?;
    connection.stream.shutdown(Shutdown::Write)?;
    io::copy(&mut connection.take(DISCARDED), &mut io::sink())?;
    Ok(())
}

/// A connection to a client, given up when the client makes no progress.
///
/// A limit on a single call does not tell whether it does. When the send queue is full, the system
/// wakes the writer only when a third of it is free again, and with a queue of some megabytes and a
/// slow reader that takes far longer than any patience, though bytes arrive all the time; a call that
/// got some bytes into the queue returns without an error, however long it took. So the calls return
/// often, and what is watched is how many bytes came and how many the client's system has accepted.
#[derive(Debug)]
struct Client<'a> {
    stream: &'a TcpStream,
    acknowledged: u64,
    /// When it made progress last.
    since: Instant,
}

impl<'a> Client<'a> {
    fn new(stream: &'a TcpStream) -> io::Result<Self> {
        // A call that waits longer returns with WouldBlock (SO_RCVTIMEO and SO_SNDTIMEO in socket(7)).
        stream.set_read_timeout(Some(LOOK))?;
        stream.set_write_timeout(Some(LOOK))?;
        Ok(Self { stream, acknowledged: labkit::acknowledged(stream)?, since: Instant::now() })
    }

    /// Fails if there was no progress for too long.
    fn look(&mut self) -> io::Result<()> {
        let acknowledged = labkit::acknowledged(self.stream)?;
        if acknowledged != self.acknowledged {
            (self.acknowledged, self.since) = (acknowledged, Instant::now());
        }
        if self.since.elapsed() < PATIENCE {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "it makes no progress"))
    }
}

impl Read for Client<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.stream.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.look()?,
                result => {
                    self.since = Instant::now();
                    return result;
                }
            }
        }
    }
}

impl Write for Client<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.stream.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.look()?,
                result => return result,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
