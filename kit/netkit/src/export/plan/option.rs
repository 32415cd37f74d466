//! The values of options, as a program writes and reads them.

use crate::options::{self, Shape};
use crate::worker::call::{Call, Length, Memory};
use std::ffi::c_long;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A struct that an option's value is.
#[derive(Debug)]
pub(in crate::export) struct Layout {
    /// Its name in C.
    pub name: &'static str,
    /// The names of its fields in C, and what each is.
    pub fields: &'static [(&'static str, FieldKind)],
}

/// What a field of a struct is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::export) enum FieldKind {
    Int,
    Long,
    Ip4,
    Ip6,
}

/// The value of a field.
#[derive(Debug, Clone)]
pub(in crate::export) enum Field {
    Int(i32),
    Long(i64),
    Ip4(Ipv4Addr),
    Ip6(Ipv6Addr),
}

/// A value for setsockopt(2).
#[derive(Debug, Clone)]
pub(in crate::export) enum Given {
    Int(i32),
    /// Eight bytes.
    Long(u64),
    /// `struct in_addr`.
    Ip4(Ipv4Addr),
    /// Text, or bytes of an option's own kind.
    Bytes(Vec<u8>),
    Struct(&'static Layout, Vec<Field>),
}

/// Room for what getsockopt(2) fills in.
#[derive(Debug, Clone, Copy)]
pub(in crate::export) enum Room {
    Int,
    /// Eight bytes.
    Long,
    /// `struct in_addr`.
    Ip4,
    /// Text, which ends with a zero byte.
    Text(usize),
    /// Bytes of which a program tells only how many came.
    Bytes(usize),
    Struct(&'static Layout),
}

use FieldKind::{Int, Ip4, Ip6, Long};

static LINGER: Layout = Layout { name: "linger", fields: &[("l_onoff", Int), ("l_linger", Int)] };
static TIMEVAL: Layout = Layout { name: "timeval", fields: &[("tv_sec", Long), ("tv_usec", Long)] };
static IP_MREQ: Layout =
    Layout { name: "ip_mreq", fields: &[("imr_multiaddr", Ip4), ("imr_interface", Ip4)] };
static IP_MREQN: Layout = Layout {
    name: "ip_mreqn",
    fields: &[("imr_multiaddr", Ip4), ("imr_address", Ip4), ("imr_ifindex", Int)],
};
static IP_MREQ_SOURCE: Layout = Layout {
    name: "ip_mreq_source",
    fields: &[("imr_multiaddr", Ip4), ("imr_interface", Ip4), ("imr_sourceaddr", Ip4)],
};
static IPV6_MREQ: Layout =
    Layout { name: "ipv6_mreq", fields: &[("ipv6mr_multiaddr", Ip6), ("ipv6mr_interface", Int)] };
static UCRED: Layout = Layout { name: "ucred", fields: &[("pid", Int), ("uid", Int), ("gid", Int)] };

/// The struct that a value of so many bytes is.
fn layout(shape: Shape, size: usize) -> Option<&'static Layout> {
    Some(match shape {
        Shape::Linger => &LINGER,
        Shape::Timeval => &TIMEVAL,
        Shape::Group if size == 8 => &IP_MREQ,
        Shape::Group => &IP_MREQN,
        Shape::Interface if size == 12 => &IP_MREQN,
        Shape::GroupAndSource => &IP_MREQ_SOURCE,
        Shape::Group6 => &IPV6_MREQ,
        Shape::Credentials => &UCRED,
        _ => return None,
    })
}

impl FieldKind {
    fn size(self) -> usize {
        match self {
            Self::Int | Self::Ip4 => 4,
            Self::Long => size_of::<c_long>(),
            Self::Ip6 => 16,
        }
    }

    fn read(self, bytes: &[u8]) -> Option<Field> {
        let int = || Some(i32::from_ne_bytes(bytes.get(..4)?.try_into().ok()?));
        Some(match self {
            Self::Int => Field::Int(int()?),
            Self::Long if self.size() == 4 => Field::Long(int()?.into()),
            Self::Long => Field::Long(i64::from_ne_bytes(bytes.get(..8)?.try_into().ok()?)),
            Self::Ip4 => Field::Ip4(ip4(bytes)?),
            Self::Ip6 => Field::Ip6(<[u8; 16]>::try_from(bytes.get(..16)?).ok()?.into()),
        })
    }
}

impl Layout {
    fn read(&'static self, bytes: &[u8]) -> Option<Given> {
        let mut rest = bytes;
        let mut fields = Vec::new();
        for (_, kind) in self.fields {
            let (field, behind) = rest.split_at_checked(kind.size())?;
            fields.push(kind.read(field)?);
            rest = behind;
        }
        rest.is_empty().then_some(Given::Struct(self, fields))
    }
}

fn ip4(bytes: &[u8]) -> Option<Ipv4Addr> {
    Some(<[u8; 4]>::try_from(bytes.get(..4)?).ok()?.into())
}

/// The value that setsockopt(2) is given.
pub(super) fn given(call: &Call, memory: &Memory) -> Option<Given> {
    let option = options::of_call(call)?;
    if memory.length != Length::Told {
        return None;
    }
    let bytes = &memory.bytes;
    let as_bytes = || Given::Bytes(bytes.clone());
    if let Some(layout) = layout(option.shape, bytes.len()) {
        return Some(layout.read(bytes).unwrap_or_else(as_bytes));
    }
    Some(match (option.shape, bytes.len()) {
        (Shape::Text | Shape::Bytes, _) => as_bytes(),
        (Shape::Interface, 4) => Given::Ip4(ip4(bytes)?),
        (_, 4) => Given::Int(i32::from_ne_bytes(bytes.as_slice().try_into().ok()?)),
        (_, 8) => Given::Long(u64::from_ne_bytes(bytes.as_slice().try_into().ok()?)),
        _ => as_bytes(),
    })
}

/// The room that getsockopt(2) is given.
pub(super) fn room(call: &Call, memory: &Memory) -> Option<Room> {
    let option = options::of_call(call)?;
    if memory.length != Length::Exchanged {
        return None;
    }
    let size = memory.bytes.len();
    if let Some(layout) = layout(option.shape, size) {
        return Some(Room::Struct(layout));
    }
    Some(match (option.shape, size) {
        (Shape::Text, _) => Room::Text(size),
        (Shape::Interface, 4) => Room::Ip4,
        (Shape::Bytes | Shape::TcpInfo | Shape::MemoryInfo | Shape::Address, _) => Room::Bytes(size),
        (_, 4) => Room::Int,
        (_, 8) => Room::Long,
        _ => Room::Bytes(size),
    })
}
