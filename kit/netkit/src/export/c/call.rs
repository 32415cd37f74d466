//! A call in C.

use crate::address::{Address, UnixAddress};
use crate::export::LARGE;
use crate::export::names::quoted;
use crate::export::plan::option::{Field, FieldKind, Given, Layout, Room};
use crate::export::plan::{Argument, Piece, Plan, Planned, Polled};
use crate::render::polled;
use crate::worker::call::Until;
use std::net::SocketAddr;

/// A call in C: what comes before it, the call itself, what comes after.
pub(super) struct Written {
    pub before: Vec<String>,
    pub call: String,
    /// The buffer with what was received.
    pub buffer: Option<String>,
    /// What tells what the kernel has filled in, where the call succeeded.
    pub shows: Vec<String>,
    /// Where a job leaves what the kernel has filled in, for the main thread to tell of.
    pub kept: Option<String>,
    pub after: Vec<String>,
}

/// A call, on the main thread or in a job.
pub(super) fn written(plan: &Plan, call: &Planned, job: Option<u32>) -> Written {
    let mut writer = Writer {
        plan,
        call,
        job,
        written: Written {
            before: Vec::new(),
            call: String::new(),
            buffer: None,
            shows: Vec::new(),
            kept: None,
            after: Vec::new(),
        },
    };
    let mut arguments: Vec<String> =
        call.arguments.iter().map(|argument| writer.argument(argument)).collect();
    let function = match &call.until {
        Until::Returned => call.function.clone(),
        _ => {
            // The loops ask for no flags.
            arguments.truncate(2);
            if let Until::Found { delimiter, .. } = &call.until {
                arguments.push(format!("{}, {}", literal(delimiter), delimiter.len()));
            }
            call.verb.replace('-', "_")
        }
    };
    let opens = match call.opens.as_slice() {
        [socket] => format!("{} = ", plan.name(*socket)),
        _ => String::new(),
    };
    writer.written.call = match arguments.as_slice() {
        // As it is usually written: what else is set stays as it is.
        [fd, operation, _] if operation == "F_SETFL" => {
            let change = if call.number_at(2) & i64::from(libc::O_NONBLOCK) == 0 { "& ~" } else { "| " };
            format!("fcntl({fd}, F_SETFL, fcntl({fd}, F_GETFL) {change}O_NONBLOCK)")
        }
        arguments => format!("{opens}{function}({})", arguments.join(", ")),
    };
    writer.written
}

/// How much room a receiving call needs.
pub(super) fn room(call: &Planned) -> Option<u64> {
    let room = call.room()?;
    Some(match &call.until {
        Until::Received(size) | Until::Found { limit: size, .. } | Until::Ended { limit: size } => *size,
        Until::Returned | Until::AllSent => room,
    })
}

struct Writer<'a> {
    plan: &'a Plan,
    call: &'a Planned,
    job: Option<u32>,
    written: Written,
}

impl Writer<'_> {
    fn before(&mut self, line: impl Into<String>) {
        self.written.before.push(line.into());
    }

    fn argument(&mut self, argument: &Argument) -> String {
        match argument {
            Argument::Socket(socket) => self.plan.name(*socket).to_owned(),
            Argument::Descriptor(fd) => fd.to_string(),
            Argument::Number(number) => number.to_string(),
            Argument::Constant(_, name) => name.clone(),
            Argument::Address(_) | Argument::AddressOf(_) => {
                let to = address(self.plan, argument);
                self.before(format!("struct address to = {to};"));
                "(struct sockaddr *)&to.storage, to.length".into()
            }
            Argument::AddressOut => {
                self.before("struct address from = { .length = sizeof from.storage };");
                "(struct sockaddr *)&from.storage, &from.length".into()
            }
            Argument::NoAddress => {
                "&(struct sockaddr){ .sa_family = AF_UNSPEC }, sizeof(struct sockaddr)".into()
            }
            Argument::Text(text) => literal(text),
            Argument::PairOut => {
                self.before("int pair[2] = { -1, -1 };");
                for (place, socket) in self.call.opens.iter().enumerate() {
                    self.written.after.push(format!("{} = pair[{place}];", self.plan.name(*socket)));
                }
                "pair".into()
            }
            Argument::Polled(polled) => self.polled(polled),
            Argument::Data(pieces) => self.data(pieces),
            Argument::Room(_) => self.room(),
            Argument::Given(value) => given(value),
            Argument::OptionRoom(room) => self.option_room(*room),
        }
    }

    fn polled(&mut self, sockets: &[Polled]) -> String {
        self.before("struct pollfd polled[] = {");
        let told = self.job.map_or_else(|| "polled".to_owned(), |job| format!("polled_{job}"));
        for (place, one) in sockets.iter().enumerate() {
            let (name, events) = (self.plan.name(one.socket), polled::names(one.events).replace('|', " | "));
            self.before(format!("    {{ .fd = {name}, .events = {events} }},"));
            let (number, said) = (self.call.number, &one.said);
            self.written.shows.push(format!("tell_events({number}, \"{said}\", {told}[{place}].revents);"));
        }
        self.before("};");
        if self.job.is_some() {
            self.written.kept = Some(format!("static struct pollfd {told}[{}];", sockets.len()));
            self.written.after.push(format!("memcpy({told}, polled, sizeof polled);"));
        }
        format!("polled, {}", sockets.len())
    }

    fn data(&mut self, pieces: &[Piece]) -> String {
        match pieces {
            [] => return "\"\", 0".into(),
            [Piece::Bytes(bytes)] => return format!("{}, {}", literal(bytes), bytes.len()),
            _ => {}
        }
        let size: u64 = pieces.iter().map(Piece::len).sum();
        self.before(format!("char *data = room({size});"));
        let mut at = 0;
        for piece in pieces {
            self.before(match piece {
                Piece::Bytes(bytes) => format!("memcpy(data + {at}, {}, {});", literal(bytes), bytes.len()),
                Piece::Random { size, offset } => format!("random_bytes(data + {at}, {size}, {offset});"),
            });
            at += piece.len();
        }
        self.written.after.push("free(data);".into());
        format!("data, {size}")
    }

    fn room(&mut self) -> String {
        let size = room(self.call).unwrap_or_default();
        let name = match self.job {
            Some(job) => {
                self.before(format!("job_{job}.data = room({size});"));
                format!("job_{job}.data")
            }
            None if size > LARGE => {
                self.before(format!("char *buffer = room({size});"));
                self.written.after.push("free(buffer);".into());
                "buffer".into()
            }
            None => {
                self.before(format!("char buffer[{}];", size.max(1)));
                "buffer".into()
            }
        };
        self.written.buffer = Some(name.clone());
        format!("{name}, {size}")
    }

    fn option_room(&mut self, room: Room) -> String {
        let (declared, format, shown) = match room {
            Room::Int => ("int value = 0".to_owned(), "%d".to_owned(), "value".to_owned()),
            Room::Long => ("unsigned long long value = 0".into(), "%llu".into(), "value".into()),
            Room::Ip4 => ("struct in_addr value = { 0 }".into(), "%s".into(), "inet_ntoa(value)".into()),
            Room::Text(size) => {
                (format!("char value[{size}] = {{ 0 }}"), "\\\"%s\\\"".into(), "value".into())
            }
            Room::Bytes(size) => (format!("char value[{size}]"), "%u bytes".into(), "size".into()),
            Room::Struct(layout) => {
                let formats: Vec<&str> = layout.fields.iter().map(|(_, kind)| format_of(*kind)).collect();
                let fields: Vec<String> = layout.fields.iter().map(field_shown).collect();
                (
                    format!("struct {} value = {{ 0 }}", layout.name),
                    format!("{{{}}}", formats.join(", ")),
                    fields.join(", "),
                )
            }
        };
        self.before(format!("{declared};"));
        self.before("socklen_t size = sizeof value;");
        let option = match self.call.arguments.get(2) {
            Some(Argument::Constant(_, name)) => name,
            _ => "it",
        };
        let number = self.call.number;
        self.written.shows.push(format!("printf(\"{number}: {option} is {format}\\n\", {shown});"));
        "&value, &size".into()
    }
}

fn format_of(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Int | FieldKind::Long => "%ld",
        FieldKind::Ip4 | FieldKind::Ip6 => "%s",
    }
}

/// A field of the variable `value`, for printf.
fn field_shown((name, kind): &(&str, FieldKind)) -> String {
    match kind {
        FieldKind::Int | FieldKind::Long => format!("(long)value.{name}"),
        // No option that can be read has one.
        FieldKind::Ip4 | FieldKind::Ip6 => "\"an address\"".into(),
    }
}

/// A value for setsockopt, and its size.
fn given(value: &Given) -> String {
    match value {
        Given::Int(value) => format!("&(int){{ {value} }}, sizeof(int)"),
        Given::Long(value) => format!("&(uint64_t){{ UINT64_C({value}) }}, sizeof(uint64_t)"),
        Given::Ip4(address) => format!("(struct in_addr[]){{ ip4(\"{address}\") }}, sizeof(struct in_addr)"),
        Given::Bytes(bytes) => format!("{}, {}", literal(without_last_zero(bytes)), bytes.len()),
        Given::Struct(Layout { name, fields }, values) => {
            let fields = fields.iter().zip(values).map(|((name, _), value)| match value {
                Field::Int(value) => format!(".{name} = {value}"),
                Field::Long(value) => format!(".{name} = {value}"),
                Field::Ip4(address) => format!(".{name} = ip4(\"{address}\")"),
                Field::Ip6(address) => format!(".{name} = ip6(\"{address}\")"),
            });
            let fields: Vec<String> = fields.collect();
            format!("&(struct {name}){{ {} }}, sizeof(struct {name})", fields.join(", "))
        }
    }
}

/// C puts a zero byte behind a string by itself.
fn without_last_zero(bytes: &[u8]) -> &[u8] {
    bytes.strip_suffix(&[0]).unwrap_or(bytes)
}

fn address(plan: &Plan, argument: &Argument) -> String {
    match argument {
        Argument::AddressOf(socket) => format!("address_of({})", plan.name(*socket)),
        Argument::Address(Address::Inet(SocketAddr::V4(inet))) => {
            format!("ipv4(\"{}\", {})", inet.ip(), inet.port())
        }
        Argument::Address(Address::Inet(SocketAddr::V6(inet))) => {
            format!("ipv6(\"{}\", {}, {})", inet.ip(), inet.port(), inet.scope_id())
        }
        Argument::Address(Address::Unix(UnixAddress::Path(path))) => {
            // The zero byte at its end counts.
            format!("unix_name({}, {})", literal(path), path.len() + 1)
        }
        Argument::Address(Address::Unix(UnixAddress::Abstract(name))) => {
            let bytes = [&[0], name.as_slice()].concat();
            format!("unix_name({}, {})", literal(&bytes), bytes.len())
        }
        _ => "unix_name(\"\", 0)".into(),
    }
}

/// Bytes as C writes them. Octal, for three digits are the most that count there; and `??=`
/// and the like would be trigraphs.
pub(super) fn literal(bytes: &[u8]) -> String {
    quoted(bytes, |byte| match byte {
        b'?' => Some("\\?".into()),
        b' '..=b'~' => None,
        other => Some(format!("\\{other:03o}")),
    })
}
