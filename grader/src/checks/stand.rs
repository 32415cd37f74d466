//! What a check finds when it starts, and how it says what came of it.

use crate::isolation::Place;
use crate::model::Failure;
use crate::play;
use crate::scenario::{self, Step};
use netkit::address::Address;
use netkit::data::Stream;
use netkit::outcome::Outcome;
use netkit::session::Session;
use netkit::session::program::Program;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

/// Why a check does not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The submission did something else than it should.
    Failed {
        /// What was expected, a line each.
        expected: Vec<String>,
        /// What came, a line each.
        actual: Vec<String>,
    },
    /// The check itself could not do its part. It is no judgement on the submission.
    Trouble(String),
}

/// The surroundings of one check.
pub struct Stand {
    session: Session,
    place: Place,
    programs: BTreeMap<String, Vec<String>>,
    stream: Stream,
    steps: Vec<String>,
    about: Option<String>,
    tell: fn(Told),
}

/// What a check tells while it runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Told {
    /// What is done now.
    Step(String),
    /// What came of it.
    Note(String),
}

impl Stand {
    /// A stand in this place, with a session for its programs. `tell` hears of every step when
    /// it begins, and of what came of it.
    ///
    /// # Errors
    /// When the session does not start.
    pub fn new(stage: &play::Stage, place: Place, tell: fn(Told)) -> io::Result<Self> {
        Ok(Self {
            session: Session::start(play::options(stage, scenario::LIMIT, &place))?,
            place,
            programs: stage.programs.clone(),
            stream: Stream::new(stage.seed),
            steps: Vec::new(),
            about: None,
            tell,
        })
    }

    /// Says what is done now, in a sentence for the student. If the check stops, it was here.
    pub fn step(&mut self, words: impl Into<String>) {
        let line = Step::in_words(&words.into());
        self.steps.push(line.clone());
        (self.tell)(Told::Step(line));
    }

    /// Says what came of the step.
    pub fn note(&self, words: impl Into<String>) {
        (self.tell)(Told::Note(words.into()));
    }

    /// All steps so far.
    pub fn steps(&self) -> &[String] {
        &self.steps
    }

    /// Of several programs that run, the one that the next steps are about: if the check stops there,
    /// only this one and its sockets are shown.
    pub fn about(&mut self, program: &str) {
        self.about = Some(program.to_owned());
    }

    /// What can be seen at this moment.
    pub(crate) fn scene(&mut self) -> Failure {
        let about = self.about.clone();
        play::scene(&mut self.session, |program| about.as_ref().is_none_or(|about| about == program))
    }

    /// The folder in which the programs run. It is empty at first, and gone afterwards.
    pub fn home(&self) -> &Path {
        &self.place.home
    }

    /// `size` bytes that nobody can guess, the same ones for the same seed and offset.
    pub fn random(&self, offset: u64, size: usize) -> Vec<u8> {
        self.stream.bytes(offset, size)
    }

    /// The session, with all programs that were started.
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// Runs a line of the session language, which has to succeed.
    ///
    /// # Errors
    /// When the line fails, which is the submission's doing only where `expected` says what it
    /// should have done.
    pub fn line(&mut self, line: &str, expected: &str) -> Result<Outcome, Stop> {
        let outcome = self.session.run(line);
        play::own_fault(&self.session, &outcome).map_err(Stop::Trouble)?;
        match &outcome.failure {
            None => Ok(outcome),
            Some(failure) => Err(failed(expected, format!("`{line}`: {}", failure.message))),
        }
    }

    /// Starts a server under a name and waits until it listens; where it does.
    ///
    /// # Errors
    /// When it does not come to that.
    pub fn serve(&mut self, name: &str, command: &str) -> Result<SocketAddr, Stop> {
        self.line(&format!("{name} = start {command}"), "it starts")?;
        self.line(&format!("wait {name} LISTEN"), "it listens")?;
        match self.session.program_address(name) {
            Ok(Address::Inet(address)) => Ok(address),
            Ok(address) => Err(failed("it listens on an IP address", format!("it listens on {address}"))),
            Err(failure) => Err(failed("it listens on an IP address", failure.message)),
        }
    }

    /// The process number of a program that was started.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn pid(&self, name: &str) -> Result<u32, Stop> {
        let program = self.session.programs().find(name);
        program.map(Program::pid).ok_or_else(|| Stop::Trouble(format!("no program `{name}`")))
    }

    /// The words of the command behind one of the lab's programs.
    ///
    /// # Errors
    /// When the lab has no such program.
    pub fn words(&self, program: &str) -> Result<&[String], Stop> {
        let words = self.programs.get(program).map(Vec::as_slice);
        words.ok_or_else(|| Stop::Trouble(format!("the lab has no program `{program}`")))
    }

    /// One of the lab's programs as a command with the surroundings of all programs. It is for
    /// clients that come and go; [`crate::command::run`] runs it with a deadline.
    ///
    /// # Errors
    /// When the lab has no such program.
    pub fn command(&self, program: &str) -> Result<Command, Stop> {
        let (program, fixed) = match self.words(program)? {
            [program, fixed @ ..] => (program, fixed),
            [] => return Err(Stop::Trouble(format!("the program `{program}` has no command"))),
        };
        let mut command = self.place.command(program);
        command.args(fixed).env_clear().envs(play::environment(self.home())).current_dir(self.home());
        Ok(command)
    }
}

/// What the submission did, in place of what it should have done.
pub fn failed(expected: impl Into<String>, actual: impl Into<String>) -> Stop {
    Stop::Failed { expected: vec![expected.into()], actual: vec![actual.into()] }
}

/// An error that is the check's own, or the machine's: what was done when it came.
pub fn trouble<E: std::fmt::Display>(doing: &str) -> impl Fn(E) -> Stop {
    move |error| Stop::Trouble(format!("{doing}: {error}"))
}
