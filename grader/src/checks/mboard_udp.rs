//! Lab 09, a message board over UDP: what a script cannot say, since ids and times are the
//! server's own choice, and since a datagram can be long.

use super::mboard::{Message, Published, letters, now, payload, read_ids, read_message, same, shown};
use super::stand::{Stand, Stop, failed, trouble};
use netkit::kernel::sock_diag::Protocol;
use netkit::responder::Responder;
use netkit::session::ends::Owner;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::process::Stdio;
use std::time::Duration;

/// The most bytes that a datagram carries.
const LARGEST: usize = 65_507;

/// So long a reply is waited for: much longer than any takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client of the server, with a socket of its own.
struct Client {
    socket: UdpSocket,
}

/// Ids, order, time and publisher.
pub fn board(stand: &mut Stand) -> Result<(), Stop> {
    let server = serve(stand)?;
    let (a, b) = (Client::of(server)?, Client::of(server)?);
    stand.step("two clients publish five messages, by turns; one of them the same text twice");
    let mut published = Vec::new();
    for (n, client) in [(0, &a), (1, &b), (2, &a), (0, &a), (3, &b)] {
        let text = [format!("message {n} ").as_bytes(), &letters(&stand.random(n * 8, 8))].concat();
        let begun = now();
        client.publish(&text)?;
        published.push(Published { text, publisher: client.address()?, time: (begun, now()) });
    }
    stand.step("all ids are asked for");
    let ids = a.ids("0")?;
    if ids.len() != 5 || ids.iter().collect::<BTreeSet<_>>().len() != 5 {
        return Err(failed("`2:0` gives five ids that differ", format!("{ids:?}")));
    }
    stand.step("each message is asked for by its id");
    for (id, published) in ids.iter().zip(&published) {
        published.check(&a.message(id)?)?;
    }
    stand.step("the last two, and then more than there are, are asked for");
    for (count, expected) in
        [("2", &ids[3..]), ("1", &ids[4..]), ("5", &ids[..]), ("6", &ids[..]), ("007", &ids[..])]
    {
        let given = b.ids(count)?;
        if given != expected {
            return Err(failed(format!("`2:{count}` gives {expected:?}"), format!("{given:?}")));
        }
    }
    stand.step("an id that nobody has is asked for");
    let other = (1..).map(|id: u64| id.to_string()).find(|id| !ids.contains(id)).unwrap_or_default();
    let reply = a.ask(format!("3:{other}").as_bytes())?;
    if !reply.starts_with(b"2:") {
        return Err(failed("`2:`: there is no such message", shown(&reply)));
    }
    stand.step("one more is published");
    a.publish(b"one more")?;
    let new = a.ids("1")?;
    if ids.iter().any(|id| new.contains(id)) {
        return Err(failed(format!("a new id, none of {ids:?}"), format!("{new:?}")));
    }
    Ok(())
}

/// Texts of all kinds come back as they were.
pub fn bytes(stand: &mut Stand) -> Result<(), Stop> {
    let server = serve(stand)?;
    let client = Client::of(server)?;
    let every: Vec<u8> = (0..=255).collect();
    let random = stand.random(0, 500);
    for (what, text) in [
        ("colons", &b"a:b::c:"[..]),
        ("nothing", b""),
        ("a newline and a NUL", b"\n\0\n"),
        ("text that is not UTF-8", b"\xff\xc3("),
        ("every byte that there is", &every),
        ("spaces at both ends", b"  x  "),
        ("what looks like a request", b"3:1"),
        ("500 random bytes", &random),
    ] {
        stand.step(format!("a text is published and asked for: {what}"));
        client.publish(text)?;
        let ids = client.ids("1")?;
        let [id] = ids.as_slice() else { return Err(failed("`2:1` gives one id", format!("{ids:?}"))) };
        same(what, text, &client.message(id)?.text)?;
    }
    Ok(())
}

/// Datagrams as long as they can be.
pub fn largest(stand: &mut Stand) -> Result<(), Stop> {
    let server = serve(stand)?;
    let client = Client::of(server)?;
    for size in [1024, 1025, 9000, 65_000, LARGEST - 2] {
        let text = stand.random(0, size);
        stand.step(format!("a text of {size} bytes is published and asked for"));
        client.publish(&text)?;
        let ids = client.ids("1")?;
        let reply = client.ask(format!("3:{}", ids.first().map_or("", String::as_str)).as_bytes())?;
        let message = read_message(payload(&reply)?)?;
        let room = LARGEST - (reply.len() - message.text.len());
        let what = match size <= room {
            true => format!("the text, all of its {size} bytes"),
            false => format!("the text, the first {room} bytes of {size}: more do not fit into the reply"),
        };
        same(&what, &text[..size.min(room)], &message.text)?;
    }
    stand.step("20,000 messages without a text are published");
    for _ in 0..20_000 {
        client.publish(b"")?;
    }
    stand.step("all ids are asked for: more than fit into a datagram");
    let reply = client.ask(b"2:0")?;
    let ids = read_ids(&reply)?;
    let newest = client.ids("1")?;
    let ends = ids.last() == newest.first();
    // One more would have to have no room: ids have about the same length.
    let longest = ids.iter().map(String::len).max().unwrap_or(0);
    if !ends || reply.len() + longest + 1 < LARGEST {
        let fit = (LARGEST - 2) / (longest + 1);
        let last = |ids: &[String]| ids.last().cloned().unwrap_or_default();
        return Err(failed(
            format!(
                "the newest of the 20,005 that were published, as many as fit: about {fit}, the last one {}",
                last(&newest)
            ),
            format!("{} ids, the last one {}, in a reply of {} bytes", ids.len(), last(&ids), reply.len()),
        ));
    }
    Ok(())
}

/// Datagrams that are no requests, or nearly.
pub fn rubbish(stand: &mut Stand) -> Result<(), Stop> {
    let server = serve(stand)?;
    let client = Client::of(server)?;
    client.publish(b"before")?;
    stand.step("2,000 datagrams of random bytes, and of damaged requests, are sent");
    let random = stand.random(0, 64_000);
    for (round, piece) in random.chunks(32).enumerate() {
        let mut request: Vec<u8> = match round % 4 {
            0 => piece.to_vec(),
            1 => b"2:12".to_vec(),
            2 => b"3:1".to_vec(),
            _ => b"1:text".to_vec(),
        };
        let place = usize::from(piece[0]) % request.len();
        request[place] = piece[1];
        let reply = client.ask(&request)?;
        if !matches!(reply.as_slice(), [b'0'..=b'3', b':', ..]) {
            let expected = format!("a reply with a code from 0 to 3 to {}", shown(&request));
            return Err(failed(expected, shown(&reply)));
        }
    }
    stand.step("someone sends a request and does not stay for the reply");
    for _ in 0..20 {
        Client::of(server)?.send(b"2:0")?;
    }
    stand.step("the first message is asked for");
    let ids = client.ids("0")?;
    let first = ids.first().cloned().unwrap_or_default();
    same("the first message", b"before", &client.message(&first)?.text)
}

/// The client gets the longest reply that there is.
pub fn large_reply(stand: &mut Stand) -> Result<(), Stop> {
    stand.step("a client asks for the last message, which is as long as can be");
    let server = Responder::start(|| {}).map_err(trouble("making a server"))?;
    let mut command = stand.command("mboard-udp-client")?;
    command.args([&server.address.to_string(), "last", "1"]).stdin(Stdio::null()).stdout(Stdio::piped());
    let start = b"0:1.5:10.0.0.1:4000:";
    let text = letters(&stand.random(0, LARGEST - start.len()));
    let expected = [b"1.5 10.0.0.1:4000 ", text.as_slice(), b"\n"].concat();
    server.add(b"2:1".to_vec(), b"0:17".to_vec(), None);
    server.add(b"3:17".to_vec(), [start, text.as_slice()].concat(), None);
    let output = command.output().map_err(trouble("running the client"))?;
    server.answer();
    let asked = server.asked();
    if let Some(other) = asked.unanswered {
        return Err(failed("two requests, `2:1` and `3:17`", shown(&other)));
    }
    if !asked.missing.is_empty() {
        let came: Vec<String> = asked.answered.iter().map(|request| shown(request)).collect();
        return Err(failed("two requests, `2:1` and `3:17`", came.join(", ")));
    }
    same("a line with the whole text", &expected, &output.stdout)
}

fn serve(stand: &mut Stand) -> Result<SocketAddr, Stop> {
    stand.step("the server is started");
    stand.line("server = start mboard-udp-server 127.0.0.1:0", "it starts")?;
    stand.line("wait server UDP", "it has a UDP socket")?;
    let ends = stand.session().ends().iter();
    let own = |owner: &Owner| matches!(owner, Owner::Program(name) if name == "server");
    let mut found = ends.filter(|end| end.protocol == Protocol::Udp && own(&end.owner));
    let address = found.next().and_then(|end| end.local.as_ref()?.inet());
    address.ok_or_else(|| failed("a UDP socket of the server with an address", "none"))
}

impl Client {
    fn of(server: SocketAddr) -> Result<Self, Stop> {
        let socket = UdpSocket::bind("127.0.0.1:0").map_err(trouble("binding a client's socket"))?;
        socket.connect(server).map_err(trouble("connecting a client's socket"))?;
        socket.set_read_timeout(Some(PATIENCE)).map_err(trouble("setting a time limit"))?;
        Ok(Self { socket })
    }

    fn address(&self) -> Result<String, Stop> {
        self.socket.local_addr().map(|address| address.to_string()).map_err(trouble("asking for an address"))
    }

    fn send(&self, request: &[u8]) -> Result<(), Stop> {
        let sent = self.socket.send(request);
        sent.map(drop).map_err(|error| failed("the server is there", format!("sending to it: {error}")))
    }

    /// A request and its reply. On this machine's own interface nothing is lost as long as only one
    /// datagram is on its way.
    fn ask(&self, request: &[u8]) -> Result<Vec<u8>, Stop> {
        self.send(request)?;
        let mut buffer = vec![0; LARGEST];
        match self.socket.recv(&mut buffer) {
            Ok(length) => {
                buffer.truncate(length);
                Ok(buffer)
            }
            Err(error) => {
                let why = match error.kind() {
                    ErrorKind::WouldBlock => format!("none within {} s", PATIENCE.as_secs()),
                    ErrorKind::ConnectionRefused => "none: nobody has the server's port any more".to_owned(),
                    _ => format!("none: {error}"),
                };
                Err(failed(format!("a reply to {}", shown(request)), why))
            }
        }
    }

    fn publish(&self, text: &[u8]) -> Result<(), Stop> {
        let reply = self.ask(&[b"1:", text].concat())?;
        same("`0:`: the message is published", b"0:", &reply)
    }

    fn ids(&self, count: &str) -> Result<Vec<String>, Stop> {
        read_ids(&self.ask(format!("2:{count}").as_bytes())?)
    }

    fn message(&self, id: &str) -> Result<Message, Stop> {
        read_message(payload(&self.ask(format!("3:{id}").as_bytes())?)?)
    }
}
