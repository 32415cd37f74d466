//! One client after the other, with calls that have no time limit. A second thread watches whether
//! the client makes progress, and ends the connection under the first one's hands if it does not.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use labkit::Failure;

pub const USAGE: &str = "file-server ROOT [ADDRESS]";
const PATIENCE: Duration = Duration::from_secs(5);

fn listen(arguments: impl Iterator<Item = OsString>) -> Result<(PathBuf, TcpListener), Failure> {
    let ([root], address) = labkit::server_arguments(USAGE, arguments)?;
    fs::read_dir(&root)?;
    let listener = TcpListener::bind(address)?;
    let mut out = io::stdout();
    writeln!(out, "listening on {}", listener.local_addr()?)?;
    out.flush()?;
    Ok((fs::canonicalize(root)?, listener))
}

/// The connection that is served.
struct Watched {
    stream: TcpStream,
    arrived: u64,
    since: Instant,
    stopped: bool,
}

type Watch = Arc<Mutex<Option<Watched>>>;

fn lock(watch: &Watch) -> MutexGuard<'_, Option<Watched>> {
    watch.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let (root, listener) = listen(arguments)?;
    let watch = Watch::default();
    let other = Arc::clone(&watch);
    thread::Builder::new().spawn(move || {
        loop {
            thread::sleep(Duration::from_millis(250));
            look(&other);
        }
    })?;
    loop {
        let Ok((stream, _)) = listener.accept() else {
            thread::sleep(Duration::from_millis(50));
            continue;
        };
        let Ok(again) = stream.try_clone() else { continue };
        *lock(&watch) = Some(Watched { stream: again, arrived: 0, since: Instant::now(), stopped: false });
        let answered = answer(&root, &stream, &watch);
        let watched = lock(&watch).take();
        if answered.is_err() || watched.is_some_and(|watched| watched.stopped) {
            let _ = labkit::reset(stream);
        }
    }
}

fn look(watch: &Watch) {
    let mut watch = lock(watch);
    let Some(watched) = watch.as_mut() else { return };
    let arrived = labkit::acknowledged(&watched.stream).unwrap_or(watched.arrived);
    if arrived != watched.arrived {
        (watched.arrived, watched.since) = (arrived, Instant::now());
    } else if watched.since.elapsed() >= PATIENCE && !watched.stopped {
        watched.stopped = true;
        // Wakes whoever waits in read or write.
        let _ = watched.stream.shutdown(Shutdown::Both);
    }
}

fn answer(root: &Path, mut stream: &TcpStream, watch: &Watch) -> io::Result<()> {
    let mut name = Vec::new();
    let mut byte = [0];
    loop {
        // A byte at a time: nothing behind the NUL is taken out of the receive queue yet.
        stream.read_exact(&mut byte)?;
        if let Some(watched) = lock(watch).as_mut() {
            watched.since = Instant::now();
        }
        match byte[0] {
            0 => break,
            _ if name.len() == 255 => return Err(io::ErrorKind::InvalidData.into()),
            byte => name.push(byte),
        }
    }
    let Ok(mut file) = open(root, &name) else { return Ok(()) };
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            n => stream.write_all(&buffer[..n])?,
        }
    }
    stream.shutdown(Shutdown::Write)?;
    while stream.read(&mut buffer)? > 0 {}
    Ok(())
}

fn open(root: &Path, name: &[u8]) -> io::Result<File> {
    let name = Path::new(OsStr::from_bytes(name));
    let path = root.join(name).canonicalize()?;
    let inside = name.is_relative() && path.ancestors().any(|folder| folder == root);
    if !inside || !fs::metadata(&path)?.is_file() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    File::open(path)
}
