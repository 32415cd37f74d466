//! Descriptors, descendants and holders of sockets, as /proc shows them.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

use std::io::{ErrorKind, Write};
use std::net::TcpListener;
use std::os::fd::{AsRawFd, RawFd};
use std::process::{Child, Command, Stdio, id};

use netkit::kernel::process::{
    Descriptor, Target, descriptors, holders, processes_below, processes_below_by_parents, threads,
};
use netkit::kernel::queues::identity;

fn target(all: &[Descriptor], fd: RawFd) -> Option<&Target> {
    all.iter().find(|one| one.fd == fd).map(|one| &one.target)
}

#[test]
fn descriptors_lead_to_what_was_opened() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (reader, writer) = nix::unistd::pipe().unwrap();
    let file = std::fs::File::open("/proc/sys/kernel/ostype").unwrap();
    let all = descriptors(id(), RawFd::MAX).unwrap();

    let inode = identity(listener.as_raw_fd()).unwrap().inode;
    assert_eq!(target(&all, listener.as_raw_fd()), Some(&Target::Socket(inode)));
    let Some(Target::Pipe(pipe)) = target(&all, reader.as_raw_fd()) else {
        panic!("{all:?}");
    };
    assert_eq!(target(&all, writer.as_raw_fd()), Some(&Target::Pipe(*pipe)));
    let path = Target::File("/proc/sys/kernel/ostype".into());
    assert_eq!(target(&all, file.as_raw_fd()), Some(&path));
    assert!(all.is_sorted_by_key(|one| one.fd));

    let few = descriptors(id(), file.as_raw_fd()).unwrap();
    assert!(few.iter().all(|one| one.fd < file.as_raw_fd()));
    assert!(target(&few, 0).is_some());
}

#[test]
fn the_holders_of_a_socket_are_this_process_with_every_descriptor() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let copy = listener.try_clone().unwrap();
    let inode = identity(listener.as_raw_fd()).unwrap().inode;
    // A child of the test beside this one has copies too, until it calls exec.
    let own = || {
        let mut holders = holders(inode).unwrap().holders;
        holders.retain(|holder| holder.pid == id());
        holders
    };
    let mut expected = [listener.as_raw_fd(), copy.as_raw_fd()];
    expected.sort_unstable();
    let found = own();
    let fds: Vec<RawFd> = found.iter().map(|holder| holder.fd).collect();
    assert_eq!(fds, expected);
    for holder in &found {
        assert_eq!(holder.inode, inode);
        assert_eq!(holder.program, "kernel_process-"[..15]);
    }
    drop((listener, copy));
    assert_eq!(own(), []);
}

/// A shell that starts another program and waits, until its input ends.
struct Parent(Child);

impl Parent {
    fn start() -> Self {
        let shell = Command::new("sh")
            .args(["-c", "sleep 1000 & echo $!; read line; kill $!; wait"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        Self(shell.unwrap())
    }
}

impl Drop for Parent {
    fn drop(&mut self) {
        let mut input = self.0.stdin.take().unwrap();
        input.write_all(b"\n").unwrap();
        drop(input);
        self.0.wait().unwrap();
    }
}

#[test]
fn descendants_are_found_parents_first() {
    let mut parent = Parent::start();
    let mut child = String::new();
    let output = parent.0.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut child).unwrap();
    let child: u32 = child.trim().parse().unwrap();

    for look in [processes_below, processes_below_by_parents] {
        assert_eq!(look(parent.0.id()).unwrap(), [parent.0.id(), child]);
    }
    let all = processes_below(id()).unwrap();
    assert_eq!(all[0], id());
    let place = |pid| all.iter().position(|&other| other == pid).unwrap();
    assert!(place(parent.0.id()) < place(child));
}

#[test]
fn a_process_that_is_gone_is_not_found() {
    let mut child = Command::new("true").spawn().unwrap();
    let pid = child.id();
    child.wait().unwrap();
    for error in [
        descriptors(pid, RawFd::MAX).unwrap_err(),
        processes_below(pid).unwrap_err(),
        threads(pid).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains(&pid.to_string()), "{error}");
    }
}
