//! The bytes of a sock_diag conversation, without their meaning.
//!
//! Layouts: `struct nlmsghdr` in `linux/netlink.h` (also RFC 3549, section 2.3),
//! `inet_diag_req_v2`, `inet_diag_msg` and `INET_DIAG_*` in `linux/inet_diag.h`.
//! Netlink numbers are in the machine's byte order; ports and addresses are in
//! network byte order. Reading never indexes: what is too short is `None`.

use std::net::{IpAddr, SocketAddr};

/// Message types (`nlmsg_type`).
pub(super) const NOOP: u16 = 1;
pub(super) const ERROR: u16 = 2;
pub(super) const DONE: u16 = 3;
pub(super) const OVERRUN: u16 = 4;
/// `TCPDIAG_GETSOCK`, which came before the next one. It alone lists both families at once.
pub(super) const TCP_OF_ANY_FAMILY: u16 = 18;
pub(super) const SOCK_DIAG_BY_FAMILY: u16 = 20;

/// `NLM_F_DUMP_INTR`: the table changed while it was read out.
pub(super) const DUMP_INTERRUPTED: u16 = 0x10;
const REQUEST: u16 = 0x1;
const DUMP: u16 = 0x300;

/// Attribute `INET_DIAG_INFO`: `struct tcp_info`.
pub(super) const INFO: u16 = 2;
/// Attribute `INET_DIAG_SKMEMINFO`: the numbers `SK_MEMINFO_*`.
pub(super) const MEMORY: u16 = 7;
/// Attribute `INET_DIAG_SHUTDOWN`: one byte, `RCV_SHUTDOWN` and `SEND_SHUTDOWN`.
pub(super) const SHUTDOWN: u16 = 8;

const HEADER: usize = 16;
const REQUEST_LENGTH: usize = HEADER + 56;

/// What a request is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject {
    /// Every socket.
    All,
    /// One socket. `source` and `destination` as the kernel understands them for
    /// the protocol in question.
    One { source: SocketAddr, destination: SocketAddr },
}

/// A complete request for all sockets of a kind, whatever its layout.
pub(super) fn dump(body: &[u8], sequence: u32) -> Vec<u8> {
    let mut bytes = header(SOCK_DIAG_BY_FAMILY, HEADER + body.len(), REQUEST | DUMP, sequence);
    bytes.extend(body);
    bytes
}

/// A complete request for all TCP sockets: `struct inet_diag_req`.
pub(super) fn all_tcp(sequence: u32) -> Vec<u8> {
    const LENGTH: usize = HEADER + 60;
    let mut bytes = header(TCP_OF_ANY_FAMILY, LENGTH, REQUEST | DUMP, sequence);
    bytes.extend([0, 0, 0, 1 << (SHUTDOWN - 1)]);
    bytes.extend([0; 2 + 2 + 16 + 16 + 4]);
    bytes.extend([0xff; 8]); // INET_DIAG_NOCOOKIE
    bytes.extend(u32::MAX.to_ne_bytes()); // every state, as below
    bytes.extend([0; 4]);
    bytes
}

fn header(kind: u16, length: usize, flags: u16, sequence: u32) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length);
    bytes.extend((length as u32).to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes.extend(sequence.to_ne_bytes());
    bytes.extend(0u32.to_ne_bytes()); // to the kernel
    bytes
}

/// A complete request message.
pub(super) fn request(family: u8, protocol: u8, subject: Subject, sequence: u32) -> Vec<u8> {
    let flags = match subject {
        Subject::All => REQUEST | DUMP,
        Subject::One { .. } => REQUEST,
    };
    let mut bytes = header(SOCK_DIAG_BY_FAMILY, REQUEST_LENGTH, flags, sequence);
    // All attributes of every socket would take half as long again (measured).
    let attributes: &[u16] = match subject {
        Subject::All => &[SHUTDOWN],
        Subject::One { .. } => &[SHUTDOWN, INFO, MEMORY],
    };
    let attributes = attributes.iter().fold(0, |bits, attribute| bits | 1 << (attribute - 1));
    bytes.extend([family, protocol, attributes, 0]);
    // Every state, also those above 11: bit 13 asks for sockets that are bound
    // and nothing else.
    bytes.extend(u32::MAX.to_ne_bytes());
    match subject {
        Subject::All => bytes.extend([0; 2 + 2 + 16 + 16 + 4]),
        Subject::One { source, destination } => {
            bytes.extend(source.port().to_be_bytes());
            bytes.extend(destination.port().to_be_bytes());
            bytes.extend(address_field(source.ip()));
            bytes.extend(address_field(destination.ip()));
            bytes.extend(interface(source).max(interface(destination)).to_ne_bytes());
        }
    }
    bytes.extend([0xff; 8]); // INET_DIAG_NOCOOKIE: whatever its cookie
    bytes
}

fn address_field(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        }
        IpAddr::V6(ip) => ip.octets(),
    }
}

fn interface(address: SocketAddr) -> u32 {
    match address {
        SocketAddr::V4(_) => 0,
        SocketAddr::V6(address) => address.scope_id(),
    }
}

/// Takes fixed-size numbers off the front of a byte string.
pub(super) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.take().map(u8::from_ne_bytes)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_ne_bytes)
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_ne_bytes)
    }

    fn port(&mut self) -> Option<u16> {
        self.take().map(u16::from_be_bytes)
    }
}

/// One netlink message of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Message<'a> {
    pub kind: u16,
    pub flags: u16,
    pub sequence: u32,
    pub body: &'a [u8],
}

/// The messages of a datagram. After a message whose length cannot be true comes
/// one `None` inside `Some`, and then nothing more: where the next one would
/// start is unknown.
pub(super) struct Messages<'a>(pub &'a [u8]);

impl<'a> Iterator for Messages<'a> {
    type Item = Option<Message<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let message = message(self.0);
        let rest = message.and_then(|m| self.0.get(aligned(HEADER + m.body.len())..));
        self.0 = rest.unwrap_or_default();
        Some(message)
    }
}

fn message(bytes: &[u8]) -> Option<Message<'_>> {
    let mut header = Reader(bytes);
    let length = header.u32()?;
    let kind = header.u16()?;
    let flags = header.u16()?;
    let sequence = header.u32()?;
    let _port = header.u32()?;
    Some(Message { kind, flags, sequence, body: bytes.get(HEADER..usize::try_from(length).ok()?)? })
}

/// Messages and attributes start at multiples of four.
fn aligned(length: usize) -> usize {
    length.saturating_add(3) & !3
}

/// The number in an ERROR or DONE message: 0, or an errno with a minus sign.
pub(super) fn error_number(body: &[u8]) -> Option<i32> {
    Reader(body).take().map(i32::from_ne_bytes)
}

/// `struct inet_diag_msg`, field by field, and the attributes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SocketView<'a> {
    pub family: u8,
    pub state: u8,
    pub timer: u8,
    pub retransmits: u8,
    pub source_port: u16,
    pub destination_port: u16,
    pub source: [u8; 16],
    pub destination: [u8; 16],
    pub interface: u32,
    pub cookie: [u32; 2],
    pub expires: u32,
    pub receive_queue: u32,
    pub send_queue: u32,
    pub uid: u32,
    pub inode: u32,
    attributes: &'a [u8],
}

impl<'a> SocketView<'a> {
    /// `None` if the message is too short to be one.
    pub fn new(body: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(body);
        Some(Self {
            family: reader.u8()?,
            state: reader.u8()?,
            timer: reader.u8()?,
            retransmits: reader.u8()?,
            source_port: reader.port()?,
            destination_port: reader.port()?,
            source: reader.take()?,
            destination: reader.take()?,
            interface: reader.u32()?,
            cookie: [reader.u32()?, reader.u32()?],
            expires: reader.u32()?,
            receive_queue: reader.u32()?,
            send_queue: reader.u32()?,
            uid: reader.u32()?,
            inode: reader.u32()?,
            attributes: reader.0,
        })
    }

    /// The value of an attribute.
    pub fn attribute(&self, wanted: u16) -> Option<&'a [u8]> {
        attribute(self.attributes, wanted)
    }
}

/// The value of an attribute among others. Those behind one whose length cannot be true are
/// not seen.
pub(super) fn attribute(attributes: &[u8], wanted: u16) -> Option<&[u8]> {
    let mut rest = attributes;
    loop {
        let mut header = Reader(rest);
        let length = usize::from(header.u16()?);
        let kind = header.u16()?;
        let value = rest.get(4..length)?;
        if kind == wanted {
            return Some(value);
        }
        rest = rest.get(aligned(length)..)?;
    }
}
