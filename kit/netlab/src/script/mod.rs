//! Script mode: lines from a file or a pipe, run one after another.
//!
//! - [`input`]: lines as they come, whatever bytes they are made of.
//! - [`transcript`]: what is written for each, as text or as JSON.
//!
//! The same script writes the same text on every run: kernel-chosen ports are shown by the
//! names of their sockets, and nothing that depends on the moment is shown at all.

mod input;
mod transcript;

use crate::{CANNOT_WORK, LINE_FAILED, Options, UNREADABLE, complain, signals, start};
use input::{Input, Line};
use netkit::outcome::Outcome;
use netkit::session::names::Naming;
use netkit::session::{self, Session};
use std::io::{self, ErrorKind};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::Duration;
use transcript::Transcript;

/// Why a script ended before its last line.
enum Stop {
    /// A line failed, or `quit` was typed, or nobody reads what is written.
    Done,
    /// A signal of this number came.
    Signal(i32),
    /// The transcript cannot be written.
    CannotWrite(io::Error),
}

/// A script that is being run.
struct Script {
    session: Session,
    transcript: Transcript,
    keep_going: bool,
    failed: bool,
    /// The signal that came, or 0.
    signal: Arc<AtomicI32>,
}

/// Runs a script to its end.
pub fn run(options: &Options) -> ExitCode {
    colored::control::set_override(false);
    let reader = match input::open(options.script.as_deref()) {
        Ok(reader) => reader,
        Err(message) => {
            complain(&message);
            return ExitCode::from(UNREADABLE);
        }
    };
    let limit = Some(Duration::from_secs(options.limit.into()));
    // Nobody is told while a call blocks: whether one is seen to, before it returns, depends on
    // the moment.
    let session = match start(options, Naming::Names, |setup| session::Options { limit, ..setup }) {
        Ok(session) => session,
        Err(code) => return code,
    };

    let (sender, inputs) = sync_channel(1);
    let signal = Arc::new(AtomicI32::new(0));
    let watched = {
        let (interrupter, signal, sender) = (session.interrupter(), Arc::clone(&signal), sender.clone());
        signals::watch(&[], move |number| {
            signal.store(number, Ordering::SeqCst);
            interrupter.interrupt();
            // A script that has ended needs no ending.
            let _ = sender.send(Input::Signal(number));
        })
    };
    if let Err(error) = watched.and_then(|()| input::read(reader, sender)) {
        complain(&format!("cannot read lines: {error}"));
        return ExitCode::from(CANNOT_WORK);
    }

    let transcript = Transcript::new(options.json);
    let mut script = Script { session, transcript, keep_going: options.keep_going, failed: false, signal };
    let mut number = 0;
    loop {
        let input = inputs.recv().unwrap_or(Input::End);
        let stopped = match input {
            Input::Line(line) => {
                number += 1;
                script.line(number, line)
            }
            Input::End => Err(Stop::Done),
            Input::Unreadable(error) => {
                complain(&format!("cannot read on after line {number}: {error}"));
                return ExitCode::from(UNREADABLE);
            }
            Input::Signal(number) => Err(Stop::Signal(number)),
        };
        match stopped {
            Ok(()) => {}
            Err(Stop::Done) if script.failed => return ExitCode::from(LINE_FAILED),
            Err(Stop::Done) => return ExitCode::SUCCESS,
            Err(Stop::Signal(number)) => return ExitCode::from(signals::exit_code(number)),
            Err(Stop::CannotWrite(error)) => {
                complain(&format!("cannot write the transcript: {error}"));
                return ExitCode::from(CANNOT_WORK);
            }
        }
    }
}

impl Script {
    /// Runs a line of the script, and the lines of a file that it sources.
    fn line(&mut self, number: u32, line: Line) -> Result<(), Stop> {
        let outcome = match line {
            Line::Text(text) => self.session.run(&text),
            Line::NotText(outcome) => *outcome,
        };
        self.tell(number, &outcome)?;
        while let Some(line) = self.session.next_pending() {
            let outcome = self.session.run(&line);
            self.tell(number, &outcome)?;
        }
        Ok(())
    }

    /// Writes what came of a line, and decides whether to go on.
    fn tell(&mut self, number: u32, outcome: &Outcome) -> Result<(), Stop> {
        let depth = self.session.depth();
        match self.transcript.write(number, depth, outcome, self.session.names()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Err(Stop::Done),
            Err(error) => return Err(Stop::CannotWrite(error)),
            Ok(()) => {}
        }
        match self.signal.load(Ordering::SeqCst) {
            0 => {}
            number => return Err(Stop::Signal(number)),
        }
        if !outcome.ok() {
            self.failed = true;
            let place = self.session.place().map(|place| format!(", at {place}")).unwrap_or_default();
            complain(&format!("line {number} failed{place}: {}", outcome.line.trim()));
            if !self.keep_going {
                return Err(Stop::Done);
            }
        }
        if self.session.has_quit() { Err(Stop::Done) } else { Ok(()) }
    }
}
