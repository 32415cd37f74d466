//! Names that lead out of ROOT, each way, get no byte.

use super::talk;
use crate::checks::stand::{Stand, Stop, trouble};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

/// The check.
pub fn run(stand: &mut Stand) -> Result<(), Stop> {
    let (root, hello) = talk::furnish(stand)?;
    let home = stand.home().to_owned();
    let making = trouble::<std::io::Error>("making a file");
    fs::create_dir(root.join("sub")).map_err(&making)?;
    fs::create_dir(home.join("root-private")).map_err(&making)?;
    fs::write(home.join("secret"), "outside").map_err(&making)?;
    fs::write(home.join("root-private/secret"), "outside").map_err(&making)?;
    symlink("../secret", root.join("link")).map_err(&making)?;
    symlink(home.join("secret"), root.join("absolute-link")).map_err(&making)?;
    symlink("link", root.join("link-to-link")).map_err(&making)?;
    symlink("../..", root.join("sub/up")).map_err(&making)?;
    let absolute = |name: &str| home.join(name).as_os_str().as_bytes().to_vec();
    let names: Vec<(&str, Vec<u8>)> = vec![
        ("../secret, a file beside ROOT", b"../secret".into()),
        ("sub/../../secret, which begins inside", b"sub/../../secret".into()),
        ("./../secret", b"./../secret".into()),
        ("the absolute path of a file outside", absolute("secret")),
        ("the absolute path of a file inside", absolute("root/hello.txt")),
        ("link, a symbolic link to ../secret", b"link".into()),
        ("a symbolic link to an absolute path outside", b"absolute-link".into()),
        ("a symbolic link to that link", b"link-to-link".into()),
        ("sub/up/secret, through a symbolic link to a folder outside", b"sub/up/secret".into()),
        ("../root-private/secret, in a folder whose name begins as ROOT's", b"../root-private/secret".into()),
        ("sub/up/root-private/secret, both together", b"sub/up/root-private/secret".into()),
    ];
    let address = stand.serve("server", "file-server root 127.0.0.1:0")?;
    for (words, mut name) in names {
        stand.step(format!("asks for {words}"));
        name.push(0);
        talk::gets_nothing(address, &name, &hello)?;
    }
    Ok(())
}
