//! Three hundred transfers of several sizes, then one that is larger than any buffer should be.
//! Every copy has to be identical; descriptors, threads and memory must not grow.

use super::talk::{self, LIMIT};
use crate::checks::stand::{Stand, Stop, failed, trouble};
use crate::command;
use netkit::kernel::process;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};

/// The sizes of the files. The last ones do not fit into a buffer of usual size.
const SIZES: [usize; 5] = [0, 1, 1000, 65_536, 300_001];

/// After so many transfers a server has what it needs; what it takes later is lost.
const FIRST: usize = 20;
const ALL: usize = 300;

/// A program's memory may grow by so much in those transfers, whatever its language does.
const GROWTH: u64 = 16 << 20;

/// The large file, and what may be held of it at a time.
const LARGE: u64 = 128 << 20;
const HELD: u64 = 48 << 20;

/// The check.
pub fn run(stand: &mut Stand) -> Result<(), Stop> {
    let (root, _) = talk::furnish(stand)?;
    for (number, size) in SIZES.into_iter().enumerate() {
        let bytes = stand.random((number << 20) as u64, size);
        fs::write(root.join(number.to_string()), bytes).map_err(trouble("making a file"))?;
    }
    File::create(root.join("large"))
        .and_then(|file| file.set_len(LARGE))
        .map_err(trouble("making a large file"))?;
    let address = stand.serve("server", "file-server root 127.0.0.1:0")?;
    let pid = stand.pid("server")?;

    stand.step(format!("file-client fetches files of {SIZES:?} bytes in turn, {FIRST} times"));
    (0..FIRST).try_for_each(|number| transfer(stand, address, number))?;
    stand.line("mark server", "it runs")?;
    let (threads, memory) = (threads(pid), now(pid)?);
    stand.step(format!("and on, up to {ALL} times"));
    (FIRST..ALL).try_for_each(|number| transfer(stand, address, number))?;
    stand.note("every copy is identical");
    stand.step(format!("compares what the server holds with what it held after {FIRST} of them"));
    stand.line("wait server MARK", "no more descriptors and processes than before")?;
    wait_for(
        || self::threads(pid) <= threads,
        || failed(format!("{threads} threads, as before"), format!("{} threads", self::threads(pid))),
    )?;
    let grown = now(pid)?.saturating_sub(memory);
    if grown > GROWTH {
        return Err(failed("its memory does not grow", format!("{} more", mib(grown))));
    }
    stand.note("it holds no more than that");

    stand.step(format!("fetches a file of {} from the server, and looks at its memory", mib(LARGE)));
    let before = peak(pid)?;
    large_from(address)?;
    little(peak(pid)?.saturating_sub(before))?;
    stand.step(format!("sends {} to file-client, and looks at its memory", mib(LARGE)));
    large_to_client(stand)
}

/// Fetches a file with the client, and compares.
fn transfer(stand: &Stand, address: SocketAddr, number: usize) -> Result<(), Stop> {
    let name = (number % SIZES.len()).to_string();
    let mut client = stand.command("file-client")?;
    client.arg(address.to_string()).args([&name, "got"]);
    let finished = command::run(client, LIMIT).map_err(trouble("starting file-client"))?;
    let at = format!("transfer {} of {ALL}", number + 1);
    match finished.status {
        Some(status) if status.success() => {}
        status => {
            let status = status.map_or_else(
                || format!("it had not ended after {} s", LIMIT.as_secs()),
                |status| status.to_string(),
            );
            let said = String::from_utf8_lossy(&finished.stderr);
            let said = netkit::data::printable(said.trim_end());
            return Err(failed(
                format!("{at}: file-client ends with exit code 0"),
                format!("{status}; {said}"),
            ));
        }
    }
    let read = |name: &str| fs::read(stand.home().join(name));
    let original = read(&format!("root/{name}")).map_err(trouble("reading a file"))?;
    let expected = format!("{at}: got has the {} bytes of root/{name}", original.len());
    match read("got") {
        Ok(copy) if copy == original => Ok(()),
        Ok(copy) => {
            let same = copy.iter().zip(&original).take_while(|(a, b)| a == b).count();
            Err(failed(expected, format!("got has {} bytes, and differs from byte {same} on", copy.len())))
        }
        Err(error) => Err(failed(expected, format!("got cannot be read: {error}"))),
    }
}

/// Fetches the large file, and throws it away.
fn large_from(address: SocketAddr) -> Result<(), Stop> {
    let mut stream = talk::connect(address)?;
    talk::send(&stream, b"large\0");
    let mut buffer = vec![0; 1 << 20];
    let mut count = 0;
    loop {
        match stream.read(&mut buffer) {
            Ok(0) if count == LARGE => return Ok(()),
            Ok(n) if n > 0 => count += n as u64,
            end => {
                let end = end.map_or_else(|error| error.to_string(), |_| "an end".into());
                return Err(failed(format!("{LARGE} bytes"), format!("{count} bytes, then {end}")));
            }
        }
    }
}

/// Is the server for one client, and looks at its memory before it closes.
fn large_to_client(stand: &mut Stand) -> Result<(), Stop> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(trouble("listening"))?;
    let address = listener.local_addr().map_err(trouble("listening"))?;
    stand.line(&format!("client = start file-client {address} large got"), "it starts")?;
    let timeout = PollTimeout::try_from(LIMIT).map_err(trouble("waiting"))?;
    let mut fds = [PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
    if poll(&mut fds, timeout).map_err(trouble("waiting for file-client"))? == 0 {
        return Err(failed("file-client connects", format!("it has not for {} s", LIMIT.as_secs())));
    }
    let (mut stream, _) = listener.accept().map_err(trouble("accepting"))?;
    let limits = stream.set_read_timeout(Some(LIMIT)).and_then(|()| stream.set_write_timeout(Some(LIMIT)));
    limits.map_err(trouble("setting time limits"))?;
    let mut request = [0; 6];
    if stream.read_exact(&mut request).is_err() || request != *b"large\0" {
        return Err(failed("file-client asks for large", "it does not"));
    }
    let pid = stand.pid("client")?;
    let before = peak(pid)?;
    let part = vec![7; 1 << 20];
    for sent in 0..LARGE >> 20 {
        let result = stream.write_all(&part);
        result.map_err(|error| failed("file-client reads", format!("after {sent} MiB: {error}")))?;
    }
    little(peak(pid)?.saturating_sub(before))?;
    drop(stream);
    stand.line("wait client", "it ends")?;
    let size = fs::metadata(stand.home().join("got")).map(|got| got.len());
    match size {
        Ok(LARGE) => Ok(()),
        Ok(size) => Err(failed(format!("got has {LARGE} bytes"), format!("it has {size}"))),
        Err(error) => Err(failed("got is there", error.to_string())),
    }
}

/// Whether so much memory for a large file is little.
fn little(grown: u64) -> Result<(), Stop> {
    if grown <= HELD {
        return Ok(());
    }
    let expected = format!("its memory does not depend on the file's size (at most {} more)", mib(HELD));
    Err(failed(expected, format!("{} more", mib(grown))))
}

/// Waits until something is so. The kernel tells nobody when a thread ends: it is looked at.
fn wait_for(is_so: impl Fn() -> bool, otherwise: impl Fn() -> Stop) -> Result<(), Stop> {
    let deadline = Instant::now() + LIMIT;
    while !is_so() {
        if Instant::now() > deadline {
            return Err(otherwise());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// The threads of a program and its descendants.
fn threads(pid: u32) -> usize {
    let family = process::processes_below(pid).unwrap_or_default();
    family.into_iter().filter_map(|pid| process::threads(pid).ok()).map(|threads| threads.len()).sum()
}

/// The memory that a program and its descendants have now.
fn now(pid: u32) -> Result<u64, Stop> {
    memory(pid, "VmRSS:")
}

/// The most memory that they ever had.
fn peak(pid: u32) -> Result<u64, Stop> {
    memory(pid, "VmHWM:")
}

/// Adds up a line of `/proc/PID/status` (proc_pid_status(5)), which is in KiB.
fn memory(pid: u32, line: &str) -> Result<u64, Stop> {
    let family = process::processes_below(pid).map_err(trouble("looking at a program's processes"))?;
    let of = |pid: u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let value = status.lines().find_map(|text| text.strip_prefix(line))?;
        value.split_whitespace().next()?.parse::<u64>().ok()
    };
    let kib: u64 = family.into_iter().filter_map(of).sum();
    if kib == 0 {
        // A program that has ended has no memory.
        return Err(failed("the program runs", "it has ended"));
    }
    Ok(kib << 10)
}

fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}
