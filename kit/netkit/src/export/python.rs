//! A session as a program in Python.

use super::c_name;
use super::plan::{Action, Argument, Piece, Plan, Planned, Step};
use crate::address::{Address, UnixAddress};
use crate::worker::call::Until;
use std::fmt::Write as _;

/// The program.
pub(super) fn program(plan: &Plan) -> String {
    let mut body = String::new();
    for step in &plan.steps {
        body.push_str(&self::step(plan, step));
    }
    let mut text = HEADER.to_owned();
    for (name, code) in HELPERS {
        if body.contains(&format!("{name}(")) {
            text.push_str(&code.replace("KEY", &format!("{:#x}", plan.key)));
        }
    }
    text.push_str("def main():\n");
    text.push_str(if body.is_empty() { "    pass\n" } else { body.trim_start_matches('\n') });
    text.push_str(END);
    // Only what is used is imported.
    let imports: String = ["errno", "os", "socket", "struct", "sys", "threading", "time"]
        .iter()
        .filter(|module| text.contains(&format!("{module}.")))
        .map(|module| format!("import {module}\n"))
        .collect();
    text.replace("IMPORTS\n", &imports)
}

const HEADER: &str = r#"#!/usr/bin/env python3
"""Written by netlab: the calls of a session, in the order in which they were made.

Run it:  python3 FILE          or python3 FILE --pause, which stops at the end, so that
                               you can look at the sockets in another terminal: ss -tuanp

Above each call stands the line of the session. The program prints the number of the line
and what the call returned. A call that fails though it did not fail in the session ends it.
"""

IMPORTS


def tell(line, function, value):
    """Tells what a call returned."""
    print(f"{line}: {function} = {value}", flush=True)


"#;

const END: &str = r#"
    if "--pause" in sys.argv[1:]:
        tell_end()
        sys.stdin.readline()


def tell_end():
    """Says that the sockets can be looked at."""
    print("all is done; the sockets stay as they are until you press ENTER", flush=True)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"a call failed that did not fail in the session: {error}")
"#;

const HELPERS: [(&str, &str); 9] = [
    (
        "failed",
        r#"def failed(line, function, error):
    """Tells how a call failed, in C's words."""
    name = errno.errorcode.get(error.errno, error.errno)
    print(f"{line}: {function} = -1 {name} ({os.strerror(error.errno)})", flush=True)


"#,
    ),
    (
        "tell_data",
        r#"def tell_data(line, function, data):
    """Tells how many bytes came, and which: of many the first and the last."""
    parts = [data] if len(data) <= 48 else [data[:24], data[-8:]]
    special = {10: "\\n", 34: '\\"', 92: "\\\\"}
    texts = [
        "".join(special.get(b) or (chr(b) if 32 <= b < 127 else f"\\x{b:02x}") for b in part)
        for part in parts
    ]
    quoted = "...".join(f'"{text}"' for text in texts)
    print(f"{line}: {function} = {len(data)} {quoted}", flush=True)


"#,
    ),
    (
        "address_of",
        r#"def address_of(sock):
    """The address at which a socket can be reached. The kernel chose its port."""
    address = sock.getsockname()
    # Bound to all addresses of the machine: it is reached at the loopback address.
    loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    if isinstance(address, tuple):
        return (loopback.get(address[0], address[0]), *address[1:])
    return address


"#,
    ),
    (
        "random_bytes",
        r#"def random_bytes(size, offset):
    """netlab's \\(random:SIZE): each eight bytes are their own position, mixed by SplitMix64."""
    mask = 2**64 - 1

    def block(k):
        z = ((k ^ KEY) + 0x9E3779B97F4A7C15) & mask
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & mask
        return (z ^ z >> 31).to_bytes(8, "little")

    first, last = offset // 8, (offset + size + 7) // 8
    data = b"".join(block(k) for k in range(first, last))
    return data[offset % 8 : offset % 8 + size]


"#,
    ),
    (
        "send_all",
        r#"def send_all(sock, data):
    """A send may take only a part: this sends until nothing is left. How much was sent."""
    sent = 0
    while True:
        sent += sock.send(memoryview(data)[sent:])
        if sent >= len(data):
            return sent


"#,
    ),
    (
        "recv_exact",
        r#"def recv_exact(sock, size):
    """A recv may bring less than was asked for: this receives until all is there, or no more comes."""
    data = bytearray()
    while True:
        part = sock.recv(min(size - len(data), 1 << 20))
        data += part
        if not part or len(data) >= size:
            return bytes(data)


"#,
    ),
    (
        "recv_until",
        r#"def recv_until(sock, delimiter, limit):
    """Receives a byte at a time, so that nothing is taken that belongs to the next message."""
    data = bytearray()
    while len(data) < limit and not data.endswith(delimiter):
        part = sock.recv(1)
        if not part:
            break
        data += part
    return bytes(data)


"#,
    ),
    (
        "recv_all",
        r#"def recv_all(sock, limit):
    """Receives until the other end has ended its side: until a recv returns nothing."""
    data = bytearray()
    while len(data) < limit:
        part = sock.recv(min(limit - len(data), 1 << 20))
        if not part:
            break
        data += part
    return bytes(data)


"#,
    ),
    (
        "Job",
        r#"class Job(threading.Thread):
    """A call in the background, as `&` makes it: a thread, and what its call returned."""

    def __init__(self, call):
        super().__init__(daemon=True)
        self.call = call
        self.value = None
        self.error = None
        self.start()

    def run(self):
        try:
            self.value = self.call()
        except OSError as error:
            self.error = error

    def returned(self):
        """Waits until the call has returned."""
        self.join()
        if self.error:
            raise self.error
        return self.value


"#,
    ),
];

/// A call in Python.
struct Written {
    /// The expression.
    call: String,
    /// What its value is assigned to.
    takes: Option<String>,
    /// How it is told.
    tell: String,
}

/// The call as an expression; `None` where Python has none for it.
fn written(plan: &Plan, call: &Planned) -> Option<Written> {
    let (number, verb) = (call.number, &call.verb);
    let tell = |value: &str| format!("tell({number}, \"{verb}\", {value})");
    let tell_data = |value: &str| format!("tell_data({number}, \"{verb}\", {value})");
    let sock = match call.arguments.first() {
        Some(Argument::Socket(socket)) => plan.name(*socket).to_owned(),
        Some(Argument::Descriptor(fd)) => format!("socket.socket(fileno={fd})"),
        _ => String::new(),
    };
    let to = call.arguments.iter().find_map(|argument| address(plan, argument));
    let data = || call.data().map(data);
    let room = call.arguments.iter().find_map(|argument| match argument {
        Argument::Room(size) => Some(*size),
        _ => None,
    });
    let flags = call
        .arguments
        .get(2)
        .filter(|argument| matches!(argument, Argument::Constant(..)))
        .map(|argument| format!(", {}", constant(argument)))
        .unwrap_or_default();
    let opened = call.opens.map(|socket| plan.name(socket).to_owned());
    let nothing = |expression: String| Some(Written { call: expression, takes: None, tell: tell("0") });
    let value = |expression: String, name: &str, tell: String| {
        Some(Written { call: expression, takes: Some(name.to_owned()), tell })
    };
    match (call.function.as_str(), &call.until) {
        ("socket", _) => {
            let arguments: Vec<String> = call
                .arguments
                .iter()
                .filter(|argument| !matches!(argument, Argument::Number(0)))
                .map(constant)
                .collect();
            let name = opened?;
            let told = tell(&format!("{name}.fileno()"));
            value(format!("socket.socket({})", arguments.join(", ")), &name, told)
        }
        ("accept", _) => {
            let name = opened?;
            let told = tell(&format!("{name}.fileno()"));
            value(format!("{sock}.accept()"), &format!("{name}, _"), told)
        }
        ("dup", _) => {
            let name = opened?;
            let told = tell(&format!("{name}.fileno()"));
            value(format!("{sock}.dup()"), &name, told)
        }
        ("bind" | "connect", _) => nothing(format!("{sock}.{}({})", call.function, to?)),
        ("listen", _) => nothing(format!("{sock}.listen({})", call.number_at(1).clamp(0, i32::MAX.into()))),
        ("close", _) => nothing(format!("{sock}.close()")),
        ("shutdown", _) => nothing(format!("{sock}.shutdown({})", constant(call.arguments.get(1)?))),
        ("getsockname" | "getpeername", _) => nothing(format!("{sock}.{}()", call.function)),
        ("send", Until::AllSent) => value(format!("send_all({sock}, {})", data()?), "count", tell("count")),
        ("send", _) => value(format!("{sock}.send({}{flags})", data()?), "count", tell("count")),
        ("sendto", _) => value(format!("{sock}.sendto({}{flags}, {})", data()?, to?), "count", tell("count")),
        ("recv", Until::Received(size)) => {
            value(format!("recv_exact({sock}, {size})"), "data", tell_data("data"))
        }
        ("recv", Until::Found { delimiter, limit }) => {
            value(format!("recv_until({sock}, {}, {limit})", literal(delimiter)), "data", tell_data("data"))
        }
        ("recv", Until::Ended { limit }) => {
            value(format!("recv_all({sock}, {limit})"), "data", tell_data("data"))
        }
        ("recv", _) => value(format!("{sock}.recv({}{flags})", room?), "data", tell_data("data")),
        ("recvfrom", _) => value(format!("{sock}.recvfrom({}{flags})", room?), "data, _", tell_data("data")),
        ("setsockopt", _) => {
            let given = match call.arguments.get(3)? {
                Argument::Integer(value) => value.to_string(),
                Argument::Linger(seconds) => format!("struct.pack(\"ii\", 1, {seconds})"),
                _ => return None,
            };
            let (level, option) = (constant(call.arguments.get(1)?), constant(call.arguments.get(2)?));
            nothing(format!("{sock}.setsockopt({level}, {option}, {given})"))
        }
        ("getsockopt", _) => {
            let (level, option) = (constant(call.arguments.get(1)?), constant(call.arguments.get(2)?));
            nothing(format!("{sock}.getsockopt({level}, {option})"))
        }
        _ => None,
    }
}

fn address(plan: &Plan, argument: &Argument) -> Option<String> {
    Some(match argument {
        Argument::AddressOf(socket) => format!("address_of({})", plan.name(*socket)),
        Argument::Address(Address::Inet(inet)) => format!("(\"{}\", {})", inet.ip(), inet.port()),
        Argument::Address(Address::Unix(UnixAddress::Path(path))) => literal(path),
        Argument::Address(Address::Unix(UnixAddress::Abstract(name))) => {
            literal(&[&[0], name.as_slice()].concat())
        }
        _ => return None,
    })
}

/// Constants that Python's module `socket` knows by their names.
const KNOWN: &[&str] = &[
    "AF_INET",
    "AF_INET6",
    "AF_UNIX",
    "SOCK_STREAM",
    "SOCK_DGRAM",
    "SOCK_SEQPACKET",
    "SOL_SOCKET",
    "IPPROTO_TCP",
    "IPPROTO_UDP",
    "IPPROTO_IP",
    "IPPROTO_IPV6",
    "SO_REUSEADDR",
    "SO_REUSEPORT",
    "SO_RCVBUF",
    "SO_SNDBUF",
    "SO_LINGER",
    "SO_KEEPALIVE",
    "SO_BROADCAST",
    "SO_ERROR",
    "SO_TYPE",
    "SO_RCVTIMEO",
    "SO_SNDTIMEO",
    "SO_RCVLOWAT",
    "TCP_NODELAY",
    "TCP_MAXSEG",
    "TCP_CORK",
    "TCP_DEFER_ACCEPT",
    "TCP_KEEPIDLE",
    "TCP_KEEPINTVL",
    "TCP_KEEPCNT",
    "TCP_USER_TIMEOUT",
    "IP_TTL",
    "IP_TOS",
    "IP_MULTICAST_TTL",
    "IP_MULTICAST_LOOP",
    "IPV6_V6ONLY",
    "SHUT_RD",
    "SHUT_WR",
    "SHUT_RDWR",
    "MSG_PEEK",
    "MSG_DONTWAIT",
    "MSG_WAITALL",
    "MSG_NOSIGNAL",
    "MSG_OOB",
    "MSG_TRUNC",
];

fn constant(argument: &Argument) -> String {
    match argument {
        Argument::Constant(_, names) if names.split('|').all(|name| KNOWN.contains(&name)) => {
            let names: Vec<String> = names.split('|').map(|name| format!("socket.{name}")).collect();
            names.join(" | ")
        }
        Argument::Constant(value, _) | Argument::Number(value) => value.to_string(),
        _ => "0".into(),
    }
}

fn data(pieces: &[Piece]) -> String {
    let parts: Vec<String> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Bytes(bytes) => literal(bytes),
            Piece::Random { size, offset } => format!("random_bytes({size}, {offset})"),
        })
        .collect();
    if parts.is_empty() { "b\"\"".into() } else { parts.join(" + ") }
}

/// Bytes as Python, and Rust, write them.
pub(super) fn literal(bytes: &[u8]) -> String {
    let mut text = String::from("b\"");
    for byte in bytes {
        match byte {
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => {
                let _ = write!(text, "\\x{byte:02x}");
            }
        }
    }
    text.push('"');
    text
}

fn step(plan: &Plan, step: &Step) -> String {
    let mut lines = Vec::new();
    if !step.line.is_empty() {
        lines.push(String::new());
        lines.push(format!("# {}: {}", step.number, step.line));
    }
    match &step.action {
        Action::Make(call) => match written(plan, call) {
            Some(written) => lines.extend(made(call, &written, &written.call)),
            None => lines.push(format!("# (Python's module has nothing for this call of {})", call.function)),
        },
        Action::Start(job, call) => match written(plan, call) {
            Some(written) => lines.push(format!("job_{job} = Job(lambda: {})", written.call)),
            None => lines.push(format!("# (Python's module has nothing for this call of {})", call.function)),
        },
        Action::Join(job) => {
            let call = plan.job(*job);
            if let Some((call, written)) = call.and_then(|call| Some((call, written(plan, call)?))) {
                lines.extend(made(call, &written, &format!("job_{job}.returned()")));
            }
        }
        Action::Sleep(time) => lines.push(format!("time.sleep({})", time.as_secs_f64())),
        Action::Note(note) => lines.push(format!("# ({note})")),
    }
    lines.iter().map(|line| if line.is_empty() { "\n".into() } else { format!("    {line}\n") }).collect()
}

/// A call that is made and told of.
fn made(call: &Planned, written: &Written, expression: &str) -> Vec<String> {
    let statement = match &written.takes {
        Some(name) => format!("{name} = {expression}"),
        None => expression.to_owned(),
    };
    match call.failed {
        None => vec![statement, written.tell.clone()],
        Some(errno) => vec![
            "try:".into(),
            format!("    {statement}"),
            format!("    {}", written.tell),
            format!("except OSError as error:  # in the session: {}", c_name(errno)),
            format!("    failed({}, \"{}\", error)", call.number, call.verb),
        ],
    }
}
