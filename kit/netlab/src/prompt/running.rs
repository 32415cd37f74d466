//! The line that is running: what Ctrl-C and Ctrl-Z do to it, and what to say when even
//! Ctrl-C does not end it because the worker does not answer.

use super::screen;
use netkit::kernel::thread;
use netkit::session::Interrupter;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A worker that lives answers an interrupt within milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is known of the line that is running.
#[derive(Debug, Default)]
struct State {
    /// Counts the lines, so that one is not taken for another.
    line: u64,
    /// Whether it has not ended.
    running: bool,
    /// The worker's process number.
    worker: u32,
    /// Whether Ctrl-C was pressed since the entry that it belongs to began.
    interrupted: bool,
    /// Whether the terminal has shown a key since the line began: `^C`, `^Z`.
    echoed: bool,
    /// Whether it was said that the worker does not answer.
    silent: bool,
}

/// A handle on the line that is running, for the thread that runs it and the one that hears
/// of signals.
#[derive(Clone)]
pub struct Running {
    state: Arc<(Mutex<State>, Condvar)>,
    interrupter: Interrupter,
}

impl Running {
    /// No line is running.
    pub fn new(interrupter: Interrupter) -> Self {
        Self { state: Arc::default(), interrupter }
    }

    /// Something was entered: what was pressed before is not meant for it.
    pub fn entered(&self) {
        self.state().interrupted = false;
        self.interrupter.entered();
    }

    /// A line begins; the process of this number makes its calls.
    pub fn begin(&self, worker: u32) {
        let mut state = self.state();
        *state = State {
            line: state.line + 1,
            worker,
            running: true,
            interrupted: state.interrupted,
            ..State::default()
        };
    }

    /// The line has ended. Whether the terminal has shown a key meanwhile.
    pub fn end(&self) -> bool {
        let mut state = self.state();
        state.running = false;
        self.state.1.notify_all();
        state.echoed
    }

    /// Whether Ctrl-C was pressed since something was entered.
    pub fn interrupted(&self) -> bool {
        self.state().interrupted
    }

    /// Ctrl-C: interrupts the line. Where that does not end it soon, it is said why; then
    /// another Ctrl-C ends the worker.
    pub fn interrupt(&self) {
        let mut state = self.state();
        state.interrupted = true;
        state.echoed = true;
        let (running, silent, line, worker) = (state.running, state.silent, state.line, state.worker);
        drop(state);
        self.interrupter.interrupt();
        if running && silent {
            if let Ok(pid) = i32::try_from(worker) {
                // It may be gone already.
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
        } else if running {
            let watching = self.clone();
            // Without a thread nothing is said.
            let _ = std::thread::Builder::new().name("patience".into()).spawn(move || watching.watch(line));
        }
    }

    /// Ctrl-Z: sends the line's call to the background.
    pub fn send_away(&self) {
        self.state().echoed = true;
        self.interrupter.send_away();
    }

    /// Waits for the end of a line, and says so when it does not come.
    fn watch(&self, line: u64) {
        let state = self.state();
        let goes_on = |state: &mut State| state.running && state.line == line;
        let waited = self.state.1.wait_timeout_while(state, PATIENCE, goes_on);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if !waited.timed_out() || state.silent {
            return;
        }
        state.silent = true;
        let worker = state.worker;
        drop(state);
        let doing = match thread::look(worker, worker).map(|thread| thread.state) {
            Ok('T') => {
                format!("was stopped by a signal: `kill -CONT {worker}` elsewhere lets it go on")
            }
            Ok(state) => format!("is in state {state}"),
            Err(_) => "is gone".into(),
        };
        screen::print("\n");
        screen::show(&[
            format!("the worker, process {worker}, does not answer. It {doing}"),
            "Ctrl-C once more ends it, and its sockets with it".into(),
        ]);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
