//! Seeing a thread asleep in a system call.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

mod kernel_support;

use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::process::id;
use std::sync::mpsc::channel;
use std::thread;

use kernel_support::until;
use netkit::kernel::process::threads;
use netkit::kernel::thread::{ThreadFact, look};

fn own_tid() -> u32 {
    u32::try_from(nix::unistd::gettid().as_raw()).unwrap()
}

/// Looks until the thread is asleep in the call.
fn await_asleep_in(tid: u32, name: &str) -> ThreadFact {
    until(name, || {
        let fact = look(id(), tid).unwrap();
        let asleep = fact.asleep_in().is_some_and(|call| call.name == name);
        asleep.then_some(fact)
    })
}

#[test]
fn a_thread_that_waits_for_connections_is_asleep_in_accept() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let fd = listener.as_raw_fd();
    let (say, heard) = channel();
    let waiting = thread::spawn(move || {
        say.send(own_tid()).unwrap();
        listener.accept().unwrap();
    });
    let tid = heard.recv().unwrap();
    let fact = await_asleep_in(tid, "accept4");
    let call = fact.syscall.as_ref().unwrap();
    assert_eq!((call.number, call.args[0]), (libc::SYS_accept4, fd as u64));
    assert_eq!((fact.tid, fact.state), (tid, 'S'));
    // Hidden on kernels without CONFIG_KALLSYMS.
    if let Some(function) = &fact.kernel_function {
        assert!(function.contains("accept"), "{function}");
    }
    assert!(threads(id()).unwrap().contains(&tid));

    TcpStream::connect(address).unwrap();
    waiting.join().unwrap();
}

#[test]
fn a_thread_that_looks_at_itself_runs() {
    let fact = look(id(), own_tid()).unwrap();
    assert_eq!(fact.state, 'R');
    assert_eq!(fact.asleep_in(), None);
    // It is inside read, of the very file that says so.
    assert_eq!(fact.syscall.unwrap().name, "read");
}

#[test]
fn a_thread_that_is_gone_is_not_found() {
    let tid = thread::spawn(own_tid).join().unwrap();
    // The kernel wakes join before the thread's entry is gone.
    until("the end of a thread", || (!threads(id()).unwrap().contains(&tid)).then_some(()));
    let error = look(id(), tid).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}
