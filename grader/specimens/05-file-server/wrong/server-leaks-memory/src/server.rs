//! `file-server ROOT [ADDRESS]`: gives away the files below the folder ROOT, one a connection.
//!
//! [`run`] is the program, [`serve`] accepts one client after the other, [`answer`] is what it does
//! for each: [`read_name`], [`open`], [`send`], [`finish`]. The server is iterative: while it serves
//! one client, the others wait in the listen queue. So nobody may keep it waiting for ever, which
//! is what [`Patience`] is for.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use labkit::Failure;

use crate::LONGEST_NAME;

/// What `labkit::server_arguments` shows to a user who calls the program wrongly.
pub const USAGE: &str = "file-server ROOT [ADDRESS]";

/// A client that makes no progress for so long is dropped.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often it is looked whether a client makes progress: a call that waits longer returns.
const LOOK: Duration = Duration::from_millis(500);

/// How long to wait after a failed accept.
const PAUSE: Duration = Duration::from_millis(100);

/// The whole program.
///
/// # Errors
/// A wrong command line, a ROOT that is no folder, or an address on which it cannot listen. No
/// client can make it return.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let ([root], address) = labkit::server_arguments(USAGE, arguments)?;
    let root =
        folder(&root).map_err(|error| Failure::new(format!("cannot serve {}: {error}", root.display())))?;
    let listener = TcpListener::bind(address)
        .map_err(|error| Failure::new(format!("cannot listen on {address}: {error}")))?;
    announce(listener.local_addr()?)
        .map_err(|error| Failure::new(format!("cannot write to standard output: {error}")))?;
    serve(&root, &listener)
}

/// The true path of a folder: absolute, without `..` and without symbolic links, so that other
/// paths can be compared with it.
fn folder(path: &OsStr) -> io::Result<PathBuf> {
    // Only a folder can be listed: for anything else this has the system's words.
    fs::read_dir(path)?;
    fs::canonicalize(path)
}

/// Tells whoever started the server that clients may come, and where.
fn announce(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "listening on {address}")?;
    out.flush()
}

/// Serves one client after the other, for ever.
fn serve(root: &Path, listener: &TcpListener) -> ! {
    loop {
        match listener.accept() {
            Ok((stream, client)) => {
                if let Err(error) = answer(root, &stream) {
                    labkit::report("file-server", format_args!("dropped {client}: {error}"));
                    // With FIN, a client in mid-reply would take a part for the whole.
                    if let Err(error) = labkit::reset(stream) {
                        labkit::report("file-server", format_args!("cannot reset {client}: {error}"));
                    }
                }
            }
            // No fault of the listener: the client has left already, or the machine is out of
            // descriptors or memory. In the latter case accept would fail again at once.
            Err(error) => {
                labkit::report("file-server", format_args!("cannot accept: {error}"));
                thread::sleep(PAUSE);
            }
        }
    }
}

/// Reads one client's request and sends the file.
///
/// # Errors
/// Whatever makes it impossible that the client gets all of the file: then the connection is to be
/// reset.
fn answer(root: &Path, stream: &TcpStream) -> io::Result<()> {
    // A blocked call returns after so long with WouldBlock; see `Patience`.
    stream.set_read_timeout(Some(LOOK))?;
    stream.set_write_timeout(Some(LOOK))?;
    let mut patience = Patience::new(stream)?;
    let name = read_name(Waiting { stream, patience: &mut patience })?;
    let file = match open(root, &name) {
        Ok(file) => file,
        // No byte and an ordinary end: this protocol has no words for what is wrong.
        Err(error) => {
            let name = labkit::printable(&name);
            labkit::report("file-server", format_args!("no file for \"{name}\": {error}"));
            return Ok(());
        }
    };
    let sent = send(&file, stream, &mut patience)?;
    std::mem::forget(vec![1_u8; sent as usize]);
    finish(stream, sent, &mut patience)
}

/// Reads a request: a name, ended by a NUL.
///
/// What comes after the NUL is read as well, if it comes with it, and ignored: there is one request
/// a connection.
///
/// # Errors
/// What reading fails with; a name that is too long, or that ends before its NUL.
pub fn read_name(mut from: impl Read) -> io::Result<Vec<u8>> {
    let bad = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, reason);
    let mut buffer = [0; LONGEST_NAME + 1];
    let mut length = 0;
    loop {
        // One read is not one request: the name may come in pieces, the NUL after all of them.
        match from.read(&mut buffer[length..]) {
            Ok(0) => return Err(bad("the request ends before its NUL")),
            Ok(n) => {
                let new = &buffer[length..length + n];
                if let Some(end) = new.iter().position(|byte| *byte == 0) {
                    return Ok(buffer[..length + end].to_vec());
                }
                length += n;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if length == buffer.len() {
            return Err(bad("the name is too long"));
        }
    }
}

/// Opens the file of this name below `root`, which is a true path (see [`folder`]).
///
/// The system follows `..` and symbolic links, so looking for dots in the name does not tell where
/// it leads. The system is asked where it leads, and then the two true paths are compared, part by
/// part: `/srv/files-private` is not below `/srv/files`, though the text begins with it.
///
/// (Someone who can change what is below `root` while the server runs could still put a link there
/// between these two steps. He could as well put the file itself there.)
///
/// # Errors
/// There is no such file, it may not be read, it is no regular file, or it is not below `root`.
pub fn open(root: &Path, name: &[u8]) -> io::Result<File> {
    let name = Path::new(OsStr::from_bytes(name));
    let refused = |reason: &str| io::Error::new(io::ErrorKind::PermissionDenied, reason);
    // `join` with an absolute path would forget `root`.
    if name.is_absolute() {
        return Err(refused("the path is absolute"));
    }
    let path = fs::canonicalize(root.join(name))?;
    if !path.starts_with(root) {
        return Err(refused("it is outside of the folder"));
    }
    // Looked at before it is opened: to open a FIFO would wait until someone writes to it.
    if !fs::metadata(&path)?.is_file() {
        return Err(refused("it is no regular file"));
    }
    File::open(path)
}

/// Sends all of `file`; how many bytes that were.
///
/// The kernel moves them (sendfile(2)): they never come into this program, and the memory it needs
/// does not depend on the file.
///
/// # Errors
/// What reading or writing fails with, and a client that makes no progress.
fn send(file: &File, stream: &TcpStream, patience: &mut Patience) -> io::Result<u64> {
    // No more than the file has now, even if someone goes on writing to it.
    let length = file.metadata()?.len();
    let mut sent = 0;
    while sent < length {
        match labkit::send_file(file, stream, length - sent) {
            // It has become shorter meanwhile.
            Ok(0) => break,
            Ok(n) => sent += n as u64,
            // Nothing fitted into the send queue for a while.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => patience.check(stream)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}

/// Ends a reply of `sent` bytes so that all of it arrives.
///
/// A close while bytes from the client are unread sends RST, which throws away what the client has
/// not got yet. So this side says that it is done, and then reads (and ignores) until the client is
/// done, too.
///
/// # Errors
/// What reading fails with, and a client that stops before it has all of the reply.
fn finish(stream: &TcpStream, sent: u64, patience: &mut Patience) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    let mut ignored = [0; 4096];
    loop {
        match (&*stream).read(&mut ignored) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            // The time of one look is up, or a signal came first.
            Err(error)
                if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(error) => return Err(error),
        }
        if let Err(error) = patience.check(stream) {
            // It has everything and only does not close: that needs no reset.
            return if labkit::acknowledged(stream)? >= sent { Ok(()) } else { Err(error) };
        }
    }
}

/// Watches whether a client makes progress.
///
/// A limit on a single call does not tell: when the send queue is full, the system wakes the writer
/// only when a third of it is free again, and with a queue of some megabytes and a slow reader that
/// takes far longer than any patience, though bytes arrive all the time. So what is watched is how
/// many bytes the client's system has accepted.
#[derive(Debug)]
struct Patience {
    acknowledged: u64,
    since: Instant,
}

impl Patience {
    fn new(stream: &TcpStream) -> io::Result<Self> {
        Ok(Self { acknowledged: labkit::acknowledged(stream)?, since: Instant::now() })
    }

    /// The client has sent something.
    fn heard(&mut self) {
        self.since = Instant::now();
    }

    /// Fails if the client has made no progress for too long.
    fn check(&mut self, stream: &TcpStream) -> io::Result<()> {
        let acknowledged = labkit::acknowledged(stream)?;
        if acknowledged != self.acknowledged {
            *self = Self { acknowledged, since: Instant::now() };
        }
        if self.since.elapsed() < PATIENCE {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "it makes no progress"))
    }
}

/// Reads from a client for as long as there is patience with it.
struct Waiting<'a> {
    stream: &'a TcpStream,
    patience: &'a mut Patience,
}

impl Read for Waiting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.stream.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.patience.check(self.stream)?;
                }
                result => {
                    self.patience.heard();
                    return result;
                }
            }
        }
    }
}

