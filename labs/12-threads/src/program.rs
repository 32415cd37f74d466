//! `threads hello N | count T K | fetch ADDRESS NAME... | daemon MS`. Given.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use labkit::Failure;
use labkit::sync::Arc;

use crate::threads;

/// What is shown to a user who calls the program wrongly.
pub const USAGE: &str = "threads hello N | count T K | fetch ADDRESS NAME... | daemon MS";

/// The whole program.
///
/// # Errors
/// A wrong command line, or what the chosen part fails with.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let all: Vec<OsString> = arguments.collect();
    let words: Vec<&str> = all.iter().map(|word| word.to_str().unwrap_or_default()).collect();
    match words[..] {
        ["hello", n] => {
            let count = number(n, 1000)?;
            threads::hello(count as usize, Arc::new(|line: &str| print(line)))?;
            print(&format!("joined {count}"));
            Ok(())
        }
        ["count", t, k] => {
            print(&threads::count(number(t, 1000)? as usize, number(k, 1_000_000_000)?).to_string());
            Ok(())
        }
        ["fetch", address, _, ..] => {
            let address = address.parse().map_err(|_| usage(&format!("`{address}` is not IP:PORT")))?;
            fetch(address, &all[2..])
        }
        ["daemon", ms] => {
            let period = Duration::from_millis(number(ms, 1_000_000)?);
            // The first tick comes after `started`, however the two threads are scheduled.
            let (begin, begun) = std::sync::mpsc::channel();
            threads::daemon(move || {
                if begun.recv().is_ok() {
                    tick(period);
                }
            })?;
            print("started");
            let _ = begin.send(());
            io::stdin().read_to_end(&mut Vec::new())?;
            Ok(())
        }
        _ => Err(usage("wrong arguments")),
    }
}

fn usage(reason: &str) -> Failure {
    Failure::Usage { reason: reason.to_owned(), usage: USAGE.to_owned() }
}

fn number(word: &str, most: u64) -> Result<u64, Failure> {
    let number = word.parse().ok().filter(|number| *number <= most);
    number.ok_or_else(|| usage(&format!("`{word}` is not a number up to {most}")))
}

fn print(line: &str) {
    // Whoever does not read any more needs no complaint.
    let _ = writeln!(io::stdout(), "{line}");
}

/// What the background thread does: something for ever.
fn tick(period: Duration) {
    loop {
        labkit::thread::sleep(period);
        print("tick");
    }
}

/// Gets all files, and tells what came of each, in the order of their names.
fn fetch(address: SocketAddrV4, names: &[OsString]) -> Result<(), Failure> {
    let results = threads::fetch(Arc::new(move |name: &OsStr| get(address, name)), names);
    if results.len() != names.len() {
        return Err(Failure::new(format!("{} files, but {} results", names.len(), results.len())));
    }
    let mut failed = 0;
    for (name, result) in names.iter().zip(results) {
        let name = labkit::printable(name.as_bytes());
        match result {
            Ok(size) => print(&format!("{name}: {size} bytes")),
            Err(error) => {
                labkit::report("threads", format!("{name}: {error}"));
                failed += 1;
            }
        }
    }
    if failed == 0 {
        return Ok(());
    }
    Err(Failure::new(format!("{failed} of {} files could not be fetched", names.len())))
}

/// Asks a file server of lab 05 for a file and saves it under the last part of its name, complete or not at all; how
/// many bytes it has.
fn get(address: SocketAddrV4, name: &OsStr) -> io::Result<u64> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(&[name.as_bytes(), b"\0"].concat())?;
    let file = Path::new(name).file_name().ok_or_else(|| io::Error::other("it is not the name of a file"))?;
    let mut part = file.to_owned();
    part.push(".part");
    let saved = File::create(&part)
        .and_then(|mut new| io::copy(&mut stream, &mut new))
        .and_then(|size| fs::rename(&part, file).map(|()| size));
    if saved.is_err() {
        // What is not complete is not left behind.
        let _ = fs::remove_file(&part);
    }
    saved
}
