//! A call in Rust.

use crate::address::{Address, UnixAddress};
use crate::export::names::{bytes, constant, is_known};
use crate::export::plan::option::{Field, FieldKind, Given, Room};
use crate::export::plan::{Argument, Piece, Plan, Planned};
use crate::render::polled;
use crate::worker::call::Until;

/// A call in Rust.
pub(super) struct Written {
    /// What comes before it.
    pub before: Vec<String>,
    /// The expression, an `io::Result`.
    pub call: String,
    /// What its value is bound to.
    pub takes: String,
    /// What tells of it: first what it returned, then what the kernel has filled in.
    pub tells: Vec<String>,
    /// What the kernel fills in beside what it returns: a thread gives it back as well.
    pub filled: Option<&'static str>,
}

/// The call; or why there is nothing for it in Rust.
pub(super) fn written(plan: &Plan, call: &Planned) -> Result<Written, String> {
    let writer = Writer { plan, call };
    match call.function.as_str() {
        "socket" => {
            let (domain, kind, protocol) = writer.kind_of_socket();
            Ok(writer.opening(format!("Socket::new({domain}, {kind}, {protocol})")))
        }
        "socketpair" => {
            let (domain, kind, protocol) = writer.kind_of_socket();
            // Rust warns of a variable that nobody uses, unless it is called so.
            let mark = |socket| if plan.calls().any(|call| call.uses().contains(socket)) { "" } else { "_" };
            let names = call.opens.iter().map(|socket| format!("{}{}", mark(socket), plan.name(*socket)));
            let names: Vec<String> = names.collect();
            let takes = format!("({})", names.join(", "));
            Ok(writer.told(format!("Socket::pair({domain}, {kind}, {protocol})"), &takes, "0"))
        }
        "unlink" => Ok(writer.unit(format!("std::fs::remove_file({})", writer.path()))),
        "poll" => writer.poll(),
        _ => {
            let sock = call.socket().map(|socket| plan.name(socket));
            writer.on(sock.ok_or("in Rust there is no way to name a descriptor that is not open")?)
        }
    }
}

struct Writer<'a> {
    plan: &'a Plan,
    call: &'a Planned,
}

impl Writer<'_> {
    fn told(&self, call: String, takes: &str, value: &str) -> Written {
        let (number, said) = (self.call.number, &self.call.said);
        let tell = if value.contains(['(', '.']) {
            format!("println!(\"{number}: {said} = {{}}\", {value});")
        } else if value == "0" {
            format!("println!(\"{number}: {said} = 0\");")
        } else {
            format!("println!(\"{number}: {said} = {{{value}}}\");")
        };
        Written { before: Vec::new(), call, takes: takes.to_owned(), tells: vec![tell], filled: None }
    }

    fn unit(&self, call: String) -> Written {
        self.told(call, "()", "0")
    }

    fn opening(&self, call: String) -> Written {
        let name = self.call.opens.first().map_or("fd", |socket| self.plan.name(*socket));
        let takes = if self.call.function == "accept" { format!("({name}, _)") } else { name.to_owned() };
        self.told(call, &takes, &format!("{name}.as_raw_fd()"))
    }

    /// A call on a socket.
    fn on(&self, sock: &str) -> Result<Written, String> {
        let call = self.call;
        let flags = self.flags();
        Ok(match call.function.as_str() {
            "accept" => self.opening(format!("{sock}.accept()")),
            "dup" => self.opening(format!("{sock}.try_clone()")),
            "connect" if self.to().is_none() => self.unit(format!("disconnect(&{sock})")),
            "bind" | "connect" => {
                self.unit(format!("{sock}.{}(&{})", call.function, self.to().unwrap_or_default()))
            }
            "listen" => self.unit(format!("{sock}.listen({})", call.number_at(1).clamp(0, i32::MAX.into()))),
            "shutdown" => {
                let how = match i32::try_from(call.number_at(1)) {
                    Ok(libc::SHUT_RD) => "Read",
                    Ok(libc::SHUT_WR) => "Write",
                    _ => "Both",
                };
                self.unit(format!("{sock}.shutdown(Shutdown::{how})"))
            }
            "getsockname" => self.unit(format!("{sock}.local_addr().map(drop)")),
            "getpeername" => self.unit(format!("{sock}.peer_addr().map(drop)")),
            "fcntl" if call.arguments.len() < 3 => self.told(format!("get_flags(&{sock})"), "flags", "flags"),
            "fcntl" => {
                let nonblock = call.number_at(2) & i64::from(libc::O_NONBLOCK) != 0;
                self.unit(format!("{sock}.set_nonblocking({nonblock})"))
            }
            "send" | "sendto" => {
                let data = data(call.data().unwrap_or_default());
                let call = match (&call.until, self.to()) {
                    (Until::AllSent, _) => format!("send_all(&{sock}, {data})"),
                    (_, Some(to)) if flags == "0" => format!("{sock}.send_to({data}, &{to})"),
                    (_, Some(to)) => format!("{sock}.send_to_with_flags({data}, &{to}, {flags})"),
                    _ if flags == "0" => format!("{sock}.send({data})"),
                    _ => format!("{sock}.send_with_flags({data}, {flags})"),
                };
                self.told(call, "count", "count")
            }
            "recv" | "recvfrom" => self.recv(sock, &flags),
            "setsockopt" => self.set_option(sock)?,
            "getsockopt" => self.get_option(sock)?,
            other => return Err(format!("nothing in Rust is known for {other}")),
        })
    }

    fn recv(&self, sock: &str, flags: &str) -> Written {
        let room = self.call.room().unwrap_or_default();
        let (number, said) = (self.call.number, &self.call.said);
        let call = match &self.call.until {
            Until::Received(size) => format!("recv_exact(&{sock}, {size})"),
            Until::Found { delimiter, limit } => {
                format!("recv_until(&{sock}, {}, {limit})", bytes(delimiter))
            }
            Until::Ended { limit } => format!("recv_all(&{sock}, {limit})"),
            _ if self.call.number_at(2) & i64::from(libc::MSG_TRUNC) != 0 => {
                let call = format!("recv_trunc(&{sock}, {room}, {flags})");
                let tells = vec![format!("tell_data({number}, \"{said}\", count, &data);")];
                return Written {
                    before: Vec::new(),
                    call,
                    takes: "(data, count)".into(),
                    tells,
                    filled: None,
                };
            }
            _ if self.call.function == "recvfrom" => format!("recv_from(&{sock}, {room}, {flags})"),
            _ => format!("recv(&{sock}, {room}, {flags})"),
        };
        let tells = vec![format!("tell_data({number}, \"{said}\", data.len(), &data);")];
        let takes = if call.starts_with("recv_from") { "(data, _)" } else { "data" };
        Written { before: Vec::new(), call, takes: takes.into(), tells, filled: None }
    }

    fn poll(&self) -> Result<Written, String> {
        let polled = self.call.arguments.iter().find_map(|argument| match argument {
            Argument::Polled(polled) => Some(polled.as_slice()),
            _ => None,
        });
        let mut before = vec!["let mut polled = [".to_owned()];
        let mut shows = Vec::new();
        let number = self.call.number;
        for (place, one) in polled.unwrap_or_default().iter().enumerate() {
            let events = polled::names(one.events).replace("POLL", "libc::POLL").replace('|', " | ");
            let fd = format!("fd: {}.as_raw_fd()", self.plan.name(one.socket));
            before.push(format!("    libc::pollfd {{ {fd}, events: {events}, revents: 0 }},"));
            shows.push(format!("tell_events({number}, \"{}\", polled[{place}].revents);", one.said));
        }
        before.push("];".into());
        let call = format!("poll(&mut polled, {})", self.call.number_at(1));
        let mut written = self.told(call, "count", "count");
        written.before = before;
        written.tells.extend(shows);
        written.filled = Some("polled");
        Ok(written)
    }

    fn kind_of_socket(&self) -> (String, String, String) {
        let at = |place| i32::try_from(self.call.number_at(place)).unwrap_or(-1);
        let domain = match at(0) {
            libc::AF_INET => "Domain::IPV4".to_owned(),
            libc::AF_INET6 => "Domain::IPV6".into(),
            libc::AF_UNIX => "Domain::UNIX".into(),
            other => format!("Domain::from({other})"),
        };
        // What is made by Rust is close-on-exec in any case.
        let kind = match at(1) & !(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC) {
            libc::SOCK_STREAM => "Type::STREAM".to_owned(),
            libc::SOCK_DGRAM => "Type::DGRAM".into(),
            libc::SOCK_SEQPACKET => "Type::SEQPACKET".into(),
            other => format!("Type::from({other})"),
        };
        let nonblocking = if at(1) & libc::SOCK_NONBLOCK == 0 { "" } else { ".nonblocking()" };
        let protocol = match at(2) {
            0 => "None".to_owned(),
            libc::IPPROTO_TCP => "Some(Protocol::TCP)".into(),
            libc::IPPROTO_UDP => "Some(Protocol::UDP)".into(),
            other => format!("Some(Protocol::from({other}))"),
        };
        (domain, format!("{kind}{nonblocking}"), protocol)
    }

    fn flags(&self) -> String {
        match self.call.arguments.get(2) {
            Some(flags @ Argument::Constant(1.., _)) => constant(flags, "libc::"),
            _ => "0".into(),
        }
    }

    fn path(&self) -> String {
        let path = self.call.arguments.iter().find_map(|argument| match argument {
            Argument::Text(path) => Some(String::from_utf8_lossy(path)),
            _ => None,
        });
        format!("{:?}", path.unwrap_or_default())
    }

    fn to(&self) -> Option<String> {
        self.call.arguments.iter().find_map(|argument| match argument {
            Argument::AddressOf(socket) => Some(format!("address_of(&{})", self.plan.name(*socket))),
            Argument::Address(Address::Inet(inet)) => Some(format!("inet(\"{inet}\")")),
            Argument::Address(Address::Unix(name)) => Some(match name {
                UnixAddress::Unnamed => "unix_name(\"\")".into(),
                UnixAddress::Path(path) => format!("unix_name({:?})", String::from_utf8_lossy(path)),
                UnixAddress::Abstract(name) => {
                    format!("unix_name({:?})", format!("\0{}", String::from_utf8_lossy(name)))
                }
            }),
            _ => None,
        })
    }

    /// The level and the number of an option.
    fn option(&self) -> String {
        let name = |place| match self.call.arguments.get(place) {
            // libc has them by their older names.
            Some(Argument::Constant(_, name)) if name == "IPV6_JOIN_GROUP" => {
                "libc::IPV6_ADD_MEMBERSHIP".into()
            }
            Some(Argument::Constant(_, name)) if name == "IPV6_LEAVE_GROUP" => {
                "libc::IPV6_DROP_MEMBERSHIP".into()
            }
            Some(Argument::Constant(value, name)) if !is_known(name) => format!("/* {name} */ {value}"),
            Some(argument) => constant(argument, "libc::"),
            None => "0".into(),
        };
        format!("{}, {}", name(1), name(2))
    }

    fn set_option(&self, sock: &str) -> Result<Written, String> {
        let given = self.call.arguments.iter().find_map(|argument| match argument {
            Argument::Given(value) => Some(given(value)),
            _ => None,
        });
        let given = given.ok_or("its value has no form in Rust")?;
        Ok(self.unit(format!("set_option(&{sock}, {}, {given})", self.option())))
    }

    fn get_option(&self, sock: &str) -> Result<Written, String> {
        let room = self.call.arguments.iter().find_map(|argument| match argument {
            Argument::OptionRoom(room) => Some(*room),
            _ => None,
        });
        let room = room.ok_or("its value has no form in Rust")?;
        let (start, shown) = match room {
            Room::Int => ("0i32".to_owned(), "value.0".to_owned()),
            Room::Long => ("0u64".into(), "value.0".into()),
            Room::Ip4 => ("[0u8; 4]".into(), "std::net::Ipv4Addr::from(value.0)".into()),
            Room::Text(size) => (format!("[0u8; {size}]"), "format!(\"{:?}\", text(&value.0))".into()),
            Room::Bytes(size) => (format!("[0u8; {size}]"), "format!(\"{} bytes\", value.1)".into()),
            Room::Struct(layout) => {
                let zeros: Vec<String> = layout.fields.iter().map(|(name, _)| format!("{name}: 0")).collect();
                let readable =
                    |(_, kind): &&(&str, FieldKind)| matches!(kind, FieldKind::Int | FieldKind::Long);
                let fields = layout.fields.iter().filter(readable);
                let fields: Vec<String> = fields.map(|(name, _)| format!("value.0.{name}")).collect();
                let places = vec!["{}"; fields.len()].join(", ");
                (
                    format!("libc::{} {{ {} }}", layout.name, zeros.join(", ")),
                    format!("format!(\"{{{{{places}}}}}\", {})", fields.join(", ")),
                )
            }
        };
        let call = format!("get_option(&{sock}, {}, {start})", self.option());
        // Of a call that fails there is nothing to be looked at.
        let takes = if self.call.failed.is_some() { "_" } else { "value" };
        let mut written = self.told(call, takes, "0");
        let name = match self.call.arguments.get(2) {
            Some(Argument::Constant(_, name)) => name,
            _ => "it",
        };
        written.tells.push(format!("println!(\"{}: {name} is {{}}\", {shown});", self.call.number));
        Ok(written)
    }
}

/// A value for setsockopt, by reference.
fn given(value: &Given) -> String {
    match value {
        Given::Int(value) => format!("&{value}i32"),
        Given::Long(value) => format!("&{value}u64"),
        Given::Ip4(address) => format!("&ip4(\"{address}\")"),
        Given::Bytes(value) => bytes(value),
        Given::Struct(layout, values) => {
            let fields = layout.fields.iter().zip(values).map(|((name, _), value)| match value {
                Field::Int(value) => format!("{name}: {value}"),
                Field::Long(value) => format!("{name}: {value}"),
                Field::Ip4(address) => format!("{name}: ip4(\"{address}\")"),
                Field::Ip6(address) => format!("{name}: ip6(\"{address}\")"),
            });
            format!("&libc::{} {{ {} }}", layout.name, fields.collect::<Vec<_>>().join(", "))
        }
    }
}

fn data(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Bytes(plain) => format!("&{}[..]", bytes(plain)),
        Piece::Random { size, offset } => format!("&random_bytes({size}, {offset})"),
    };
    match pieces {
        [] => "b\"\"".into(),
        [Piece::Bytes(plain)] => bytes(plain),
        [one] => piece(one),
        several => {
            let several: Vec<String> = several.iter().map(piece).collect();
            format!("&[{}].concat()", several.join(", "))
        }
    }
}
