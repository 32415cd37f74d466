//! Signals: Ctrl-C, and requests to end.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Has `act` called, on a thread of its own, for every Ctrl-C (SIGINT), every request to end
/// (SIGTERM, SIGHUP), and the signals `more`, with the signal's number. None of them does
/// anything to the process by itself any more.
///
/// # Errors
/// When the system refuses the handlers or the thread.
pub fn watch(more: &[i32], mut act: impl FnMut(i32) + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP].iter().chain(more))?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            act(signal);
        }
    })?;
    Ok(())
}

/// Has a file that grows past a limit (`ulimit -f`) be an error of write(2), which can be
/// told, and not the end of the process, which is what SIGXFSZ brings. A handler, not
/// SIG_IGN: programs that are started would inherit that.
///
/// # Errors
/// When the system refuses the handler.
pub fn survive_large_files() -> io::Result<()> {
    flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false))).map(drop)
}

/// The exit code of a program that a signal ended, as shells count it.
pub fn exit_code(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}
