//! Writes into a folder of its own beside FILE, and moves the file out of it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use labkit::Failure;

pub const USAGE: &str = "file-client ADDRESS NAME FILE";

pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let (address, [name, file]) = labkit::client_arguments(USAGE, arguments)?;
    let mut request = name.into_vec();
    if request.len() > 255 {
        return Err(Failure::Usage { reason: "NAME is too long".into(), usage: USAGE.into() });
    }
    request.push(0);
    let file = Path::new(&file);
    let place = file.with_file_name(format!(".fetching-{}", std::process::id()));
    let mut stream = TcpStream::connect(address)?;
    fs::create_dir(&place)?;
    let fetched = fetch(&mut stream, &request, &place.join("part"), file);
    fs::remove_dir_all(&place)?;
    Ok(fetched?)
}

fn fetch(stream: &mut TcpStream, request: &[u8], part: &Path, file: &Path) -> io::Result<()> {
    stream.write_all(request)?;
    let mut out = File::create(part)?;
    let mut buffer = vec![0; 32 << 10];
    loop {
        match stream.read(&mut buffer)? {
            0 => break,
            n => out.write_all(&buffer[..n])?,
        }
    }
    fs::rename(part, file)
}
