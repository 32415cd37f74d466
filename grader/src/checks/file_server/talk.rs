//! What a client of these checks does: it connects, asks, and reads to the end.

use crate::checks::stand::{Stand, Stop, failed, trouble};
use netkit::data::printable;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

/// How long it is waited for anything. What takes 5 s by the contract may take so long.
pub const LIMIT: Duration = Duration::from_secs(20);

/// The file that every server here has.
pub const HELLO: &str = "hello.txt";

/// How a reply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With FIN.
    Fin,
    /// With RST.
    Rst,
    /// Not at all, within the limit.
    None,
}

/// A reply.
#[derive(Debug)]
pub struct Reply {
    /// All that came.
    pub bytes: Vec<u8>,
    /// What came after that.
    pub end: End,
}

impl Reply {
    /// The reply in words.
    pub fn words(&self) -> String {
        const SHOWN: usize = 40;
        let size = self.bytes.len();
        let data = printable(&String::from_utf8_lossy(&self.bytes[..size.min(SHOWN)]));
        let data = match size {
            0 => "no byte".to_owned(),
            _ if size > SHOWN => format!("{size} bytes, \"{data}...\""),
            _ => format!("{size} bytes, \"{data}\""),
        };
        let end = match self.end {
            End::Fin => "then FIN".to_owned(),
            End::Rst => "then RST".to_owned(),
            End::None => format!("and no end for {} s", LIMIT.as_secs()),
        };
        format!("{data}, {end}")
    }
}

/// Makes the folder `root` with [`HELLO`] in it; what is in that.
pub fn furnish(stand: &Stand) -> Result<(PathBuf, Vec<u8>), Stop> {
    let root = stand.home().join("root");
    let hello = stand.random(0, 1000);
    fs::create_dir(&root).map_err(trouble("making ROOT"))?;
    fs::write(root.join(HELLO), &hello).map_err(trouble("making a file"))?;
    Ok((root, hello))
}

/// Connects to the server.
pub fn connect(address: SocketAddr) -> Result<TcpStream, Stop> {
    let stream = TcpStream::connect_timeout(&address, LIMIT);
    let stream = stream.map_err(|error| failed("the server takes a connection", error.to_string()))?;
    stream.set_read_timeout(Some(LIMIT)).map_err(trouble("setting a time limit"))?;
    Ok(stream)
}

/// Sends bytes to the server, which may have left already: that shows in the reply.
pub fn send(mut stream: &TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes);
}

/// Reads to the end.
pub fn read(mut stream: &TcpStream) -> Reply {
    let mut bytes = Vec::new();
    let end = match stream.read_to_end(&mut bytes) {
        Ok(_) => End::Fin,
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => End::None,
        Err(_) => End::Rst,
    };
    Reply { bytes, end }
}

/// Asks for a file, and reads the whole reply.
pub fn ask(address: SocketAddr, name: &[u8]) -> Result<Reply, Stop> {
    let stream = connect(address)?;
    send(&stream, &[name, b"\0"].concat());
    Ok(read(&stream))
}

/// Asks for [`HELLO`], which must come whole: the server goes on.
pub fn goes_on(address: SocketAddr, hello: &[u8]) -> Result<(), Stop> {
    is_hello(&ask(address, HELLO.as_bytes())?, hello)
}

/// Whether this reply is all of [`HELLO`].
pub fn is_hello(reply: &Reply, hello: &[u8]) -> Result<(), Stop> {
    if reply.bytes == hello && reply.end == End::Fin {
        return Ok(());
    }
    let expected = format!("a request for {HELLO} gets its {} bytes, then FIN", hello.len());
    Err(failed(expected, reply.words()))
}

/// Asks for something that must get nothing, and then for [`HELLO`].
pub fn gets_nothing(address: SocketAddr, request: &[u8], hello: &[u8]) -> Result<(), Stop> {
    let stream = connect(address)?;
    send(&stream, request);
    is_nothing(&read(&stream))?;
    goes_on(address, hello)
}

/// Whether this reply is no byte and an end.
pub fn is_nothing(reply: &Reply) -> Result<(), Stop> {
    if reply.bytes.is_empty() && reply.end != End::None {
        return Ok(());
    }
    Err(failed("no byte, then an end (FIN or RST)", reply.words()))
}
