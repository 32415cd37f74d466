//! Addresses as the kernel has them: `struct sockaddr_in`, `sockaddr_in6`, `sockaddr_un`.

use super::{Address, UnixAddress};
use socket2::{SockAddr, SockAddrStorage};
use std::ffi::OsStr;
use std::io;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStrExt;

/// `sizeof(struct sockaddr_un)`.
const UNIX: u32 = size_of::<libc::sockaddr_un>() as u32;
/// Where the name starts within it.
const UNIX_NAME: usize = std::mem::offset_of!(libc::sockaddr_un, sun_path);

/// The bytes that stand for an address, and their number, as a C program gives them to a call.
///
/// # Errors
/// A name of the UNIX domain that does not fit.
pub fn encode(address: &Address) -> io::Result<(SockAddrStorage, u32)> {
    let encoded = match address {
        Address::Inet(address) => SockAddr::from(*address),
        Address::Unix(UnixAddress::Unnamed) => SockAddr::unix(OsStr::new(""))?,
        Address::Unix(UnixAddress::Path(path)) => SockAddr::unix(OsStr::from_bytes(path))?,
        Address::Unix(UnixAddress::Abstract(name)) => {
            SockAddr::unix(OsStr::from_bytes(&[b"\0", name.as_slice()].concat()))?
        }
    };
    Ok((encoded.as_storage(), length_given(address)))
}

/// The length that a C program says of an address: the size of the structure. Of an abstract
/// name all bytes count, so that only those that are meant are given; and binding to no name
/// asks the kernel for one (unix(7), "autobind").
pub fn length_given(address: &Address) -> u32 {
    match address {
        Address::Unix(UnixAddress::Path(_)) => UNIX,
        other => length_returned(other),
    }
}

/// The length that the kernel returns with an address: a path with its zero byte.
pub fn length_returned(address: &Address) -> u32 {
    let name = |length: usize| u32::try_from(UNIX_NAME + length).unwrap_or(UNIX);
    match address {
        Address::Inet(SocketAddr::V4(_)) => size_of::<libc::sockaddr_in>() as u32,
        Address::Inet(SocketAddr::V6(_)) => size_of::<libc::sockaddr_in6>() as u32,
        Address::Unix(UnixAddress::Unnamed) => name(0),
        Address::Unix(UnixAddress::Path(bytes) | UnixAddress::Abstract(bytes)) => name(bytes.len() + 1),
    }
}

/// The address in a storage that the kernel filled in; `None` if it wrote none, as
/// recvfrom(2) does on a connected TCP socket, or one of another family.
pub fn decode(storage: SockAddrStorage, length: libc::socklen_t) -> Option<Address> {
    let size = storage.size_of().min(length) as usize;
    // SAFETY: any bytes are valid bytes, and no more are looked at than the storage has.
    let bytes = unsafe { std::slice::from_raw_parts(std::ptr::from_ref(&storage).cast::<u8>(), size) };
    let family = i32::from(u16::from_ne_bytes(*bytes.first_chunk()?));
    if family == libc::AF_UNIX {
        return Some(unix_name(bytes.get(UNIX_NAME..)?).into());
    }
    // SAFETY: the storage was zeroed and then filled in by the kernel, which set the length.
    let address = unsafe { SockAddr::new(storage, length) };
    address.as_socket().map(Address::Inet)
}

/// What stands in `sun_path`: a path ends at its zero byte, an abstract name with the length.
pub(crate) fn unix_name(bytes: &[u8]) -> UnixAddress {
    match bytes {
        [] => UnixAddress::Unnamed,
        [0, name @ ..] => UnixAddress::Abstract(name.to_vec()),
        path => UnixAddress::Path(path.split(|byte| *byte == 0).next().unwrap_or_default().to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_back_with_the_lengths_of_c() {
        for (text, given, returned) in [
            ("127.0.0.1:80", 16, 16),
            ("[::1]:80", 28, 28),
            ("[fe80::1%2]:80", 28, 28),
            ("unix:/tmp/x", 110, 9),
            ("unix:@abc", 6, 6),
            ("unix:", 2, 2),
        ] {
            let address: Address = text.parse().unwrap();
            let (storage, length) = encode(&address).unwrap();
            assert_eq!((length, length_returned(&address)), (given, returned), "{text}");
            assert_eq!(decode(storage, length), Some(address.clone()), "{text}");
            let (storage, _) = encode(&address).unwrap();
            assert_eq!(decode(storage, returned), Some(address), "{text}");
        }
        assert_eq!(decode(SockAddrStorage::zeroed(), 0), None);
    }
}
