//! The checks of lab 12.

use super::stand::{Stand, Stop, failed, trouble};
use socket2::SockRef;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

/// How many files are asked for.
const FILES: usize = 4;

/// How large each of them is.
const SIZE: usize = 100_000;

/// A wait for what has been sent already is over at once; nothing is judged by this.
const LIMIT: Duration = Duration::from_secs(10);

/// A file server of lab 05 that answers nobody until all have asked, and resets one of them.
pub fn fetch(stand: &mut Stand) -> Result<(), Stop> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(trouble("a server"))?;
    let address = listener.local_addr().map_err(trouble("a server"))?;
    listener.set_nonblocking(true).map_err(trouble("a server"))?;
    let names: Vec<String> = (1..=FILES).map(|number| format!("file{number}")).collect();
    stand.step(format!("starts `threads fetch` for {FILES} files, and waits until it can do nothing more"));
    stand.line(&format!("p = start threads fetch {address} {}", names.join(" ")), "it starts")?;
    stand.line("wait p REST", "it asks for its files, and waits for them")?;

    stand.step("looks who has asked");
    let mut asked = Vec::new();
    while let Ok((stream, _)) = listener.accept() {
        asked.push(read_name(stream)?);
    }
    let mut who: Vec<&str> = asked.iter().map(|(name, _)| name.as_str()).collect();
    who.sort_unstable();
    if who != names {
        let none = "nobody, and it waits for an answer".to_owned();
        let who =
            if who.is_empty() { none } else { format!("{}, and it waits for an answer", who.join(", ")) };
        return Err(failed(format!("all have asked: {}", names.join(", ")), who));
    }

    stand.step(format!("resets {}, and answers the others, the last one first", names[0]));
    asked.sort_by(|(a, _), (b, _)| b.cmp(a));
    for (name, mut stream) in asked {
        let sent = if name == names[0] {
            SockRef::from(&stream).set_linger(Some(Duration::ZERO))
        } else {
            stream.write_all(&contents(stand, &name))
        };
        sent.map_err(trouble("answering"))?;
    }
    stand.line("wait p", "it ends")?;

    stand.step("looks at the files");
    for name in &names[1..] {
        let came = std::fs::read(stand.home().join(name)).map_err(|error| error.to_string());
        match came {
            Ok(bytes) if bytes == contents(stand, name) => {}
            Ok(bytes) => {
                let len = bytes.len();
                return Err(failed(
                    format!("{name} has the {SIZE} bytes that came"),
                    format!("it has {len} others"),
                ));
            }
            Err(error) => return Err(failed(format!("{name} is there, though {} failed", names[0]), error)),
        }
    }
    if stand.home().join(&names[0]).exists() {
        return Err(failed(format!("{} is not there: it has not come", names[0]), "it is there"));
    }
    Ok(())
}

/// The name that a client has sent, up to its NUL.
fn read_name(mut stream: TcpStream) -> Result<(String, TcpStream), Stop> {
    stream.set_nonblocking(false).map_err(trouble("a connection"))?;
    stream.set_read_timeout(Some(LIMIT)).map_err(trouble("a connection"))?;
    let (mut name, mut byte) = (Vec::new(), [0]);
    while name.len() < 255 && stream.read(&mut byte).is_ok_and(|count| count == 1) && byte != [0] {
        name.extend(byte);
    }
    Ok((netkit::data::printable(&String::from_utf8_lossy(&name)), stream))
}

/// What is in a file: another thing in each.
fn contents(stand: &Stand, name: &str) -> Vec<u8> {
    let offset = name.bytes().map(u64::from).sum::<u64>() * SIZE as u64;
    stand.random(offset, SIZE)
}
