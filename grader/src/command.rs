//! Running a command with a deadline, and keeping only so much of what it writes.

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// The most bytes that are kept of one output.
const MOST: u64 = 16 << 20;

/// What became of a command.
#[derive(Debug)]
pub struct Finished {
    /// How it ended; `None` if it was ended at its deadline.
    pub status: Option<ExitStatus>,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
}

/// Runs a command in a process group of its own, to its end or the deadline.
///
/// # Errors
/// When it cannot be started or waited for.
pub fn run(command: Command, deadline: Duration) -> io::Result<Finished> {
    run_with(command, b"", deadline)
}

/// The same, with something on its standard input: no more than a pipe can hold.
///
/// # Errors
/// As [`run`].
pub fn run_with(mut command: Command, input: &[u8], deadline: Duration) -> io::Result<Finished> {
    let mut child = command
        .stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()?;
    let group = i32::try_from(child.id()).map_err(io::Error::other)?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that has ended already needs none.
        let _ = stdin.write_all(input);
    }
    let stdout = child.stdout.take().map(collect);
    let stderr = child.stderr.take().map(collect);
    let (sender, ended) = channel();
    let waiter = std::thread::spawn(move || {
        // Nobody listens only after the deadline, when the answer is known.
        let _ = sender.send(child.wait());
    });
    let status = match ended.recv_timeout(deadline) {
        Ok(status) => Some(status?),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
    };
    // What the command left running in its group ends here, and with it its hold on the pipes.
    // When nobody is left this fails, as it should.
    let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    let join = |thread: Option<JoinHandle<Vec<u8>>>| {
        thread.and_then(|thread| thread.join().ok()).unwrap_or_default()
    };
    let finished = Finished { status, stdout: join(stdout), stderr: join(stderr) };
    // It has been killed, if it had not ended: this does not wait.
    let _ = waiter.join();
    Ok(finished)
}

/// Reads to the end, on a thread of its own; keeps the first part.
pub(crate) fn collect(mut from: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // A pipe that breaks has ended; what came is kept.
        let _ = from.by_ref().take(MOST).read_to_end(&mut bytes);
        let _ = io::copy(&mut from, &mut io::sink());
        bytes
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_a_command_writes_is_kept() {
        let finished = run(shell("echo out; echo err >&2; exit 3"), Duration::from_secs(60)).unwrap();
        assert_eq!(finished.status.and_then(|status| status.code()), Some(3));
        assert_eq!((finished.stdout.as_slice(), finished.stderr.as_slice()), (&b"out\n"[..], &b"err\n"[..]));
    }

    #[test]
    fn at_the_deadline_all_of_it_ends() {
        let start = Instant::now();
        let finished = run(shell("echo here; sleep 600 & sleep 600"), Duration::from_millis(100)).unwrap();
        assert_eq!(finished.status, None);
        assert!(start.elapsed() < Duration::from_secs(60));
    }
}
