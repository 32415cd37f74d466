//! For which line an interrupt is meant that comes before the line has begun.

#![allow(clippy::expect_used, reason = "a failed expectation is the report")]

use netkit::session::names::Naming;
use netkit::session::programs::Surroundings;
use netkit::session::{JobNewsTime, Options, Session};
use nix::errno::Errno;
use std::path::Path;
use std::time::Duration;

/// So long a line waits that nothing interrupts.
const LIMIT: Duration = Duration::from_millis(100);

/// A session with a listener, to which nobody connects.
fn session() -> Session {
    let mut session = Session::start(Options {
        worker: Path::new(env!("CARGO_BIN_EXE_netlab")).into(),
        naming: Naming::Names,
        seed: 1,
        limit: Some(LIMIT),
        settle: false,
        programs: Default::default(),
        surroundings: Surroundings::default(),
        job_news: JobNewsTime::AtOnce,
        on_blocked: Box::new(|_, _| {}),
        on_lines: None,
        on_news: Box::new(|| {}),
    })
    .expect("a session starts");
    for line in ["srv = socket tcp", "bind srv 127.0.0.1:0", "listen srv"] {
        assert!(session.run(line).ok(), "{line}");
    }
    session
}

/// What ended an accept that nothing else ends.
fn ended(session: &mut Session) -> String {
    let failure = session.run("accept srv").failure.expect("it cannot succeed");
    assert_eq!(failure.errno, Some(Errno::EINTR as i32), "{failure:?}");
    failure.message
}

#[test]
fn an_interrupt_between_enter_and_the_lines_beginning_is_the_lines() {
    let mut session = session();
    let interrupter = session.interrupter();
    interrupter.entered();
    interrupter.interrupt();
    assert_eq!(ended(&mut session), "accept was interrupted");
    // It is used up by that.
    interrupter.entered();
    assert!(ended(&mut session).contains("had not returned after"));
}

#[test]
fn an_interrupt_from_before_enter_is_for_no_line() {
    let mut session = session();
    let interrupter = session.interrupter();
    interrupter.interrupt();
    interrupter.entered();
    assert!(ended(&mut session).contains("had not returned after"));
}
