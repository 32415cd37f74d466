//! `mboard-udp-client ADDRESS publish TEXT` and `mboard-udp-client ADDRESS last N`.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

use labkit::{Failure, printable};

use crate::LARGEST;

pub const USAGE: &str = "mboard-udp-client ADDRESS publish TEXT | mboard-udp-client ADDRESS last N";

const PATIENCE: Duration = Duration::from_secs(1);

const TRIES: u32 = 3;

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
    let room = LARGEST - "1:".len();
    let kept = &text[..text.len().min(room)];
    if kept.len() < text.len() {
        let lost = text.len() - kept.len();
        labkit::report(
            "mboard-udp-client",
            format_args!("the text is too long: its last {lost} bytes are cut off"),
        );
    }
    let reply = ask(server, &[b"1:", kept].concat())?;
    if reply.is_empty() { Ok(()) } else { Err(malformed(&reply)) }
}

fn last(server: SocketAddrV4, count: &str, mut out: impl Write) -> Result<(), Failure> {
    let ids = ask(server, format!("2:{count}").as_bytes())?;
    if ids.is_empty() {
        return Ok(());
    }
    let ids_of = || ids.split(|byte| *byte == b':');
    let numbers: Option<Vec<u64>> =
        ids_of().map(|id| std::str::from_utf8(id).ok()?.parse().ok()).collect();
    for id in numbers.ok_or_else(|| malformed(&ids))? {
        let message = ask(server, format!("3:{id}").as_bytes())?;
        let line = line(&message).ok_or_else(|| malformed(&message))?;
        writeln!(out, "{line}").map_err(|error| Failure::new(format!("cannot write: {error}")))?;
    }
    Ok(())
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

fn ask(server: SocketAddrV4, request: &[u8]) -> Result<Vec<u8>, Failure> {
    let lost = |error: io::Error| Failure::new(format!("asking {server}: {error}"));
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).map_err(lost)?;
    socket.connect(server).map_err(lost)?;
    let mut buffer = [0; 65_536];
    for _ in 0..TRIES {
        socket.send(request).map_err(lost)?;
        if let Some(length) = receive(&socket, &mut buffer).map_err(lost)? {
            return payload(&buffer[..length]);
        }
    }
    Err(Failure::new(format!("asking {server}: no answer, {TRIES} times")))
}

fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Option<usize>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        socket.set_read_timeout(Some(left))?;
        match socket.recv(buffer) {
            Ok(length) => return Ok(Some(length)),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) => {}
            Err(error) => return Err(error),
        }
    }
}

fn payload(reply: &[u8]) -> Result<Vec<u8>, Failure> {
    let Some(colon) = reply.iter().position(|byte| *byte == b':') else { return Err(malformed(reply)) };
    match &reply[..colon] {
        b"0" => Ok(reply[colon + 1..].to_vec()),
        b"1" => Err(Failure::new("the server does not understand the request")),
        b"2" => Err(Failure::new("the server has no such message")),
        b"3" => Err(Failure::new("the server does not know this kind of request")),
        _ => Err(malformed(reply)),
    }
}

fn malformed(reply: &[u8]) -> Failure {
    let shown = &reply[..reply.len().min(60)];
    Failure::new(format!("the server's reply makes no sense: {}", printable(shown)))
}

fn is_number(digits: &[u8]) -> bool {
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}
