//! Three things that one can ask of a TCP connection and that the standard library does not know.
//!
//! Each is one system call, and says which. Everything else about a connection is the labs' own
//! matter.

use std::ffi::{c_int, c_void};
use std::fs::File;
use std::io;
use std::net::TcpStream;
use std::os::fd::AsRawFd;

/// How many of the bytes that were sent on a connection the other side's system has accepted so
/// far: getsockopt(2) with `TCP_INFO`, the field `tcpi_bytes_acked` (tcp(7)).
///
/// A write that returns has put its bytes into the send queue, no more. This number tells how far
/// they have come: it grows with every byte that finds room in the receive queue of the other
/// socket, whether the program there reads it or not. While the other side does not read and its
/// queue is full, the number stands still. (What it begins with, and whether the end of the stream
/// counts as a byte, is the system's affair: compare it with what it was before.)
///
/// # Errors
/// What the system call fails with.
pub fn acknowledged(stream: &TcpStream) -> io::Result<u64> {
    let mut info = [0_u8; 128];
    let mut size = info.len() as u32;
    // SAFETY: the call writes at most `size` bytes to `info`, which has as many.
    let result =
        unsafe { getsockopt(stream.as_raw_fd(), IPPROTO_TCP, TCP_INFO, info.as_mut_ptr().cast(), &mut size) };
    if result == -1 {
        return Err(io::Error::last_os_error());
    }
    let field: [u8; 8] = info[BYTES_ACKED..BYTES_ACKED + 8]
        .try_into()
        .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    // An older system (before Linux 4.1) does not fill it in: then it stays 0.
    Ok(u64::from_ne_bytes(field))
}

/// Sends up to `most` bytes of a file, from where the file's position is: sendfile(2). It returns
/// how many, and the position has gone on by as many; 0 is the end of the file.
///
/// The kernel moves the bytes, so that they never come into the program, and no buffer is needed.
/// (`io::copy` reads them into a buffer first. Where the connection has a time limit, set by
/// `set_write_timeout`, and a copy fails with `WouldBlock`, nobody can tell how many of the bytes
/// that were read have been sent.)
///
/// # Errors
/// What the system call fails with; [`WouldBlock`](io::ErrorKind::WouldBlock) when the time limit
/// of the connection has passed and nothing was sent.
pub fn send_file(file: &File, stream: &TcpStream, most: u64) -> io::Result<usize> {
    // The most that one call takes on Linux (sendfile(2)).
    let most = most.min(0x7fff_f000) as usize;
    // SAFETY: both descriptors are open; without a place for an offset, the file's own is used.
    let sent = unsafe { sendfile(stream.as_raw_fd(), file.as_raw_fd(), std::ptr::null_mut(), most) };
    // Only -1 is negative.
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// Ends a connection at once, with RST: setsockopt(2) with `SO_LINGER` and a time of 0 (socket(7)),
/// then close(2).
///
/// What is still in the send queue is thrown away, and the other side's next read fails with
/// `Connection reset by peer`: it cannot take what it has got for all that there was. An ordinary
/// close sends what is in the queue, then FIN.
///
/// # Errors
/// What the first system call fails with; the connection is closed all the same.
pub fn reset(stream: TcpStream) -> io::Result<()> {
    let linger = Linger { on: 1, seconds: 0 };
    // SAFETY: the call reads a `struct linger`, which `Linger` is.
    let result = unsafe {
        setsockopt(
            stream.as_raw_fd(),
            SOL_SOCKET,
            SO_LINGER,
            (&raw const linger).cast(),
            size_of::<Linger>() as u32,
        )
    };
    let result = if result == -1 { Err(io::Error::last_os_error()) } else { Ok(()) };
    drop(stream);
    result
}

/// `struct linger` of socket(7).
#[repr(C)]
struct Linger {
    on: c_int,
    seconds: c_int,
}

// Linux's numbers (asm-generic/socket.h, linux/tcp.h), as they are on x86-64, ARM, RISC-V and most
// other processors.
const SOL_SOCKET: c_int = 1;
const SO_LINGER: c_int = 13;
const IPPROTO_TCP: c_int = 6;
const TCP_INFO: c_int = 11;

/// Where `tcpi_bytes_acked` stands in `struct tcp_info`.
const BYTES_ACKED: usize = 120;

// The C library is part of every Rust program on Linux; these of its functions are declared here,
// so that a lab depends on nothing.
unsafe extern "C" {
    fn sendfile(to: c_int, from: c_int, offset: *mut c_void, count: usize) -> isize;
    fn getsockopt(fd: c_int, level: c_int, name: c_int, value: *mut c_void, size: *mut u32) -> c_int;
    fn setsockopt(fd: c_int, level: c_int, name: c_int, value: *const c_void, size: u32) -> c_int;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (client, listener.accept().unwrap().0)
    }

    #[test]
    fn what_the_other_side_has_accepted_is_counted() {
        let (mut client, mut server) = pair();
        let before = acknowledged(&server).unwrap();
        server.write_all(&[1; 1000]).unwrap();
        client.read_exact(&mut [0; 1000]).unwrap();
        // An answer takes the acknowledgement along.
        client.write_all(b"x").unwrap();
        server.read_exact(&mut [0]).unwrap();
        assert_eq!(acknowledged(&server).unwrap() - before, 1000);
    }

    #[test]
    fn a_file_is_sent_from_its_position_on() {
        let path = std::env::temp_dir().join(format!("labkit-{}", std::process::id()));
        std::fs::write(&path, "0123456789").unwrap();
        let file = File::open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let (mut client, server) = pair();
        let sent = [3, 100, 100].map(|most| send_file(&file, &server, most).unwrap());
        assert_eq!(sent, [3, 7, 0]);
        drop(server);
        let mut text = String::new();
        client.read_to_string(&mut text).unwrap();
        assert_eq!(text, "0123456789");
    }

    #[test]
    fn a_reset_is_no_end() {
        let (mut client, server) = pair();
        reset(server).unwrap();
        assert_eq!(client.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        let (mut client, server) = pair();
        drop(server);
        assert_eq!(client.read(&mut [0]).unwrap(), 0);
    }
}
