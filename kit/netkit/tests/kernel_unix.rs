//! Sockets of the UNIX domain in sock_diag: what is said of them, and that `ss` says the same.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "a skipped test must say so")]

use std::collections::BTreeSet;
use std::io::Write;
use std::os::fd::{AsRawFd, RawFd};
use std::os::linux::fs::MetadataExt;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::Command;

use netkit::address::Address;
use netkit::kernel::queues::identity;
use netkit::kernel::sock_diag::{Protocol, SockDiag, SocketFact, SocketState, UnixState};

/// All sockets of the UNIX domain; `None` where the kernel does not tell.
fn dump() -> Option<Vec<SocketFact>> {
    let all = SockDiag::open().unwrap().dump_unix().unwrap();
    if all.is_empty() {
        println!("skipped: needs the kernel's unix_diag");
        return None;
    }
    Some(all)
}

fn of(all: &[SocketFact], fd: RawFd) -> SocketFact {
    let own = identity(fd).unwrap();
    let fact = all.iter().find(|fact| fact.cookie == own.cookie).unwrap();
    assert_eq!(fact.inode, Some(own.inode));
    fact.clone()
}

/// A path in a folder of its own, which is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("netkit-{}-{name}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Left where it cannot be removed: it is in the folder for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_connection_before_and_after_accept() {
    let folder = Folder::new("accept");
    let path = folder.0.join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let client = UnixStream::connect(&path).unwrap();
    let Some(all) = dump() else { return };
    let (far, near) = (of(&all, listener.as_raw_fd()), of(&all, client.as_raw_fd()));
    let address: Address = format!("unix:{}", path.display()).parse().unwrap();
    assert_eq!((&far.local, far.state), (&address, SocketState::Unix(UnixState::Listening)));
    assert_eq!(far.accept_queue().unwrap().waiting, 1);
    let unix = far.unix.as_ref().unwrap();
    assert_eq!(unix.waiting, [near.inode.unwrap()], "who waits is known");
    assert_eq!(unix.file.unwrap().inode, std::fs::metadata(&path).unwrap().st_ino());
    assert_eq!(near.state, SocketState::Unix(UnixState::Connected));
    assert_eq!(near.unix.as_ref().unwrap().peer, Some(0), "its other end has no descriptor yet");

    let (mut server, _) = listener.accept().unwrap();
    server.write_all(b"hello").unwrap();
    let all = dump().unwrap();
    let (far, near) = (of(&all, server.as_raw_fd()), of(&all, client.as_raw_fd()));
    assert!(far.is_other_end_of(&near) && near.is_other_end_of(&far));
    assert_eq!(near.remote, Some(address.clone()));
    assert_eq!((&far.local, far.remote.unwrap().to_string()), (&address, "unix:".to_owned()));
    assert_eq!((near.receive_queue, far.receive_queue), (5, 0));
    drop(server);
    let near = of(&dump().unwrap(), client.as_raw_fd());
    assert_eq!(near.unix.unwrap().peer, Some(0), "its other end is closed");
    assert!(near.shutdown.is_some_and(|halves| halves.read && halves.write));
}

#[test]
fn a_datagram_socket_is_connected_one_way() {
    let folder = Folder::new("datagram");
    let path = folder.0.join("s");
    let server = UnixDatagram::bind(&path).unwrap();
    let client = UnixDatagram::unbound().unwrap();
    client.connect(&path).unwrap();
    client.send(b"one").unwrap();
    client.send(b"second").unwrap();
    let Some(all) = dump() else { return };
    let (far, near) = (of(&all, server.as_raw_fd()), of(&all, client.as_raw_fd()));
    assert_eq!(near.state, SocketState::Unix(UnixState::Connected));
    assert_eq!(near.unix.as_ref().unwrap().peer, far.inode);
    assert_eq!(far.state, SocketState::Unix(UnixState::Unconnected));
    assert_eq!(far.receive_queue, 3, "the first datagram");
    assert!(!far.is_other_end_of(&near));
}

/// Type, state, queues, name, inode and the other end's inode of `ss -xanH`.
type Row = (String, String, u32, u32, String, u64, u64);

fn ss() -> Option<BTreeSet<Row>> {
    let Ok(output) = Command::new("ss").arg("-xanH").output() else {
        println!("skipped: needs ss");
        return None;
    };
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let row = |line: &str| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [kind, state, receive, send, name, inode, _, peer, ..] = fields.as_slice() else { return None };
        Some((
            (*kind).to_owned(),
            (*state).to_owned(),
            receive.parse().ok()?,
            send.parse().ok()?,
            (*name).to_owned(),
            inode.parse().ok()?,
            peer.parse().ok()?,
        ))
    };
    Some(text.lines().filter_map(row).collect())
}

fn row(fact: &SocketFact) -> Row {
    let kind = match fact.protocol {
        Protocol::UnixStream => "u_str",
        Protocol::UnixDatagram => "u_dgr",
        _ => "u_seq",
    };
    let state = match fact.state {
        SocketState::Unix(UnixState::Connected) => "ESTAB",
        SocketState::Unix(UnixState::Listening) => "LISTEN",
        _ => "UNCONN",
    };
    let name = match fact.local.to_string().strip_prefix("unix:").unwrap() {
        "" => "*".to_owned(),
        name => name.to_owned(),
    };
    let peer = fact.unix.as_ref().and_then(|unix| unix.peer).unwrap_or(0);
    (kind.into(), state.into(), fact.receive_queue, fact.send_queue, name, fact.inode.unwrap(), peer)
}

#[test]
fn ss_says_the_same() {
    let folder = Folder::new("ss");
    let path = folder.0.join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let waiting = UnixStream::connect(&path).unwrap();
    let (mut one, other) = UnixStream::pair().unwrap();
    one.write_all(b"some bytes").unwrap();
    let datagram = UnixDatagram::bind(folder.0.join("d")).unwrap();
    let pair = UnixDatagram::pair().unwrap();
    let fds = [
        listener.as_raw_fd(),
        waiting.as_raw_fd(),
        one.as_raw_fd(),
        other.as_raw_fd(),
        datagram.as_raw_fd(),
        pair.0.as_raw_fd(),
        pair.1.as_raw_fd(),
    ];
    let Some(all) = dump() else { return };
    let ours: BTreeSet<Row> = fds.iter().map(|fd| row(&of(&all, *fd))).collect();
    assert_eq!(ours.len(), fds.len());
    let Some(mut expected) = ss() else { return };
    expected.retain(|row| ours.iter().any(|own| own.5 == row.5));
    assert_eq!(ours, expected);
}
