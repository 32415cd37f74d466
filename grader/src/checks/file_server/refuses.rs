//! Names that get no byte, after which the server goes on.

use super::talk;
use crate::checks::stand::{Stand, Stop, trouble};
use nix::sys::stat::Mode;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

/// The check.
pub fn run(stand: &mut Stand) -> Result<(), Stop> {
    let (root, hello) = talk::furnish(stand)?;
    let making = trouble::<std::io::Error>("making a file");
    fs::create_dir(root.join("folder")).map_err(&making)?;
    symlink("loop", root.join("loop")).map_err(&making)?;
    symlink("nowhere", root.join("broken")).map_err(&making)?;
    nix::unistd::mkfifo(&root.join("fifo"), Mode::S_IRWXU).map_err(trouble("making a FIFO"))?;
    fs::write(root.join("locked"), "locked").map_err(&making)?;
    fs::set_permissions(root.join("locked"), fs::Permissions::from_mode(0o000)).map_err(&making)?;
    let address = stand.serve("server", "file-server root 127.0.0.1:0")?;
    let long = [b'n'; 300];
    let requests: [(&str, &[u8]); 10] = [
        ("a name that is missing", b"missing\0"),
        ("a name in a folder that is missing", b"missing/a\0"),
        ("a folder", b"folder\0"),
        ("ROOT itself, by an empty name", b"\0"),
        ("a name below a file", b"hello.txt/a\0"),
        ("a symbolic link to nothing", b"broken\0"),
        ("a symbolic link to itself", b"loop\0"),
        ("a FIFO, which nobody writes to", b"fifo\0"),
        ("a name of 300 bytes, of which 256 are too many already", &long),
        ("a name that no NUL ends before the client ends its side", b""),
    ];
    for (words, request) in requests {
        stand.step(format!("asks for {words}, then for {}", talk::HELLO));
        if request.is_empty() {
            without_nul(address, &hello)?;
        } else {
            talk::gets_nothing(address, request, &hello)?;
        }
    }
    // The superuser may read everything: then there is nothing to be seen here.
    if fs::File::open(root.join("locked")).is_err() {
        stand.step(format!("asks for a file that may not be read, then for {}", talk::HELLO));
        talk::gets_nothing(address, b"locked\0", &hello)?;
    }
    Ok(())
}

/// A request that is cut off.
fn without_nul(address: std::net::SocketAddr, hello: &[u8]) -> Result<(), Stop> {
    let stream = talk::connect(address)?;
    talk::send(&stream, talk::HELLO.as_bytes());
    // A server that has left already is told by the reply.
    let _ = stream.shutdown(std::net::Shutdown::Write);
    talk::is_nothing(&talk::read(&stream))?;
    talk::goes_on(address, hello)
}
