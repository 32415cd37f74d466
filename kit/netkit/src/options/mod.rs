//! Every option of a socket that an ordinary user can get or set on Linux: one table, a file
//! a level.
//!
//! - [`SocketOption`]: a row, with all that is to be known of an option.
//! - [`kind`]: what kind of socket an option belongs to.
//! - [`encode`]: a typed value becomes the bytes that setsockopt(2) takes.
//! - [`decode`]: the bytes of getsockopt(2) become words.
//! - [`tcp_info`]: the essentials of TCP_INFO.
//! - [`range`]: which values an option takes.
//! - [`remade`]: what the kernel makes of some values, and why.
//!
//! Completion, `getsockopt`, `setsockopt`, `show` and `explain` read this table and no other.

pub mod decode;
pub mod encode;
mod ip;
mod ipv6;
pub mod kind;
mod names;
pub mod range;
pub mod remade;
mod socket;
mod tcp;
pub mod tcp_info;
mod udp;

use crate::worker::call::{Call, Memory, Value};
use kind::Fits;
use range::ValueRange;

/// An option of a socket.
#[derive(Debug, PartialEq, Eq)]
pub struct SocketOption {
    /// Its name in C: `SO_KEEPALIVE`.
    pub name: &'static str,
    /// The level that it stands at. A number says nothing without its level: SO_REUSEADDR and
    /// TCP_MAXSEG are both 2.
    pub level: Level,
    /// Its number at that level.
    pub number: i32,
    /// What its value is.
    pub shape: Shape,
    /// What may be done with it.
    pub access: Access,
    /// Which sockets have it.
    pub fits: Fits,
    /// The capability that setting it needs, if it needs one (capabilities(7)).
    pub needs: Option<&'static str>,
    /// Which values it takes, where the kernel refuses others with EINVAL.
    pub range: Option<ValueRange>,
    /// Its value on a new socket, in words, where that is the same on every machine.
    pub fresh: Option<&'static str>,
    /// A value to set, as it is typed.
    pub example: &'static str,
    /// The kernel changes it by itself, or shows something else in it: that it differs from
    /// a new socket's says nothing about what was set.
    pub moves: bool,
    /// Reading it has an effect, so that it is read only when it is asked for.
    pub consumed: bool,
    /// What it does, in one sentence.
    pub meaning: &'static str,
}

/// The level of an option: the part of the kernel that knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The socket itself.
    Socket,
    /// IPv4.
    Ip,
    /// IPv6.
    Ipv6,
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// What may be done with an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// getsockopt(2) alone.
    Get,
    /// setsockopt(2) alone.
    Set,
    /// Both.
    Both,
}

/// What an option's value is: how it is typed, and how its bytes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// On or off: an int that is 1 or 0.
    Bool,
    /// An int that counts something.
    Int(Unit),
    /// Eight bytes that count something.
    Long(Unit),
    /// An int whose values have names.
    Named(&'static [Name]),
    /// An int whose bits have names.
    Flags(&'static [Name]),
    /// An error number.
    Errno,
    /// `struct linger`: whether, and how many seconds.
    Linger,
    /// `struct timeval`: a time span.
    Timeval,
    /// Text that ends with a zero byte: a name.
    Text,
    /// Bytes.
    Bytes,
    /// An IPv4 network interface, by its address or name.
    Interface,
    /// A network interface as an int, by its name or number.
    InterfaceIndex,
    /// The same, with the bytes of the number in the network's order (IP_UNICAST_IF).
    InterfaceIndexSwapped,
    /// An IPv4 group, and the interface: `struct ip_mreq` or `struct ip_mreqn`.
    Group,
    /// An IPv4 group, a sender and the interface: `struct ip_mreq_source`.
    GroupAndSource,
    /// An IPv6 group, and the interface: `struct ipv6_mreq`.
    Group6,
    /// Who is at the other end: `struct ucred`.
    Credentials,
    /// `struct tcp_info`.
    TcpInfo,
    /// Two port numbers in one int.
    PortRange,
    /// Nine counters of memory.
    MemoryInfo,
    /// An address.
    Address,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Nothing in particular.
    Plain,
    /// Bytes.
    Bytes,
    /// Bytes a second.
    BytesPerSecond,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// Routers that a packet may pass.
    Hops,
    /// Segments or probes that are sent.
    Times,
    /// Connections.
    Connections,
}

/// A value and its name in C.
pub type Name = (&'static str, i32);

impl Level {
    /// Its name in C.
    pub fn name(self) -> &'static str {
        match self {
            Self::Socket => "SOL_SOCKET",
            Self::Ip => "IPPROTO_IP",
            Self::Ipv6 => "IPPROTO_IPV6",
            Self::Tcp => "IPPROTO_TCP",
            Self::Udp => "IPPROTO_UDP",
        }
    }

    /// Its number.
    pub fn number(self) -> i32 {
        match self {
            Self::Socket => libc::SOL_SOCKET,
            Self::Ip => libc::IPPROTO_IP,
            Self::Ipv6 => libc::IPPROTO_IPV6,
            Self::Tcp => libc::IPPROTO_TCP,
            Self::Udp => libc::IPPROTO_UDP,
        }
    }

    /// The manual's page about it.
    pub fn page(self) -> &'static str {
        match self {
            Self::Socket => "socket(7)",
            Self::Ip => "ip(7)",
            Self::Ipv6 => "ipv6(7)",
            Self::Tcp => "tcp(7)",
            Self::Udp => "udp(7)",
        }
    }
}

/// All options, level by level.
pub fn all() -> impl Iterator<Item = &'static SocketOption> {
    [socket::OPTIONS, ip::OPTIONS, ipv6::OPTIONS, tcp::OPTIONS, udp::OPTIONS].into_iter().flatten()
}

/// The option of this name, in any case.
pub fn find(name: &str) -> Option<&'static SocketOption> {
    all().find(|option| option.name.eq_ignore_ascii_case(name))
}

/// The option that a call of getsockopt(2) or setsockopt(2) is about.
pub fn of_call(call: &Call) -> Option<&'static SocketOption> {
    match (call.function.as_str(), call.arguments.get(2)) {
        ("getsockopt" | "setsockopt", Some(Value::Constant(_, name))) => find(name),
        _ => None,
    }
}

impl SocketOption {
    /// Whether getsockopt(2) gives it.
    pub fn readable(&self) -> bool {
        self.access != Access::Set
    }

    /// Whether setsockopt(2) takes it.
    pub fn writable(&self) -> bool {
        self.access != Access::Get
    }

    /// getsockopt(2) of it.
    pub fn get(&self, fd: i32) -> Call {
        let [fd, level, option] = self.named(fd);
        let room = Value::Memory(Memory::room(self.room()));
        Call::once("getsockopt", libc::SYS_getsockopt, vec![fd, level, option, room])
    }

    /// setsockopt(2) of it.
    pub fn set(&self, fd: i32, value: Memory) -> Call {
        let [fd, level, option] = self.named(fd);
        Call::once("setsockopt", libc::SYS_setsockopt, vec![fd, level, option, Value::Memory(value)])
    }

    fn named(&self, fd: i32) -> [Value; 3] {
        [
            Value::Descriptor(fd),
            Value::Constant(i64::from(self.level.number()), self.level.name().into()),
            Value::Constant(i64::from(self.number), self.name.into()),
        ]
    }

    /// How many bytes its value takes at most.
    fn room(&self) -> usize {
        match self.shape {
            Shape::Linger | Shape::Long(_) => 8,
            Shape::Timeval => size_of::<libc::timeval>(),
            Shape::Credentials => size_of::<libc::ucred>(),
            Shape::Text => 64,
            Shape::Bytes => 256,
            Shape::TcpInfo => 256,
            Shape::MemoryInfo => 9 * size_of::<u32>(),
            // More than the address takes is refused (sk_getsockopt in net/core/sock.c).
            Shape::Address => size_of::<libc::sockaddr_in>(),
            _ => size_of::<i32>(),
        }
    }

    /// What is to be known of it, a line each.
    pub fn explained(&self) -> Vec<String> {
        let access = match self.access {
            Access::Get => "can be read",
            Access::Set => "can be set",
            Access::Both => "can be read and set",
        };
        let needs = self.needs.map(|needs| format!("; setting it needs {needs}")).unwrap_or_default();
        let mut lines = vec![
            format!("{}: {}", self.name, self.meaning),
            format!("  {} of {}; {access}{needs}", self.level.name(), self.fits.words()),
            format!("  its value is {}", self.shape.words()),
        ];
        if let Some(range) = self.range {
            lines.push(format!("  it takes {}; anything else is refused with EINVAL", range.words()));
        }
        if let Some(fresh) = self.fresh {
            lines.push(format!("  on a new socket: {fresh}"));
        }
        if self.consumed {
            lines.push("  reading it takes it away: the next time it is 0 again".into());
        }
        let typed = match self.access {
            Access::Get => format!("getsockopt S {}", self.name),
            Access::Set => format!("setsockopt S {} {}", self.name, self.example),
            Access::Both => {
                format!("getsockopt S {0}`, `setsockopt S {0} {1}", self.name, self.example)
            }
        };
        lines.push(format!("  `{typed}`; more in {}", self.level.page()));
        lines
    }
}

// The rows are written with these.

/// An option that can be read and set.
const fn both(
    level: Level,
    name: &'static str,
    number: i32,
    shape: Shape,
    fits: Fits,
    example: &'static str,
    meaning: &'static str,
) -> SocketOption {
    SocketOption {
        name,
        level,
        number,
        shape,
        access: Access::Both,
        fits,
        needs: None,
        range: None,
        fresh: None,
        example,
        moves: false,
        consumed: false,
        meaning,
    }
}

/// An option that can be read.
const fn get(
    level: Level,
    name: &'static str,
    number: i32,
    shape: Shape,
    fits: Fits,
    meaning: &'static str,
) -> SocketOption {
    SocketOption { access: Access::Get, ..both(level, name, number, shape, fits, "", meaning) }
}

/// An option that can be set.
const fn set(
    level: Level,
    name: &'static str,
    number: i32,
    shape: Shape,
    fits: Fits,
    example: &'static str,
    meaning: &'static str,
) -> SocketOption {
    SocketOption { access: Access::Set, ..both(level, name, number, shape, fits, example, meaning) }
}

impl SocketOption {
    const fn fresh(self, fresh: &'static str) -> Self {
        Self { fresh: Some(fresh), ..self }
    }

    const fn needs(self, capability: &'static str) -> Self {
        Self { needs: Some(capability), ..self }
    }

    const fn range(self, from: i32, to: i32) -> Self {
        Self { range: Some(ValueRange { from, to, also: None }), ..self }
    }

    /// One value more, which stands for something of its own.
    const fn also(self, value: i32) -> Self {
        let range = match self.range {
            Some(range) => Some(ValueRange { also: Some(value), ..range }),
            None => None,
        };
        Self { range, ..self }
    }

    const fn moves(self) -> Self {
        Self { moves: true, ..self }
    }

    const fn consumed(self) -> Self {
        Self { consumed: true, ..self }
    }
}
