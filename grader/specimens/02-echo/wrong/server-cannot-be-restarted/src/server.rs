//! `echo-server [ADDRESS]`: sends every byte back to where it came from.

use std::ffi::{OsString, c_int};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, SocketAddrV4, TcpListener};
use std::os::fd::FromRawFd;
use std::thread;
use std::time::Duration;

use labkit::Failure;

pub const USAGE: &str = "echo-server [ADDRESS]";

const PAUSE: Duration = Duration::from_millis(100);

pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let ([], address) = labkit::server_arguments(USAGE, arguments)?;
    let listener = listen(address)
        .map_err(|error| Failure::new(format!("cannot listen on {address}: {error}")))?;
    announce(listener.local_addr()?)
        .map_err(|error| Failure::new(format!("cannot write to standard output: {error}")))?;
    serve(&listener)
}

// The calls themselves, since the standard library always sets SO_REUSEADDR.
unsafe extern "C" {
    fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int;
    fn bind(fd: c_int, address: *const SockAddrIn, length: u32) -> c_int;
    #[link_name = "listen"]
    fn listen_on(fd: c_int, backlog: c_int) -> c_int;
}

#[repr(C)]
struct SockAddrIn {
    family: u16,
    port: [u8; 2],
    address: [u8; 4],
    zero: [u8; 8],
}

fn listen(address: SocketAddrV4) -> io::Result<TcpListener> {
    const AF_INET: u16 = 2;
    const SOCK_STREAM: c_int = 1;
    let name = SockAddrIn {
        family: AF_INET,
        port: address.port().to_be_bytes(),
        address: address.ip().octets(),
        zero: [0; 8],
    };
    // SAFETY: takes no pointer.
    let fd = unsafe { socket(c_int::from(AF_INET), SOCK_STREAM, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new, and nothing else owns it.
    let listener = unsafe { TcpListener::from_raw_fd(fd) };
    // Wrong: no setsockopt(SO_REUSEADDR) before bind.
    // SAFETY: `name` is a sockaddr_in, and outlives the call.
    if unsafe { bind(fd, &name, size_of::<SockAddrIn>() as u32) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: takes no pointer.
    if unsafe { listen_on(fd, 128) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(listener)
}

fn announce(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "listening on {address}")?;
    out.flush()
}

fn serve(listener: &TcpListener) -> ! {
    loop {
        match listener.accept() {
            Ok((stream, client)) => {
                if let Err(error) = echo(&stream, &stream) {
                    labkit::report("echo-server", format_args!("lost {client}: {error}"));
                }
            }
            Err(error) => {
                labkit::report("echo-server", format_args!("cannot accept: {error}"));
                thread::sleep(PAUSE);
            }
        }
    }
}

pub fn echo(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let mut buffer = [0; 64 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => to.write_all(&buffer[..n])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
