//! Signals: Ctrl-C, and requests to end.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io;

/// Has `act` called, on a thread of its own, for every Ctrl-C (SIGINT) and every request to
/// end (SIGTERM, SIGHUP), with the signal's number. None of them ends the process by itself
/// any more.
///
/// # Errors
/// When the system refuses the handlers or the thread.
pub fn watch(mut act: impl FnMut(i32) + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            act(signal);
        }
    })?;
    Ok(())
}

/// The exit code of a program that a signal ended, as shells count it.
pub fn exit_code(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}
