//! A call in Python.

use crate::address::{Address, UnixAddress};
use crate::export::names::{bytes, constant};
use crate::export::plan::option::{Field, FieldKind, Given, Room};
use crate::export::plan::{Argument, Piece, Plan, Planned, Polled};
use crate::render::polled;
use crate::worker::call::Until;
use std::net::SocketAddr;

/// A call in Python.
pub(super) struct Written {
    /// The expression.
    pub call: String,
    /// What its value is assigned to.
    pub takes: Option<String>,
    /// The lines that tell what it returned.
    pub tells: Vec<String>,
}

/// The call as an expression; or why Python has none for it.
pub(super) fn written(plan: &Plan, call: &Planned) -> Result<Written, String> {
    let writer = Writer { plan, call };
    let sock = writer.sock();
    let nothing = |expression: String| Ok(writer.told(expression, None, "0"));
    match call.function.as_str() {
        "socket" => writer.opening(format!("socket.socket({})", writer.constants())),
        "socketpair" => {
            let call = format!("socket.socketpair({})", writer.constants());
            let names: Vec<&str> = writer.call.opens.iter().map(|socket| plan.name(*socket)).collect();
            Ok(writer.told(call, Some(&names.join(", ")), "0"))
        }
        "accept" => writer.opening(format!("{sock}.accept()")),
        "dup" => writer.opening(format!("{sock}.dup()")),
        "bind" | "connect" => nothing(format!("{sock}.{}({})", call.function, writer.to()?)),
        "listen" => nothing(format!("{sock}.listen({})", call.number_at(1).clamp(0, i32::MAX.into()))),
        "close" => nothing(format!("{sock}.close()")),
        "shutdown" => nothing(format!("{sock}.shutdown({})", writer.constant_at(1))),
        "getsockname" | "getpeername" => nothing(format!("{sock}.{}()", call.function)),
        "unlink" => nothing(format!("os.unlink({})", writer.path())),
        "fcntl" if call.arguments.len() < 3 => {
            Ok(writer.told(format!("fcntl.fcntl({sock}, fcntl.F_GETFL)"), Some("flags"), "flags"))
        }
        "fcntl" => {
            let blocks = call.number_at(2) & i64::from(libc::O_NONBLOCK) == 0;
            nothing(format!("{sock}.setblocking({})", if blocks { "True" } else { "False" }))
        }
        "poll" => writer.poll(),
        "send" | "sendto" => writer.send(&sock),
        "recv" | "recvfrom" => writer.recv(&sock),
        "setsockopt" => writer.set_option(&sock),
        "getsockopt" => writer.get_option(&sock),
        other => Err(format!("Python's module socket has nothing for {other}")),
    }
}

struct Writer<'a> {
    plan: &'a Plan,
    call: &'a Planned,
}

impl Writer<'_> {
    fn told(&self, call: String, takes: Option<&str>, value: &str) -> Written {
        let tell = format!("tell({}, \"{}\", {value})", self.call.number, self.call.said);
        Written { call, takes: takes.map(str::to_owned), tells: vec![tell] }
    }

    fn opening(&self, call: String) -> Result<Written, String> {
        let name = self.call.opens.first().map_or("fd", |socket| self.plan.name(*socket));
        let takes = if self.call.function == "accept" { format!("{name}, _") } else { name.to_owned() };
        Ok(self.told(call, Some(&takes), &format!("{name}.fileno()")))
    }

    fn received(&self, call: String) -> Written {
        let tell = format!("tell_data({}, \"{}\", data)", self.call.number, self.call.said);
        Written { call, takes: Some("data".into()), tells: vec![tell] }
    }

    fn sock(&self) -> String {
        match self.call.arguments.first() {
            Some(Argument::Socket(socket)) => self.plan.name(*socket).to_owned(),
            Some(Argument::Descriptor(fd)) => format!("socket.socket(fileno={fd})"),
            _ => String::new(),
        }
    }

    fn constants(&self) -> String {
        let arguments = self.call.arguments.iter();
        let given = arguments.filter(|argument| !matches!(argument, Argument::Number(0) | Argument::PairOut));
        given.map(|argument| constant(argument, "socket.")).collect::<Vec<_>>().join(", ")
    }

    fn constant_at(&self, place: usize) -> String {
        self.call.arguments.get(place).map_or("0".into(), |argument| constant(argument, "socket."))
    }

    /// The flags, behind a comma, where there are any.
    fn flags(&self) -> String {
        let flags = self.call.arguments.get(2);
        let flags = flags.filter(|argument| matches!(argument, Argument::Constant(..)));
        flags.map(|flags| format!(", {}", constant(flags, "socket."))).unwrap_or_default()
    }

    fn path(&self) -> String {
        let path = self.call.arguments.iter().find_map(|argument| match argument {
            Argument::Text(path) => Some(bytes(path)),
            _ => None,
        });
        path.unwrap_or_else(|| "b\"\"".into())
    }

    fn to(&self) -> Result<String, String> {
        let address = self.call.arguments.iter().find_map(|argument| match argument {
            Argument::AddressOf(socket) => Some(format!("address_of({})", self.plan.name(*socket))),
            Argument::Address(address) => Some(literal_address(address)),
            _ => None,
        });
        address.ok_or_else(|| "Python's connect takes no AF_UNSPEC: it cannot take a peer away".into())
    }

    fn poll(&self) -> Result<Written, String> {
        let polled = self.call.arguments.iter().find_map(|argument| match argument {
            Argument::Polled(polled) => Some(polled.as_slice()),
            _ => None,
        });
        let polled = polled.unwrap_or_default();
        let mut sockets: Vec<_> = polled.iter().map(|one| one.socket).collect();
        sockets.sort_unstable();
        sockets.dedup();
        if sockets.len() < polled.len() {
            return Err("Python's poll takes a socket once, and here one stands twice".into());
        }
        let asked = |one: &Polled| {
            let events = polled::names(one.events).replace("POLL", "select.POLL").replace('|', " | ");
            format!("{}: {events}", self.plan.name(one.socket))
        };
        let asked: Vec<String> = polled.iter().map(asked).collect();
        let limit = match self.call.number_at(1) {
            -1 => "None".to_owned(),
            limit => limit.to_string(),
        };
        let call = format!("poll({{{}}}, {limit})", asked.join(", "));
        let mut written = self.told(call, Some("ready"), "len(ready)");
        for one in polled {
            let name = self.plan.name(one.socket);
            let number = self.call.number;
            written.tells.push(format!("tell_events({number}, \"{}\", ready.get({name}, 0))", one.said));
        }
        Ok(written)
    }

    fn send(&self, sock: &str) -> Result<Written, String> {
        let data = data(self.call.data().unwrap_or_default());
        let flags = self.flags();
        let call = match (&self.call.until, self.call.function.as_str()) {
            (Until::AllSent, _) => format!("send_all({sock}, {data})"),
            (_, "sendto") => format!("{sock}.sendto({data}{flags}, {})", self.to()?),
            _ => format!("{sock}.send({data}{flags})"),
        };
        Ok(self.told(call, Some("count"), "count"))
    }

    fn recv(&self, sock: &str) -> Result<Written, String> {
        let room = self.call.room().unwrap_or_default();
        let flags = self.flags();
        let truncated = self.call.number_at(2) & i64::from(libc::MSG_TRUNC) != 0;
        Ok(match &self.call.until {
            Until::Received(size) => self.received(format!("recv_exact({sock}, {size})")),
            Until::Found { delimiter, limit } => {
                self.received(format!("recv_until({sock}, {}, {limit})", bytes(delimiter)))
            }
            Until::Ended { limit } => self.received(format!("recv_all({sock}, {limit})")),
            _ if truncated => {
                let tell = format!("tell_data({}, \"{}\", data, count)", self.call.number, self.call.said);
                let call = format!("recv_trunc({sock}, {room}{flags})");
                Written { call, takes: Some("data, count".into()), tells: vec![tell] }
            }
            _ if self.call.function == "recvfrom" => Written {
                takes: Some("data, _".into()),
                ..self.received(format!("{sock}.recvfrom({room}{flags})"))
            },
            _ => self.received(format!("{sock}.recv({room}{flags})")),
        })
    }

    fn set_option(&self, sock: &str) -> Result<Written, String> {
        let given = self.call.arguments.iter().find_map(|argument| match argument {
            Argument::Given(value) => Some(given(value)),
            _ => None,
        });
        let given = given.ok_or("its value has no form in Python")?;
        let (level, option) = (self.constant_at(1), self.constant_at(2));
        Ok(self.told(format!("{sock}.setsockopt({level}, {option}, {given})"), None, "0"))
    }

    fn get_option(&self, sock: &str) -> Result<Written, String> {
        let room = self.call.arguments.iter().find_map(|argument| match argument {
            Argument::OptionRoom(room) => Some(*room),
            _ => None,
        });
        let room = room.ok_or("its value has no form in Python")?;
        let size = match room {
            Room::Int => String::new(),
            Room::Long => ", 8".into(),
            Room::Ip4 => ", 4".into(),
            Room::Text(size) | Room::Bytes(size) => format!(", {size}"),
            Room::Struct(layout) => format!(", struct.calcsize(\"{}\")", format_of(layout.fields)),
        };
        let shown = match room {
            Room::Int => "value".to_owned(),
            Room::Long => "struct.unpack(\"Q\", value)[0]".into(),
            Room::Ip4 => "socket.inet_ntoa(value)".into(),
            Room::Text(_) => "value".into(),
            Room::Bytes(_) => "f\"{len(value)} bytes\"".into(),
            Room::Struct(layout) => format!("struct.unpack(\"{}\", value)", format_of(layout.fields)),
        };
        let (level, option) = (self.constant_at(1), self.constant_at(2));
        let name = match self.call.arguments.get(2) {
            Some(Argument::Constant(_, name)) => name,
            _ => "it",
        };
        let call = format!("{sock}.getsockopt({level}, {option}{size})");
        let mut written = self.told(call, Some("value"), "0");
        written.tells.push(format!("tell_option({}, \"{name}\", {shown})", self.call.number));
        Ok(written)
    }
}

/// An address as Python takes it: a tuple for IP, bytes for a name.
fn literal_address(address: &Address) -> String {
    match address {
        Address::Inet(SocketAddr::V6(inet)) if inet.scope_id() != 0 => {
            format!("(\"{}\", {}, 0, {})", inet.ip(), inet.port(), inet.scope_id())
        }
        Address::Inet(inet) => format!("(\"{}\", {})", inet.ip(), inet.port()),
        Address::Unix(UnixAddress::Unnamed) => "b\"\"".into(),
        Address::Unix(UnixAddress::Path(path)) => bytes(path),
        Address::Unix(UnixAddress::Abstract(name)) => bytes(&[&[0], name.as_slice()].concat()),
    }
}

fn format_of(fields: &[(&str, FieldKind)]) -> String {
    let letter = |(_, kind): &(&str, FieldKind)| match kind {
        FieldKind::Int => "i",
        FieldKind::Long => "l",
        FieldKind::Ip4 => "4s",
        FieldKind::Ip6 => "16s",
    };
    fields.iter().map(letter).collect()
}

/// A value for setsockopt.
fn given(value: &Given) -> String {
    match value {
        Given::Int(value) => value.to_string(),
        Given::Long(value) => format!("struct.pack(\"Q\", {value})"),
        Given::Ip4(address) => format!("socket.inet_aton(\"{address}\")"),
        Given::Bytes(value) => bytes(value),
        Given::Struct(layout, values) => {
            let plain = values.iter().map(|value| match value {
                Field::Int(value) => value.to_string(),
                Field::Long(value) => value.to_string(),
                Field::Ip4(address) => format!("socket.inet_aton(\"{address}\")"),
                Field::Ip6(address) => format!("socket.inet_pton(socket.AF_INET6, \"{address}\")"),
            });
            let plain: Vec<String> = plain.collect();
            format!("struct.pack(\"{}\", {})", format_of(layout.fields), plain.join(", "))
        }
    }
}

fn data(pieces: &[Piece]) -> String {
    let parts: Vec<String> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Bytes(plain) => bytes(plain),
            Piece::Random { size, offset } => format!("random_bytes({size}, {offset})"),
        })
        .collect();
    if parts.is_empty() { "b\"\"".into() } else { parts.join(" + ") }
}
