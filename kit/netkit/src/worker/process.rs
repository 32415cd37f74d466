//! The session's side of a worker: starting it, asking it, hearing from it.

use super::call::Call;
use super::protocol::{self, CallId, Event, Request, Watch};
use super::serve::ARGUMENT;
use std::io::{self, BufReader};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

/// A running worker. Dropping it ends the process and closes all of its sockets.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    stream: UnixStream,
    calls: CallId,
}

impl Worker {
    /// Starts a worker. What it tells is handed to `hear`, on a thread of its own, in
    /// the order in which it happened; the last is always [`Event::Gone`].
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(program: &Path, hear: impl Fn(Event) + Send + 'static) -> io::Result<Self> {
        let (stream, theirs) = UnixStream::pair()?;
        let child = Command::new(program)
            .arg(ARGUMENT)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A Ctrl-C at the terminal is the prompt's, not the worker's.
            .process_group(0)
            .spawn()?;
        let mut events = BufReader::new(stream.try_clone()?);
        std::thread::Builder::new().name("worker-events".into()).spawn(move || {
            let reason = loop {
                match protocol::read(&mut events) {
                    Ok(Some(event)) => hear(event),
                    Ok(None) => break "it closed its connection".to_owned(),
                    Err(error) => break error.to_string(),
                }
            };
            hear(Event::Gone(reason));
        })?;
        Ok(Self { child, stream, calls: 0 })
    }

    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Starts a call; its end comes as an event with the number returned here. If it
    /// returns at once, it is looked after that; and before it, if that is asked for.
    ///
    /// # Errors
    /// When the worker is gone.
    pub fn make(&mut self, call: Call, look_first: bool, then_look: Option<Watch>) -> io::Result<CallId> {
        self.calls += 1;
        self.ask(&Request::Make { id: self.calls, call, look_first, then_look })?;
        Ok(self.calls)
    }

    /// Asks something.
    ///
    /// # Errors
    /// When the worker is gone.
    pub fn ask(&mut self, request: &Request) -> io::Result<()> {
        protocol::write(&mut self.stream, request)
    }

    /// How the process ended, once it has: "killed by signal 9", "exit code 101".
    pub fn ending(&mut self) -> Option<String> {
        self.child.wait().ok().map(describe)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Both may fail only because the worker has already ended.
        let _ = self.stream.shutdown(Shutdown::Both);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => "ended".into(),
    }
}
