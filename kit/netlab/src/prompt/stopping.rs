//! Ctrl-Z at the prompt: the program stops as any other does, and the shell that started it
//! can bring it back. While a line runs the same key is for its call, not for the program.

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, kill, sigaction};
use nix::unistd::Pid;

/// What SIGTSTP does, by turns.
pub struct Stopping {
    /// What it does to the program when nobody listens: it stops, unless whoever started the
    /// program does not want that.
    by_default: SigAction,
    /// What hears of it while a line runs.
    heard: Option<SigAction>,
}

impl Stopping {
    /// To be called before the signal is listened to. A program may be started with the
    /// signal ignored, where there is no shell that could bring it back.
    pub fn new() -> Self {
        let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
        let before = set(&default).unwrap_or(default);
        // What was there is there again.
        set(&before);
        Self { by_default: before, heard: None }
    }

    /// A line is read: the program may be stopped.
    pub fn allow(&mut self) {
        self.heard = set(&self.by_default);
    }

    /// A line is run: the signal is listened to.
    pub fn listen(&mut self) {
        if let Some(heard) = self.heard.take() {
            set(&heard);
        }
    }

    /// Stops the program, and returns when it was told to go on. A shell waits for all
    /// processes that it started together, so all of them stop. Where there is no shell that
    /// could bring them back, the kernel does not let them stop (setpgid(2), orphaned groups).
    pub fn stop() {
        // There is always a process in one's own group: oneself.
        let _ = kill(Pid::from_raw(0), Signal::SIGTSTP);
    }
}

/// Sets what SIGTSTP does; what it did before.
fn set(action: &SigAction) -> Option<SigAction> {
    // SAFETY: the action is the default, or one that was in force before in this process, so
    // that its handler is fit to be one.
    unsafe { sigaction(Signal::SIGTSTP, action) }.ok()
}
