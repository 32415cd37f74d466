//! Programs beside the session: started, fed, listened to, stopped.
//!
//! A program runs in a process group of its own, so that all of it can be ended at once
//! and a Ctrl-C at the terminal does not reach it. What it writes is collected by two
//! threads, up to a limit; its end is seen by a third.

use super::Session;
use super::before_exec;
use super::ends::Owner;
use super::launching::{self, Ending, Launcher};
use super::output::Output;
use super::program;
use super::program::Program;
use super::waiting::{News, Stop};
use crate::address::Address;
use crate::kernel::sock_diag::Protocol;
use crate::outcome::Failure;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The variable that marks a program's processes in their environment.
const MARK: &str = "NETLAB_PROGRAM";

/// How many programs this process has started, in all of its sessions: no two have the same mark.
static STARTED: AtomicU64 = AtomicU64::new(0);

/// What a program finds around it when it starts. The default is what the session has.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Its whole environment, if it is not to inherit the session's.
    pub environment: Option<Vec<(OsString, OsString)>>,
    /// Its working directory.
    pub directory: Option<PathBuf>,
    /// Whether it is to have no capability (capabilities(7)) even if the session is root's: what
    /// is refused to a user is refused to it, a port below 1024 or another user's file.
    pub unprivileged: bool,
    /// How many bytes of memory each of its processes may have for its data (RLIMIT_DATA of
    /// getrlimit(2)), if that is less than what the session may have.
    pub data_limit: Option<u64>,
    /// What starts it in place of the session.
    pub launcher: Option<Launcher>,
}

/// The programs of a session, by name.
#[derive(Debug)]
pub struct Programs {
    programs: BTreeMap<String, Program>,
    surroundings: Surroundings,
    sender: Sender<News>,
}

impl Programs {
    pub(super) fn new(sender: Sender<News>, surroundings: Surroundings) -> Self {
        Self { programs: BTreeMap::new(), surroundings, sender }
    }

    /// Starts a program under a name. One that had the name before is stopped.
    ///
    /// # Errors
    /// When it cannot be started, in the system's words.
    pub fn start(&mut self, name: &str, program: &OsStr, arguments: &[Vec<u8>]) -> io::Result<u32> {
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let mark = format!("{}{number}", marks_of(std::process::id()));
        let launcher = self.surroundings.launcher.as_ref();
        let mut command = launcher.map_or_else(|| Command::new(program), Launcher::as_command);
        command.args(launcher.map(|_| program));
        let mut line = launcher.map(|_| launching::Line::new()).transpose()?;
        let tells = line.as_ref().and_then(launching::Line::theirs);
        if let Some(environment) = &self.surroundings.environment {
            command.env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
        }
        if let Some(directory) = &self.surroundings.directory {
            command.current_dir(directory);
        }
        let (unprivileged, data_limit) = (self.surroundings.unprivileged, self.surroundings.data_limit);
        // SAFETY: between fork and exec only system calls are made, which take no lock and no
        // memory.
        unsafe {
            command.pre_exec(move || {
                before_exec::prepare(unprivileged, data_limit)?;
                tells.map_or(Ok(()), launching::inherit)
            });
        }
        if let Some(tells) = tells {
            command.env(launching::TELLS, tells.to_string());
        }
        let mut child = command
            .args(arguments.iter().map(|argument| OsStr::from_bytes(argument)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .env(MARK, &mark)
            .process_group(0)
            .spawn()?;
        let leader = child.id();
        let (pid, inside) = line.as_mut().map_or(Ok((leader, leader)), |line| line.program(&mut child))?;
        let program = Program {
            pid,
            inside,
            leader,
            input: child.stdin.take().map(program::feed).transpose()?,
            mark,
            stdout: Arc::default(),
            stderr: Arc::default(),
            ending: Arc::default(),
            address: None,
            marked: None,
        };
        if let Some(stdout) = child.stdout.take() {
            self.collect(stdout, &program.stdout)?;
        }
        if let Some(stderr) = child.stderr.take() {
            self.collect(stderr, &program.stderr)?;
        }
        let (ending, sender) = (Arc::clone(&program.ending), self.sender.clone());
        std::thread::Builder::new().name("program-end".into()).spawn(move || {
            let status = child.wait().unwrap_or_default();
            let own = Ending { status, stopped: None };
            *lock(&ending) = Some(line.map_or(own, |line| line.ending(status)));
            let _ = sender.send(News::Program);
        })?;
        self.programs.insert(name.to_owned(), program);
        Ok(pid)
    }

    /// Reads an output to its end, on a thread of its own.
    fn collect(&self, mut from: impl Read + Send + 'static, into: &Arc<Mutex<Output>>) -> io::Result<()> {
        let (into, sender) = (Arc::clone(into), self.sender.clone());
        std::thread::Builder::new().name("program-output".into()).spawn(move || {
            let mut buffer = vec![0; 64 << 10];
            loop {
                let count = match from.read(&mut buffer) {
                    Ok(count) => count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(_) => 0,
                };
                lock(&into).add(&buffer[..count]);
                // A session that has ended needs no news.
                let _ = sender.send(News::Program);
                if count == 0 {
                    return;
                }
            }
        })?;
        Ok(())
    }

    /// The program of this name.
    pub fn find(&self, name: &str) -> Option<&Program> {
        self.programs.get(name)
    }

    /// The names of all programs, running or not.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.programs.keys().map(String::as_str)
    }

    /// Whether any of them is still running.
    pub(super) fn any_runs(&self) -> bool {
        self.programs.values().any(|program| program.ending().is_none())
    }

    /// Whether there never was one.
    pub(super) fn is_empty(&self) -> bool {
        self.programs.is_empty()
    }

    /// The sockets of all programs and their descendants: inode and program.
    pub(super) fn sockets(&self) -> BTreeMap<u64, String> {
        let mut sockets = BTreeMap::new();
        for (name, program) in self.programs.iter().filter(|(_, program)| program.ending().is_none()) {
            sockets.extend(program.sockets().into_iter().map(|inode| (inode, name.clone())));
        }
        sockets
    }
}

impl Session {
    /// Starts a program: one that this session has a command for, or one of the search path.
    pub(crate) fn start_program(
        &mut self,
        name: &str,
        program: &str,
        arguments: &[Vec<u8>],
    ) -> io::Result<u32> {
        match self.options.programs.get(program).map(Vec::as_slice) {
            Some([command, fixed @ ..]) => {
                let mut all: Vec<Vec<u8>> = fixed.iter().map(|word| word.clone().into_bytes()).collect();
                all.extend_from_slice(arguments);
                self.programs.start(name, OsStr::new(command), &all)
            }
            _ => self.programs.start(name, OsStr::new(program), arguments),
        }
    }

    /// Limits the memory for data of the programs that are started from now on.
    pub(crate) fn limit_data(&mut self, bytes: Option<u64>) {
        self.programs.surroundings.data_limit = bytes;
    }

    /// The program of this name.
    pub(crate) fn program(&self, name: &str) -> Result<&Program, Failure> {
        self.programs.find(name).ok_or_else(|| no_such_program(name))
    }

    pub(crate) fn program_mut(&mut self, name: &str) -> Result<&mut Program, Failure> {
        self.programs.programs.get_mut(name).ok_or_else(|| no_such_program(name))
    }

    /// Waits until a program has ended; how it did, in words.
    pub(crate) fn wait_for_ending(&mut self, name: &str, deadline: Option<Instant>) -> Result<String, Stop> {
        self.wait_until(deadline, |session| session.programs.find(name)?.ending_in_words())
    }

    /// The address that a program serves at: its listening socket's, or its UDP
    /// socket's, or that of one that is bound and no more. For one that has ended, where it was reached before: another may be
    /// started there.
    ///
    /// # Errors
    /// When it has no such socket, or there is no such program.
    pub fn program_address(&mut self, name: &str) -> Result<Address, Failure> {
        let own =
            self.ends.iter().filter(|end| matches!(&end.owner, Owner::Program(program) if program == name));
        let serving = own.filter(|end| {
            end.accept_queue.is_some() || (end.protocol == Protocol::Udp && end.remote.is_none())
        });
        let bound = self.ends.iter().filter(|end| {
            matches!(&end.owner, Owner::Program(program) if program == name) && end.remote.is_none()
        });
        let address = serving.chain(bound).filter_map(|end| end.local.clone()).next();
        let program = self.program_mut(name)?;
        let ended = program.ending().is_some();
        program.address = address.or(program.address.take().filter(|_| ended));
        program.address.clone().ok_or_else(|| {
            Failure::new(format!("{name} has no socket that can be reached"))
                .next(format!("`wait {name} LISTEN` waits until it listens"))
        })
    }
}

fn no_such_program(name: &str) -> Failure {
    Failure::new(format!("no program is called `{name}`"))
        .next(format!("`{name} = start COMMAND` starts one"))
}

/// With what the marks begin of all programs that a process has started.
fn marks_of(pid: u32) -> String {
    format!("{pid}-")
}

/// Ends what is left of the programs that a process had started, which has ended itself and
/// could clear up nothing.
pub fn end_all_of(pid: u32) {
    end_all(|mark| mark.starts_with(marks_of(pid).as_bytes()));
}

/// Ends the processes with such a mark in their environment, as far as they may be looked into.
pub(super) fn end_all(is_meant: impl Fn(&[u8]) -> bool) {
    let variable = format!("{MARK}=").into_bytes();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    for pid in processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok()) {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let mut entries = environment.split(|byte| *byte == 0);
        if entries.any(|entry| entry.strip_prefix(variable.as_slice()).is_some_and(&is_meant)) {
            // A process that has just ended is what is wanted.
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
