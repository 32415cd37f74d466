//! A thread a client; the file goes through a buffer of its own.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
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

pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let (root, listener) = listen(arguments)?;
    let root: Arc<Path> = root.into();
    loop {
        let Ok((stream, _)) = listener.accept() else {
            thread::sleep(Duration::from_millis(50));
            continue;
        };
        let root = Arc::clone(&root);
        let started = thread::Builder::new().spawn(move || {
            if let Err(error) = answer(&root, &stream) {
                labkit::report("file-server", error);
                let _ = labkit::reset(stream);
            }
        });
        if let Err(error) = started {
            labkit::report("file-server", error);
        }
    }
}

fn answer(root: &Path, stream: &TcpStream) -> io::Result<()> {
    // Each read of the name has this limit: whoever sends something within it makes progress.
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(Duration::from_secs(1)))?;
    let mut name = Vec::new();
    BufReader::with_capacity(256, stream).take(256).read_until(0, &mut name)?;
    if name.pop() != Some(0) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let Ok(mut file) = open(root, &name) else { return Ok(()) };
    let mut buffer = vec![0; 128 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            n => write_all(stream, &buffer[..n])?,
        }
    }
    stream.shutdown(Shutdown::Write)?;
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end && (&*stream).read(&mut buffer).is_ok_and(|n| n > 0) {}
    Ok(())
}

/// Writes all of it for as long as bytes arrive.
fn write_all(mut stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    let (mut arrived, mut since) = (labkit::acknowledged(stream)?, Instant::now());
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(n) => bytes = &bytes[n..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let now = labkit::acknowledged(stream)?;
                if now != arrived {
                    (arrived, since) = (now, Instant::now());
                } else if since.elapsed() >= PATIENCE {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
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
