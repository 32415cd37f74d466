//! A session as a program in Rust.

use super::c_name;
use super::plan::{Action, Argument, Piece, Plan, Planned, Socket, Step};
use super::python::literal;
use crate::address::{Address, UnixAddress};
use crate::worker::call::Until;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The program.
pub(super) fn program(plan: &Plan) -> String {
    let writer = Writer { plan };
    let body: String = plan.steps.iter().map(|step| writer.step(step)).collect();
    let mut text = HEADER.to_owned();
    let mut helpers = String::new();
    for (name, code) in HELPERS {
        // The loops are made of it.
        let looped = name == "recv" && body.contains("recv_");
        if looped || body.contains(&format!("{name}(")) {
            let names: String = writer.errors().iter().fold(String::new(), |mut names, (number, name)| {
                let _ = writeln!(names, "        Some({number}) => \"{name}\",");
                names
            });
            helpers.push_str(
                &code.replace("KEY", &format!("{:#x}", plan.key)).replace("        NAMES\n", &names),
            );
        }
    }
    let main = format!("fn main() -> io::Result<()> {{\n{}{END}", body.trim_start_matches('\n'));
    for (word, line) in IMPORTS {
        if word.split(' ').any(|word| main.contains(word) || helpers.contains(word)) {
            text.push_str(line);
            text.push('\n');
        }
    }
    format!("{text}\n{helpers}{main}")
}

const HEADER: &str = r#"//! Written by netlab: the calls of a session, in the order in which they were made.
//!
//! It needs these lines in Cargo.toml:
//!
//!     [dependencies]
//!     libc = "0.2"
//!     socket2 = { version = "0.6", features = ["all"] }
//!
//! Run it:  cargo run          or cargo run -- --pause, which stops at the end, so that you
//!                             can look at the sockets in another terminal: ss -tuanp
//!
//! Above each call stands the line of the session. The program prints the number of the line
//! and what the call returned. A call that fails though it did not fail in the session ends it.

"#;

/// What is imported, and the words by which it is seen to be needed.
const IMPORTS: [(&str, &str); 10] = [
    ("Domain:: Socket:: Type:: &Socket", "use socket2::Socket;"),
    ("Domain::", "use socket2::Domain;"),
    ("Type::", "use socket2::Type;"),
    ("SockAddr:: SockAddr>", "use socket2::SockAddr;"),
    ("io::", "use std::io;"),
    ("SocketAddr>", "use std::net::SocketAddr;"),
    ("Shutdown::", "use std::net::Shutdown;"),
    ("as_raw_fd", "use std::os::fd::AsRawFd;"),
    ("Arc::", "use std::sync::Arc;"),
    ("thread::", "use std::thread;"),
];

const END: &str = r#"
    if std::env::args().any(|argument| argument == "--pause") {
        println!("all is done; the sockets stay as they are until you press ENTER");
        io::stdin().read_line(&mut String::new())?;
    }
    Ok(())
}
"#;

const HELPERS: [(&str, &str); 11] = [
    (
        "failed",
        r#"/// Tells how a call failed, in C's words.
fn failed(line: u32, function: &str, error: &io::Error) {
    let name = match error.raw_os_error() {
        NAMES
        _ => "error",
    };
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    println!("{line}: {function} = -1 {name} ({text})");
}

"#,
    ),
    (
        "tell_data",
        r#"/// Tells how many bytes came, and which: of many the first and the last.
fn tell_data(line: u32, function: &str, data: &[u8]) {
    let quoted = |part: &[u8]| {
        let byte = |byte: &u8| match byte {
            b'\n' => "\\n".to_owned(),
            b'"' | b'\\' => format!("\\{}", char::from(*byte)),
            b' '..=b'~' => char::from(*byte).to_string(),
            _ => format!("\\x{byte:02x}"),
        };
        format!("\"{}\"", part.iter().map(byte).collect::<String>())
    };
    let count = data.len();
    if count <= 48 {
        println!("{line}: {function} = {count} {}", quoted(data));
    } else {
        println!("{line}: {function} = {count} {}...{}", quoted(&data[..24]), quoted(&data[count - 8..]));
    }
}

"#,
    ),
    (
        "inet",
        r#"/// An IP address and a port.
fn inet(text: &str) -> SockAddr {
    text.parse::<SocketAddr>().expect("an address and a port").into()
}

"#,
    ),
    (
        "address_of",
        r#"/// The address at which a socket can be reached. The kernel chose its port.
fn address_of(socket: &Socket) -> io::Result<SockAddr> {
    let address = socket.local_addr()?;
    // Bound to all addresses of the machine: it is reached at the loopback address.
    Ok(match address.as_socket() {
        Some(mut inet) if inet.ip().is_unspecified() => {
            inet.set_ip(if inet.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
            inet.into()
        }
        _ => address,
    })
}

"#,
    ),
    (
        "random_bytes",
        r#"/// netlab's \(random:SIZE): each eight bytes are their own position, mixed by SplitMix64.
fn random_bytes(size: usize, offset: usize) -> Vec<u8> {
    let block = |k: usize| {
        let mut z = (k as u64 ^ KEY).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).to_le_bytes()
    };
    let bytes = (offset / 8..).flat_map(block);
    bytes.skip(offset % 8).take(size).collect()
}

"#,
    ),
    (
        "send_all",
        r#"/// A send may take only a part: this sends until nothing is left. How much was sent.
fn send_all(socket: &Socket, data: &[u8]) -> io::Result<usize> {
    let mut sent = 0;
    loop {
        sent += socket.send(&data[sent..])?;
        if sent >= data.len() {
            return Ok(sent);
        }
    }
}

"#,
    ),
    (
        "recv_exact",
        r#"/// A recv may bring less than was asked for: this receives until all is there, or no more comes.
fn recv_exact(socket: &Socket, size: usize) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    loop {
        let part = recv(socket, size - data.len(), 0)?;
        data.extend(&part);
        if part.is_empty() || data.len() >= size {
            return Ok(data);
        }
    }
}

"#,
    ),
    (
        "recv_until",
        r#"/// Receives a byte at a time, so that nothing is taken that belongs to the next message.
fn recv_until(socket: &Socket, delimiter: &[u8], limit: usize) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    while data.len() < limit && !data.ends_with(delimiter) {
        let part = recv(socket, 1, 0)?;
        if part.is_empty() {
            break;
        }
        data.extend(part);
    }
    Ok(data)
}

"#,
    ),
    (
        "recv_all",
        r#"/// Receives until the other end has ended its side: until a recv brings nothing.
fn recv_all(socket: &Socket, limit: usize) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    while data.len() < limit {
        let part = recv(socket, (limit - data.len()).min(1 << 20), 0)?;
        if part.is_empty() {
            break;
        }
        data.extend(part);
    }
    Ok(data)
}

"#,
    ),
    (
        "recv",
        r#"/// One recv(2) of at most so many bytes.
fn recv(socket: &Socket, size: usize, flags: i32) -> io::Result<Vec<u8>> {
    let mut data = Vec::with_capacity(size);
    let count = socket.recv_with_flags(&mut data.spare_capacity_mut()[..size], flags)?;
    // SAFETY: the kernel has filled in the first `count` bytes.
    unsafe { data.set_len(count) };
    Ok(data)
}

"#,
    ),
    (
        "set_option",
        r#"/// setsockopt(2) of an option that is an int.
fn set_option(socket: &Socket, level: i32, option: i32, value: i32) -> io::Result<()> {
    let size = size_of::<i32>() as libc::socklen_t;
    // SAFETY: the pointer leads to an int, whose size stands beside it.
    let result = unsafe { libc::setsockopt(socket.as_raw_fd(), level, option, (&raw const value).cast(), size) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

"#,
    ),
];

struct Writer<'a> {
    plan: &'a Plan,
}

/// A call in Rust.
struct Written {
    /// The expression, an `io::Result`.
    call: String,
    /// What its value is bound to.
    takes: &'static str,
    /// The socket that it makes.
    opens: Option<Socket>,
    /// What is told: the macro's arguments, or a call of `tell_data`.
    tell: String,
}

impl Writer<'_> {
    /// The names of the errors that came in the session.
    fn errors(&self) -> BTreeMap<String, String> {
        let numbers = self.plan.calls().filter_map(|call| call.failed);
        numbers.map(|number| (format!("libc::{}", c_name(number)), c_name(number))).collect()
    }

    /// Whether a socket is used by a thread, too.
    fn is_shared(&self, socket: Socket) -> bool {
        self.plan.steps.iter().any(|step| match &step.action {
            Action::Start(_, call) => call.socket() == Some(socket),
            _ => false,
        })
    }

    /// The call; `None` where there is nothing for it.
    fn written(&self, call: &Planned) -> Option<Written> {
        let (number, verb) = (call.number, &call.verb);
        let say = |value: &str| {
            if value == "0" {
                format!("println!(\"{number}: {verb} = 0\");")
            } else {
                format!("println!(\"{number}: {verb} = {{{value}}}\");")
            }
        };
        let fd = |name: &str| format!("println!(\"{number}: {verb} = {{}}\", {name}.as_raw_fd());");
        let tell_data = format!("tell_data({number}, \"{verb}\", &data);");
        let sock = || call.socket().map(|socket| self.plan.name(socket));
        let to = call.arguments.iter().find_map(|argument| self.address(argument));
        let flags = call.number_at(2);
        let flag_names = match call.arguments.get(2) {
            Some(Argument::Constant(_, names)) if flags != 0 => {
                let names: Vec<String> = names.split('|').map(|name| format!("libc::{name}")).collect();
                names.join(" | ")
            }
            _ => "0".into(),
        };
        let opens = call.opens;
        let opened = opens.map(|socket| self.plan.name(socket));
        let unit = |call: String| Some(Written { call, takes: "()", opens: None, tell: say("0") });
        let count = |call: String| Some(Written { call, takes: "count", opens: None, tell: say("count") });
        let data = |call: String| Some(Written { call, takes: "data", opens: None, tell: tell_data.clone() });
        let bytes = || call.data().map(Self::data);
        let room = call.arguments.iter().find_map(|argument| match argument {
            Argument::Room(size) => Some(*size),
            _ => None,
        });
        match (call.function.as_str(), &call.until) {
            ("socket", _) => {
                let domain = match call.number_at(0) as i32 {
                    libc::AF_INET => "Domain::IPV4".to_owned(),
                    libc::AF_INET6 => "Domain::IPV6".into(),
                    libc::AF_UNIX => "Domain::UNIX".into(),
                    other => format!("Domain::from({other})"),
                };
                let kind = match call.number_at(1) as i32 {
                    libc::SOCK_STREAM => "Type::STREAM".to_owned(),
                    libc::SOCK_DGRAM => "Type::DGRAM".into(),
                    libc::SOCK_SEQPACKET => "Type::SEQPACKET".into(),
                    other => format!("Type::from({other})"),
                };
                let protocol = match call.number_at(2) {
                    0 => "None".to_owned(),
                    other => format!("Some(socket2::Protocol::from({other}))"),
                };
                let call = format!("Socket::new({domain}, {kind}, {protocol})");
                Some(Written { call, takes: "socket", opens, tell: fd(opened?) })
            }
            ("accept", _) => Some(Written {
                call: format!("{}.accept()", sock()?),
                takes: "(socket, _)",
                opens,
                tell: fd(opened?),
            }),
            ("dup", _) => Some(Written {
                call: format!("{}.try_clone()", sock()?),
                takes: "socket",
                opens,
                tell: fd(opened?),
            }),
            ("bind" | "connect", _) => unit(format!("{}.{}(&{})", sock()?, call.function, to?)),
            ("listen", _) => {
                unit(format!("{}.listen({})", sock()?, call.number_at(1).clamp(0, i32::MAX.into())))
            }
            ("shutdown", _) => {
                let how = match call.number_at(1) as i32 {
                    libc::SHUT_RD => "Read",
                    libc::SHUT_WR => "Write",
                    _ => "Both",
                };
                unit(format!("{}.shutdown(Shutdown::{how})", sock()?))
            }
            ("getsockname", _) => unit(format!("{}.local_addr().map(drop)", sock()?)),
            ("getpeername", _) => unit(format!("{}.peer_addr().map(drop)", sock()?)),
            ("send", Until::AllSent) => count(format!("send_all(&{}, {})", sock()?, bytes()?)),
            ("send", _) if flags == 0 => count(format!("{}.send({})", sock()?, bytes()?)),
            ("send", _) => count(format!("{}.send_with_flags({}, {flag_names})", sock()?, bytes()?)),
            ("sendto", _) => {
                count(format!("{}.send_to_with_flags({}, &{}, {flag_names})", sock()?, bytes()?, to?))
            }
            ("recv", Until::Received(size)) => data(format!("recv_exact(&{}, {size})", sock()?)),
            ("recv", Until::Found { delimiter, limit }) => {
                data(format!("recv_until(&{}, {}, {limit})", sock()?, literal(delimiter)))
            }
            ("recv", Until::Ended { limit }) => data(format!("recv_all(&{}, {limit})", sock()?)),
            ("recv" | "recvfrom", _) => data(format!("recv(&{}, {}, {flag_names})", sock()?, room?)),
            ("setsockopt", _) => {
                let (level, option) = (call.number_at(1), call.number_at(2));
                let name = |place: usize, value: i64| match call.arguments.get(place) {
                    Some(Argument::Constant(_, name)) => format!("libc::{name}"),
                    _ => value.to_string(),
                };
                match call.arguments.get(3)? {
                    Argument::Linger(seconds) => unit(format!(
                        "{}.set_linger(Some(std::time::Duration::from_secs({seconds})))",
                        sock()?
                    )),
                    Argument::Integer(value) => {
                        let (level, option) = (name(1, level), name(2, option));
                        unit(format!("set_option(&{}, {level}, {option}, {value})", sock()?))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn address(&self, argument: &Argument) -> Option<String> {
        Some(match argument {
            Argument::AddressOf(socket) => format!("address_of(&{})?", self.plan.name(*socket)),
            Argument::Address(Address::Inet(inet)) => format!("inet(\"{inet}\")"),
            Argument::Address(Address::Unix(UnixAddress::Path(path))) => {
                format!("SockAddr::unix({:?})?", String::from_utf8_lossy(path))
            }
            Argument::Address(Address::Unix(UnixAddress::Abstract(name))) => {
                format!("SockAddr::unix({:?})?", format!("\0{}", String::from_utf8_lossy(name)))
            }
            _ => return None,
        })
    }

    fn data(pieces: &[Piece]) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Bytes(bytes) => format!("&{}[..]", literal(bytes)),
            Piece::Random { size, offset } => format!("&random_bytes({size}, {offset})"),
        };
        match pieces {
            [] => "b\"\"".into(),
            [Piece::Bytes(bytes)] => literal(bytes),
            [one] => piece(one),
            several => {
                let several: Vec<String> = several.iter().map(piece).collect();
                format!("&[{}].concat()", several.join(", "))
            }
        }
    }

    fn step(&self, step: &Step) -> String {
        let mut lines = Vec::new();
        if !step.line.is_empty() {
            lines.push(String::new());
            lines.push(format!("// {}: {}", step.number, step.line));
        }
        let missing = |call: &Planned| format!("// ({} of this kind is not written to Rust)", call.function);
        match &step.action {
            Action::Make(call) if call.function == "close" => match call.socket() {
                Some(socket) => {
                    lines.push(format!("drop({});", self.plan.name(socket)));
                    lines.push(format!("println!(\"{}: {} = 0\");", call.number, call.verb));
                }
                None => lines.push("// (in Rust a socket that is not there cannot be closed)".into()),
            },
            Action::Make(call) => match self.written(call) {
                Some(written) => lines.extend(self.made(call, &written, &written.call)),
                None => lines.push(missing(call)),
            },
            Action::Start(job, call) => match (self.written(call), call.socket()) {
                (Some(written), Some(socket)) => {
                    let name = self.plan.name(socket);
                    let mark = if self.plan.joins(*job) { "" } else { "_" };
                    lines.push(format!("let {mark}job_{job} = {{"));
                    lines.push(format!("    let {name} = Arc::clone(&{name});"));
                    // An address is looked up before, on this thread.
                    lines.push(format!("    thread::spawn(move || {})", question_free(&written.call)));
                    lines.push("};".into());
                }
                _ => lines.push(missing(call)),
            },
            Action::Join(job) => {
                let call = self.plan.job(*job);
                if let Some((call, written)) = call.and_then(|call| Some((call, self.written(call)?))) {
                    let joined = format!("job_{job}.join().expect(\"its thread does not panic\")");
                    lines.extend(self.made(call, &written, &joined));
                }
            }
            Action::Sleep(time) => {
                lines.push(format!("thread::sleep(std::time::Duration::from_millis({}));", time.as_millis()));
            }
            Action::Note(note) => lines.push(format!("// ({note})")),
        }
        lines.iter().map(|line| if line.is_empty() { "\n".into() } else { format!("    {line}\n") }).collect()
    }

    /// A call that is made and told of.
    fn made(&self, call: &Planned, written: &Written, expression: &str) -> Vec<String> {
        if let Some(errno) = call.failed {
            // A socket that was not there in the session has no name in the program either.
            let takes = if written.opens.is_some() { "_" } else { written.takes };
            let told = if written.opens.is_some() {
                format!("println!(\"{}: {} has made a socket\")", call.number, call.verb)
            } else {
                written.tell.trim_end_matches(';').to_owned()
            };
            return vec![
                format!("// In the session: {}.", c_name(errno)),
                format!("match {expression} {{"),
                format!("    Ok({takes}) => {told},"),
                format!("    Err(error) => failed({}, \"{}\", &error),", call.number, call.verb),
                "}".into(),
            ];
        }
        let mut lines = Vec::new();
        match written.opens {
            Some(socket) => {
                let name = self.plan.name(socket);
                let takes = written.takes.replace("socket", name);
                lines.push(format!("let {takes} = {expression}?;"));
                if self.is_shared(socket) {
                    lines.push(format!("let {name} = Arc::new({name});"));
                }
            }
            None if written.takes == "()" => lines.push(format!("{expression}?;")),
            None => lines.push(format!("let {} = {expression}?;", written.takes)),
        }
        lines.push(written.tell.clone());
        lines
    }
}

/// In a thread's closure there is no `?`: what it is behind cannot fail there in practice.
fn question_free(call: &str) -> String {
    if call.contains('?') {
        format!("{{ let result: io::Result<_> = (|| {call})(); result }}")
    } else {
        call.to_owned()
    }
}
