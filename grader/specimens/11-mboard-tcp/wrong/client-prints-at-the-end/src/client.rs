//! `mboard-tcp-client ADDRESS publish TEXT` and `mboard-tcp-client ADDRESS last N`.

use std::ffi::OsString;
use std::io::{self, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddrV4, TcpStream};

use labkit::{Failure, printable};

use crate::LARGEST_MESSAGE;

pub const USAGE: &str = "mboard-tcp-client ADDRESS publish TEXT | mboard-tcp-client ADDRESS last N";

pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let (server, [command, argument]) = labkit::client_arguments(USAGE, arguments)?;
    match command.to_str() {
        Some("publish") => {
            let text = labkit::message(argument)
                .map_err(|error| Failure::new(format!("cannot read standard input: {error}")))?;
            publish(server, &text)
        }
        Some("last") => match argument.to_str().filter(|count| is_number(count.as_bytes())) {
            Some(count) => last(server, count, io::stdout().lock()),
            None => Err(usage(format!("{argument:?} is not a number of messages"))),
        },
        _ => Err(usage(format!("{command:?} is neither `publish` nor `last`"))),
    }
}

fn usage(reason: String) -> Failure {
    Failure::Usage { reason, usage: USAGE.to_owned() }
}

fn publish(server: SocketAddrV4, text: &[u8]) -> Result<(), Failure> {
    let mut reply = ask(server, &[b"1:", text].concat())?;
    let mut rest = Vec::new();
    reply.by_ref().take(60).read_to_end(&mut rest).map_err(|error| lost(server, &error))?;
    if rest.is_empty() { Ok(()) } else { Err(malformed(&rest)) }
}

fn last(server: SocketAddrV4, count: &str, mut out: impl Write) -> Result<(), Failure> {
    let mut reply = ask(server, format!("4:{count}").as_bytes())?;
    let mut lines = Vec::new();
    while let Some(message) = next_message(&mut reply).map_err(|error| lost(server, &error))? {
        let line = line(&message).ok_or_else(|| malformed(&message))?;
        lines.push(format!("{line}\n"));
    }
    out.write_all(lines.concat().as_bytes()).map_err(|error| Failure::new(format!("cannot write: {error}")))
}

fn ask(server: SocketAddrV4, request: &[u8]) -> Result<impl Read + use<>, Failure> {
    let mut stream = TcpStream::connect(server)
        .map_err(|error| Failure::new(format!("cannot connect to {server}: {error}")))?;
    let sent = stream.write_all(request).and_then(|()| stream.shutdown(Shutdown::Write));
    let mut reply = BufReader::new(stream);
    let mut code = Vec::new();
    let received = reply.by_ref().take(2).read_to_end(&mut code);
    match code.as_slice() {
        b"0:" => sent.map(|()| reply).map_err(|error| lost(server, &error)),
        b"1:" => Err(Failure::new("the server does not understand the request, or it is too long")),
        b"2:" => Err(Failure::new("the server has no such message")),
        b"3:" => Err(Failure::new("the server does not know this kind of request")),
        other => {
            sent.and(received.map(drop)).map_err(|error| lost(server, &error))?;
            match other {
                b"" => Err(Failure::new(format!("{server} has closed the connection without a reply"))),
                other => Err(malformed(other)),
            }
        }
    }
}

fn next_message(reply: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let broken = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut header = Vec::new();
    reply.by_ref().take(8).read_to_end(&mut header)?;
    if header.is_empty() {
        return Ok(None);
    }
    let hexadecimal = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if !header.iter().all(hexadecimal) {
        return Err(broken(&format!("a message begins with {}, which is no size", printable(&header))));
    }
    if header.len() < 8 {
        return Err(broken("the connection ended inside a message's size"));
    }
    let size =
        header.iter().fold(0, |size, byte| size * 16 + char::from(*byte).to_digit(16).unwrap_or(0) as usize);
    if size > LARGEST_MESSAGE {
        return Err(broken(&format!("a message of {size} bytes is larger than any")));
    }
    let mut message = Vec::new();
    reply.by_ref().take(size as u64).read_to_end(&mut message)?;
    if message.len() < size {
        return Err(broken(&format!(
            "the connection ended after {} of {size} bytes of a message",
            message.len()
        )));
    }
    Ok(Some(message))
}

fn line(message: &[u8]) -> Option<String> {
    let mut parts = message.splitn(4, |byte| *byte == b':');
    let mut text_of = || std::str::from_utf8(parts.next()?).ok();
    let (time, ip, port) = (text_of()?, text_of()?, text_of()?);
    let text = parts.next()?;
    let (seconds, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let ip: Ipv4Addr = ip.parse().ok()?;
    let port: u16 = port.parse().ok()?;
    let valid = is_number(seconds.as_bytes()) && is_number(fraction.as_bytes());
    valid.then(|| format!("{time} {ip}:{port} {}", printable(text)))
}

fn lost(server: SocketAddrV4, error: &io::Error) -> Failure {
    Failure::new(format!("talking to {server}: {error}"))
}

fn malformed(reply: &[u8]) -> Failure {
    let shown = &reply[..reply.len().min(60)];
    Failure::new(format!("the server's reply makes no sense: {}", printable(shown)))
}

fn is_number(digits: &[u8]) -> bool {
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}
