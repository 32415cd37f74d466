//! Clients that make no progress for 5 s are dropped; clients that are only slow are not.
//!
//! Each kind has a server of its own, and all of them wait at the same time: so this takes as long
//! as the slowest, however the servers are built.

use super::talk::{self, End, HELLO, LIMIT};
use crate::checks::stand::{Stand, Stop, failed, trouble};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::fs;
use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};

/// More than all queues between two programs can hold.
const BIG: usize = 16 << 20;

/// The slow reader takes so much at a time, four times a second.
const SIP: usize = 16 << 10;
const SIPS: usize = 4 * 11;
const BETWEEN: Duration = Duration::from_millis(250);

/// The slow asker waits so long before each piece. Should the machine make more than the second of
/// it, nothing can be said about the server.
const PAUSE: Duration = Duration::from_secs(3);
const PAUSE_AT_MOST: Duration = Duration::from_millis(4500);

/// What the servers have.
struct Files {
    hello: Vec<u8>,
    big: Vec<u8>,
}

/// A kind of client: what it does, what has to come of it, and its code.
struct Kind {
    name: &'static str,
    does: &'static str,
    gets: &'static str,
    run: fn(SocketAddr, &Files) -> Result<(), Stop>,
}

const KINDS: &[Kind] = &[
    Kind {
        name: "silent",
        does: "a client connects and says nothing, another waits behind it",
        gets: "the first is dropped, the other gets its file",
        run: |address, files| stops_asking(address, b"", files),
    },
    Kind {
        name: "half",
        does: "a client sends half of a name and stops, another waits behind it",
        gets: "the first is dropped, the other gets its file",
        run: |address, files| stops_asking(address, b"hel", files),
    },
    Kind {
        name: "deaf",
        does: "a client asks for 16 MiB and never reads, another waits behind it",
        gets: "the first is dropped with RST, the other gets its file",
        run: never_reads,
    },
    Kind {
        name: "asker",
        does: "a client sends a name in four pieces, 3 s apart",
        gets: "it gets its file",
        run: asks_slowly,
    },
    Kind {
        name: "reader",
        does: "a client asks for 16 MiB and reads 64 KiB a second for 11 s, then the rest",
        gets: "it gets all of them",
        run: reads_slowly,
    },
];

/// The check.
pub fn run(stand: &mut Stand) -> Result<(), Stop> {
    let (root, hello) = talk::furnish(stand)?;
    let files = Files { hello, big: stand.random(0, BIG) };
    fs::write(root.join("big"), &files.big).map_err(trouble("making a file"))?;
    let mut addresses = Vec::new();
    for kind in KINDS {
        let command = "file-server root 127.0.0.1:0";
        addresses.push(stand.serve(kind.name, command)?);
    }
    let results: Vec<Result<(), Stop>> = thread::scope(|scope| {
        let start = |(kind, address): (&Kind, SocketAddr)| {
            let (run, files) = (kind.run, &files);
            scope.spawn(move || run(address, files))
        };
        let running: Vec<_> = KINDS.iter().zip(addresses).map(start).collect();
        let panicked = |_| Err(Stop::Trouble("a client of the check panicked".into()));
        running.into_iter().map(|client| client.join().unwrap_or_else(panicked)).collect()
    });
    for (kind, result) in KINDS.iter().zip(results) {
        stand.step(kind.does);
        stand.about(kind.name);
        result?;
        stand.note(kind.gets);
    }
    Ok(())
}

/// Asks for the small file behind another client; it has to come in the end.
fn waits_behind(address: SocketAddr, files: &Files) -> Result<(), Stop> {
    let reply = talk::ask(address, HELLO.as_bytes())?;
    if reply.end == End::None {
        let expected = "the first client is dropped after 5 s, and the next one is served";
        return Err(failed(expected, format!("the next client gets {}", reply.words())));
    }
    talk::is_hello(&reply, &files.hello)
}

fn stops_asking(address: SocketAddr, request: &[u8], files: &Files) -> Result<(), Stop> {
    let stream = talk::connect(address)?;
    talk::send(&stream, request);
    // A server that serves several at once has no reason to let the second one wait.
    waits_behind(address, files)?;
    talk::is_nothing(&talk::read(&stream))
}

fn never_reads(address: SocketAddr, files: &Files) -> Result<(), Stop> {
    let stream = talk::connect(address)?;
    talk::send(&stream, b"big\0");
    waits_behind(address, files)?;
    if is_reset(&stream)? {
        return Ok(());
    }
    let reply = talk::read(&stream);
    let end = match reply.end {
        End::Fin => "an end, as if that were all",
        End::Rst => "RST, but only because it began to read",
        End::None => "nothing",
    };
    let actual = format!(
        "no RST within {} s; when it reads then, it gets {} of {BIG} bytes and {end}",
        LIMIT.as_secs(),
        reply.bytes.len()
    );
    Err(failed("the connection is reset, since part of the file is no file", actual))
}

/// Waits until a connection that nobody reads from is reset; `false` at the limit.
fn is_reset(stream: &TcpStream) -> Result<bool, Stop> {
    let deadline = Instant::now() + LIMIT;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).map_err(trouble("waiting"))?;
        // Without events asked for, poll tells of errors and of the end of both directions only.
        let mut fds = [PollFd::new(stream.as_fd(), PollFlags::empty())];
        match poll(&mut fds, timeout) {
            Ok(0) => return Ok(false),
            Ok(_) => {
                let error = stream.take_error().map_err(trouble("asking for the connection's error"))?;
                return Ok(error.is_some_and(|error| error.kind() == io::ErrorKind::ConnectionReset));
            }
            Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(trouble("waiting for a reset")(error)),
        }
    }
}

fn asks_slowly(address: SocketAddr, files: &Files) -> Result<(), Stop> {
    let stream = talk::connect(address)?;
    let mut last = Instant::now();
    for piece in ["he", "llo", ".txt", "\0"] {
        thread::sleep(PAUSE);
        talk::send(&stream, piece.as_bytes());
        if last.elapsed() > PAUSE_AT_MOST {
            return Err(Stop::Trouble(format!("a pause of 3 s took {:.1} s", last.elapsed().as_secs_f64())));
        }
        last = Instant::now();
    }
    talk::is_hello(&talk::read(&stream), &files.hello)
}

fn reads_slowly(address: SocketAddr, files: &Files) -> Result<(), Stop> {
    let mut stream = talk::connect(address)?;
    talk::send(&stream, b"big\0");
    let mut bytes = vec![0; SIP * SIPS];
    let mut read = 0;
    let mut last = Instant::now();
    while read < bytes.len() {
        let end = bytes.len().min(read + SIP);
        match stream.read(&mut bytes[read..end]) {
            Ok(0) => return Err(dropped(read, "an end")),
            Ok(n) => read += n,
            Err(error) => return Err(dropped(read, &error.to_string())),
        }
        thread::sleep(BETWEEN);
        if last.elapsed() > PAUSE_AT_MOST {
            return Err(Stop::Trouble("reading slowly was too slow".into()));
        }
        last = Instant::now();
    }
    let rest = talk::read(&stream);
    bytes.extend(&rest.bytes);
    if let Some(words) = differs(&bytes, &files.big) {
        return Err(failed(format!("the {BIG} bytes of the file, one after the other"), words));
    }
    match (bytes.len() == BIG, rest.end) {
        (true, End::Fin) => Ok(()),
        (_, End::Fin) => Err(dropped(bytes.len(), "an end")),
        (_, End::Rst) => Err(dropped(bytes.len(), "RST")),
        (_, End::None) => Err(dropped(bytes.len(), "nothing more")),
    }
}

/// Where what came is not the beginning of the file; which part of it is missing, if what comes behind is
/// found.
fn differs(came: &[u8], file: &[u8]) -> Option<String> {
    /// So many bytes of random data stand nowhere twice.
    const ENOUGH: usize = 32;
    let place = came.iter().zip(file).position(|(one, other)| one != other);
    let place = place.or((came.len() > file.len()).then_some(file.len()))?;
    let next = &came[place..came.len().min(place + ENOUGH)];
    let missing = file[place..].windows(ENOUGH).position(|window| window == next);
    Some(match missing {
        Some(missing) => format!(
            "the first {place} bytes are right; then {missing} bytes are left out, and the file goes on behind them"
        ),
        None => format!("the first {place} bytes are right; then other bytes come"),
    })
}

fn dropped(after: usize, what: &str) -> Stop {
    let expected = format!("all {BIG} bytes, then FIN: bytes arrive all the time, if slowly");
    failed(expected, format!("{after} bytes, then {what}"))
}
