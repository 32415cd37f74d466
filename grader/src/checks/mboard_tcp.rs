//! Lab 11, a message board over TCP: what a script cannot say, since ids and times are the
//! server's own choice, since a request may come in any pieces, and since one has to wait for
//! clients that do nothing.

use super::mboard::{Message, Published, letters, now, payload, read_ids, read_message, same, shown};
use super::stand::{Stand, Stop, failed, trouble};
use netkit::address::Address;
use std::collections::BTreeSet;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// The most bytes of a request.
const LARGEST: usize = 16 << 20;

/// So long a reply is waited for: much longer than any takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// So long it is waited until a client that makes no progress is dropped. A limit of 5 s on each
/// single call is right, too, and needs several of them: a call that got some bytes into the queue
/// before its time was up says so, and the next one waits anew. (15 s were measured.)
const DROPPED: Duration = Duration::from_secs(40);

/// A reply, and who got it.
struct Reply {
    /// `IP:PORT` of who has asked.
    asker: String,
    bytes: Vec<u8>,
}

/// Ids, order, time and publisher; several messages in one reply.
pub fn board(stand: &mut Stand) -> Result<(), Stop> {
    let server = serve(stand)?;
    stand.step("five messages are published, each over a connection of its own");
    let mut published = Vec::new();
    for n in 0..5 {
        let text = [format!("message {n} ").as_bytes(), &letters(&stand.random(n * 8, 8))].concat();
        let begun = now();
        let publisher = publish(server, &text)?;
        published.push(Published { text, publisher, time: (begun, now()) });
    }
    stand.step("all ids are asked for");
    let ids = read_ids(&ask(server, b"2:0")?)?;
    if ids.len() != 5 || ids.iter().collect::<BTreeSet<_>>().len() != 5 {
        return Err(failed("`2:0` gives five ids that differ", format!("{ids:?}")));
    }
    stand.step("each message is asked for by its id");
    for (id, published) in ids.iter().zip(&published) {
        let reply = ask(server, format!("3:{id}").as_bytes())?;
        published.check(&read_message(payload(&reply)?)?)?;
    }
    stand.step("the last messages are asked for, with all that they hold");
    for (count, from) in [("0", 0), ("2", 3), ("1", 4), ("5", 0), ("99999999999999999999999", 0)] {
        let messages = last(server, count)?;
        let expected = &published[from..];
        if messages.len() != expected.len() {
            let expected = format!("`4:{count}` gives {} messages", expected.len());
            return Err(failed(expected, format!("{}", messages.len())));
        }
        for (message, published) in messages.iter().zip(expected) {
            published.check(message)?;
        }
        let given = read_ids(&ask(server, format!("2:{count}").as_bytes())?)?;
        if given != ids[from..] {
            return Err(failed(format!("`2:{count}` gives {:?}", &ids[from..]), format!("{given:?}")));
        }
    }
    stand.step("an id that nobody has is asked for");
    let other = (1..).map(|id: u64| id.to_string()).find(|id| !ids.contains(id)).unwrap_or_default();
    let reply = ask(server, format!("3:{other}").as_bytes())?;
    if !reply.starts_with(b"2:") {
        return Err(failed("`2:`: there is no such message", shown(&reply)));
    }
    Ok(())
}

/// Texts of all kinds come back as they were.
pub fn bytes(stand: &mut Stand) -> Result<(), Stop> {
    let server = serve(stand)?;
    let every: Vec<u8> = (0..=255).collect();
    let random = stand.random(0, 5000);
    let texts = [
        ("colons", &b"a:b::c:"[..]),
        ("nothing", b""),
        ("a newline and a NUL", b"\n\0\n"),
        ("text that is not UTF-8", b"\xff\xc3("),
        ("every byte that there is", &every),
        ("spaces at both ends", b"  x  "),
        ("what looks like a size", b"0000000a"),
        ("5000 random bytes", &random),
    ];
    for (what, text) in texts {
        stand.step(format!("a text is published and asked for: {what}"));
        publish(server, text)?;
        let messages = last(server, "1")?;
        let [message] = messages.as_slice() else {
            return Err(failed("`4:1` gives one message", format!("{}", messages.len())));
        };
        same(what, text, &message.text)?;
    }
    stand.step("all of them are asked for at once");
    let messages = last(server, "0")?;
    for ((what, text), message) in texts.iter().zip(&messages) {
        same(what, text, &message.text)?;
    }
    if messages.len() == texts.len() {
        Ok(())
    } else {
        Err(failed("eight messages", format!("{}", messages.len())))
    }
}

/// A request split at every place.
pub fn pieces(stand: &mut Stand) -> Result<(), Stop> {
    let server = serve(stand)?;
    let request = b"1:one: two\nthree";
    for split in 1..request.len() {
        stand.step(format!("a request comes in two pieces, the first of {split} bytes"));
        let mut stream = connect(server)?;
        let (first, second) = request.split_at(split);
        write(&mut stream, first)?;
        // The other piece is sent when the server has taken the first out of its queue, so
        // that it does see two.
        taken(stand, server, &stream)?;
        write(&mut stream, second)?;
        same("`0:`", b"0:", &finish(stream)?)?;
        let messages = last(server, "1")?;
        let text = messages.first().map(|message| message.text.clone()).unwrap_or_default();
        same("the text of the last message", &request[2..], &text)?;
    }
    Ok(())
}

/// The longest request, and replies that are longer than it.
pub fn largest(stand: &mut Stand) -> Result<(), Stop> {
    let server = serve(stand)?;
    let text = stand.random(0, LARGEST - 2);
    stand.step("a request of 16 MiB is sent, twice");
    publish(server, &text)?;
    publish(server, &text)?;
    stand.step("the last two messages are asked for: a reply of 32 MiB");
    let messages = last(server, "2")?;
    for message in &messages {
        same("the whole text", &text, &message.text)?;
    }
    if messages.len() == 2 { Ok(()) } else { Err(failed("two messages", format!("{}", messages.len()))) }
}

/// A request that is too long is refused, and the client hears it.
pub fn too_long(stand: &mut Stand) -> Result<(), Stop> {
    let server = serve(stand)?;
    for more in [1, 4 << 20] {
        stand.step(format!("a request of 16 MiB and {more} bytes more is sent"));
        let mut stream = connect(server)?;
        let request = [b"1:", vec![b'x'; LARGEST - 2 + more].as_slice()].concat();
        let sent = stream.write_all(&request).and_then(|()| stream.shutdown(Shutdown::Write));
        let mut reply = Vec::new();
        let received = stream.read_to_end(&mut reply);
        let words = |result: io::Result<()>| result.err().map(|error| error.to_string());
        let errors: Vec<String> = [words(sent), words(received.map(drop))].into_iter().flatten().collect();
        if !reply.starts_with(b"1:") || !errors.is_empty() {
            let actual = format!("{} {}", shown(&reply), errors.join(", "));
            return Err(failed("`1:`, and no error in sending and receiving", actual));
        }
    }
    stand.step("nothing of this is on the board");
    same("`0:`: no ids", b"0:", &ask(server, b"2:0")?)
}

/// Clients that leave in the middle, and requests that are none.
pub fn hostile(stand: &mut Stand) -> Result<(), Stop> {
    let server = serve(stand)?;
    publish(server, b"before")?;
    stand.line("mark server", "its descriptors are counted")?;
    stand.step("500 requests of random bytes, and damaged ones, are sent");
    let random = stand.random(0, 16_000);
    for (round, piece) in random.chunks(32).enumerate() {
        let mut request: Vec<u8> = match round % 5 {
            0 => piece.to_vec(),
            1 => b"2:12".to_vec(),
            2 => b"3:1".to_vec(),
            3 => b"4:1".to_vec(),
            _ => b"1:text".to_vec(),
        };
        let place = usize::from(piece[0]) % request.len();
        request[place] = piece[1];
        let reply = ask(server, &request)?;
        if !matches!(reply.as_slice(), [b'0'..=b'3', b':', ..]) {
            let expected = format!("a reply with a code from 0 to 3 to {}", shown(&request));
            return Err(failed(expected, shown(&reply)));
        }
    }
    stand.step("50 clients send half a request and reset the connection");
    let messages = last(server, "0")?.len();
    for _ in 0..50 {
        let mut stream = connect(server)?;
        write(&mut stream, b"1:never to be published")?;
        reset(stream)?;
    }
    stand.step("50 clients ask and do not wait for the reply");
    for _ in 0..50 {
        let mut stream = connect(server)?;
        write(&mut stream, b"4:0")?;
        stream.shutdown(Shutdown::Write).map_err(trouble("ending a side"))?;
        reset(stream)?;
    }
    stand.step("50 clients connect and leave without a word");
    for _ in 0..50 {
        drop(connect(server)?);
    }
    stand.step("the board is asked for: nothing that was cut off by a reset is on it");
    let now = last(server, "0")?.len();
    if now != messages {
        return Err(failed(format!("{messages} messages"), format!("{now}")));
    }
    stand.step("the server has no descriptor left of them");
    stand.line("wait server MARK", "it closes each connection")?;
    Ok(())
}

/// A client that says nothing is dropped, and those behind it are served.
pub fn silent(stand: &mut Stand) -> Result<(), Stop> {
    let server = serve(stand)?;
    stand.step("one client says nothing, another stops in the middle of its request");
    let mut nothing = connect(server)?;
    let mut half = connect(server)?;
    write(&mut half, b"1:half a req")?;
    stand.step("a third one publishes");
    publish(server, b"the third")?;
    stand.step("the first two are dropped without a reply");
    for (who, stream) in [("who said nothing", &mut nothing), ("who stopped in the middle", &mut half)] {
        stream.set_read_timeout(Some(DROPPED)).map_err(trouble("setting a time limit"))?;
        let mut reply = Vec::new();
        let end = stream.read_to_end(&mut reply);
        let timed =
            matches!(&end, Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
        if timed {
            return Err(failed(
                format!("the client {who} is dropped after 5 s"),
                format!("it is still connected after {} s", DROPPED.as_secs()),
            ));
        }
        same("no reply to what is no request", b"", &reply)?;
    }
    stand.step("half a request is not published");
    let messages = last(server, "0")?;
    let texts: Vec<String> = messages.iter().map(|message| shown(&message.text)).collect();
    if texts == [shown(b"the third")] { Ok(()) } else { Err(failed("\"the third\" alone", texts.join(", "))) }
}

/// A client that is slow, but goes on, is not dropped.
pub fn steady(stand: &mut Stand) -> Result<(), Stop> {
    let server = serve(stand)?;
    stand.step("a client sends a byte a second, for eight seconds, and then the end");
    let mut stream = connect(server)?;
    for byte in b"1:slowly" {
        write(&mut stream, &[*byte])?;
        std::thread::sleep(Duration::from_secs(1));
    }
    same("`0:`", b"0:", &finish(stream)?)
}

/// A client that never reads its reply does not stop the others for good.
pub fn never_reads(stand: &mut Stand) -> Result<(), Stop> {
    let server = serve(stand)?;
    stand.step("the board is filled with 32 MiB");
    let text = stand.random(0, LARGEST - 2);
    publish(server, &text)?;
    publish(server, &text)?;
    stand.line("mark server", "its descriptors are counted")?;
    stand.step("a client asks for all of it and does not read");
    let mut stream = connect(server)?;
    write(&mut stream, b"4:0")?;
    stream.shutdown(Shutdown::Write).map_err(trouble("ending a side"))?;
    stand.step("another one publishes");
    publish(server, b"another")?;
    stand.step("the one that does not read is dropped");
    wait_for_mark(stand)?;
    drop(stream);
    Ok(())
}

fn wait_for_mark(stand: &mut Stand) -> Result<(), Stop> {
    let deadline = Instant::now() + DROPPED;
    loop {
        let outcome = stand.session().run("wait server MARK 1s");
        match outcome.failure {
            None => return Ok(()),
            Some(failure) if Instant::now() > deadline => {
                return Err(failed("its descriptor is closed after 5 s", failure.message));
            }
            Some(_) => {}
        }
    }
}

fn serve(stand: &mut Stand) -> Result<SocketAddr, Stop> {
    stand.step("the server is started");
    stand.serve("server", "mboard-tcp-server 127.0.0.1:0")
}

fn connect(server: SocketAddr) -> Result<TcpStream, Stop> {
    let stream = TcpStream::connect(server);
    let stream = stream.map_err(|error| failed("the server accepts a connection", format!("{error}")))?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(trouble("setting a time limit"))?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(trouble("setting a time limit"))?;
    Ok(stream)
}

fn write(stream: &mut TcpStream, bytes: &[u8]) -> Result<(), Stop> {
    stream.write_all(bytes).map_err(|error| failed("the server takes what is sent", format!("{error}")))
}

/// Ends this side and reads the reply.
fn finish(mut stream: TcpStream) -> Result<Vec<u8>, Stop> {
    let mut reply = Vec::new();
    let ended = stream.shutdown(Shutdown::Write).and_then(|()| stream.read_to_end(&mut reply));
    match ended {
        Ok(_) => Ok(reply),
        Err(error) => Err(failed("a reply, and the end", format!("{} and then: {error}", shown(&reply)))),
    }
}

fn ask_as(server: SocketAddr, request: &[u8]) -> Result<Reply, Stop> {
    let mut stream = connect(server)?;
    let asker = stream.local_addr().map_err(trouble("asking for an address"))?.to_string();
    write(&mut stream, request)?;
    Ok(Reply { asker, bytes: finish(stream)? })
}

fn ask(server: SocketAddr, request: &[u8]) -> Result<Vec<u8>, Stop> {
    ask_as(server, request).map(|reply| reply.bytes)
}

/// Publishes; who has done so.
fn publish(server: SocketAddr, text: &[u8]) -> Result<String, Stop> {
    let reply = ask_as(server, &[b"1:", text].concat())?;
    same("`0:`: the message is published", b"0:", &reply.bytes)?;
    Ok(reply.asker)
}

/// The last messages, in one reply.
fn last(server: SocketAddr, count: &str) -> Result<Vec<Message>, Stop> {
    let reply = ask(server, format!("4:{count}").as_bytes())?;
    let mut rest = payload(&reply)?;
    let mut messages = Vec::new();
    while !rest.is_empty() {
        let wrong =
            || failed("a size of eight lower-case hexadecimal digits before each message", shown(rest));
        let (header, behind) = rest.split_at_checked(8).ok_or_else(wrong)?;
        let digits = header.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let size = std::str::from_utf8(header).ok().filter(|_| digits);
        let size = size.and_then(|size| usize::from_str_radix(size, 16).ok()).ok_or_else(wrong)?;
        let (message, behind) = behind
            .split_at_checked(size)
            .ok_or_else(|| failed(format!("a message of {size} bytes"), format!("{} bytes", behind.len())))?;
        messages.push(read_message(message)?);
        rest = behind;
    }
    Ok(messages)
}

/// Waits until the server has read all that was sent to it.
fn taken(stand: &mut Stand, server: SocketAddr, stream: &TcpStream) -> Result<(), Stop> {
    let client = stream.local_addr().map_err(trouble("asking for an address"))?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        stand.session().settle().map_err(|failure| Stop::Trouble(failure.message))?;
        let end = stand.session().ends().iter().find(|end| {
            let at = |address: &Option<Address>| address.as_ref().and_then(Address::inet);
            at(&end.local) == Some(server) && at(&end.remote) == Some(client) && end.fd.is_none()
        });
        if end.is_some_and(|end| end.unread == 0) {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(failed("the server reads what was sent to it", "it does not"));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Closes a connection with a reset (SO_LINGER 0, socket(7)).
fn reset(stream: TcpStream) -> Result<(), Stop> {
    let socket = socket2::Socket::from(stream);
    socket.set_linger(Some(Duration::ZERO)).map_err(trouble("setting SO_LINGER"))
}
