//! Keeping programs apart from the machine, as far as it allows: which level there is is found by
//! trying it out.
//!
//! - [`namespaces`]: by bubblewrap, in namespaces of their own.
//! - [`landlock`]: by rules of the kernel, where there are no namespaces.
//! - [`confine`]: the launcher, which runs right in front of each program, with its [`limits`]
//!   and a filter of system calls (`seccomp`).
//! - [`clearing`]: ending all that is left.

pub mod clearing;
pub mod confine;
pub mod landlock;
pub mod limits;
pub mod namespaces;
mod seccomp;

use self::confine::Order;
use self::landlock::Rules;
use self::limits::Limits;
use crate::apart;
use crate::model::{Isolation, Level, Problem};
use netkit::session::launching::Launcher;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the programs of a scenario may write altogether: bytes, and files.
const STORAGE: u64 = 512 << 20;
const FILES: usize = 1 << 16;

/// What is asked of the isolation.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// This level and no other.
    pub level: Option<Level>,
    /// No lower level than this.
    pub at_least: Option<Level>,
    /// What programs may read besides the system's folders.
    pub readable: Vec<PathBuf>,
}

/// How programs are kept apart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Confinement {
    /// The level, and why there is no higher one.
    pub isolation: Isolation,
    /// Where bubblewrap is; it makes the namespaces.
    bubblewrap: PathBuf,
    /// What programs may read besides the system's folders: whole paths.
    readable: Vec<PathBuf>,
}

/// What is needed of the machine's files, and how much may be used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Needs {
    /// May be read, besides the system's folders: whole paths.
    pub readable: Vec<PathBuf>,
    /// May be written: folders, whole paths.
    pub writable: Vec<PathBuf>,
    /// What may be used.
    pub limits: Limits,
}

/// Where a scenario's programs run.
#[derive(Debug)]
pub struct Place {
    /// Their folder.
    pub home: PathBuf,
    /// The program that runs as the session's worker.
    pub worker: PathBuf,
    /// What starts each program.
    pub launcher: Option<Launcher>,
}

impl Place {
    /// A command that runs this program here.
    pub fn command(&self, program: &str) -> Command {
        match &self.launcher {
            None => Command::new(program),
            Some(launcher) => {
                let mut command = launcher.as_command();
                command.arg(program);
                command
            }
        }
    }
}

impl Confinement {
    /// Programs that nothing keeps from the machine.
    pub fn none() -> Self {
        let isolation = Isolation { level: Level::ProcessGroup, because: Vec::new() };
        Self { isolation, bubblewrap: PathBuf::new(), readable: Vec::new() }
    }

    /// What these programs of a lab need: they themselves, and what was said to be readable.
    pub fn needs_of(&self, programs: &[PathBuf]) -> Needs {
        let readable = [&self.readable, programs].concat();
        Needs { readable, writable: Vec::new(), limits: Limits::of_program() }
    }

    /// Goes where programs are to run: this process itself, which must have one thread only.
    ///
    /// # Errors
    /// What this machine does not allow.
    pub fn enter(&self, place: &Path, worker: &Path, needs: &Needs) -> io::Result<Place> {
        match self.isolation.level {
            Level::Namespaces => {
                let room = namespaces::enter(place, worker, needs)?;
                let launcher = namespaces::launcher(&self.bubblewrap, &room, needs.limits.clone())?;
                Ok(Place { home: room.home(), worker: room.worker(), launcher: Some(launcher) })
            }
            Level::Landlock => {
                let home = home(place)?;
                let writable = [&needs.writable[..], std::slice::from_ref(&home)].concat();
                let rules = Rules { readable: needs.readable.clone(), writable };
                let folder = Some((home.clone(), STORAGE, FILES));
                let limits = Limits { folder, ..needs.limits.clone() };
                let command = Order { limits, rules: Some(rules) }.command(worker.as_os_str())?;
                let launcher = Some(Launcher { command, user: None });
                Ok(Place { home, worker: worker.to_owned(), launcher })
            }
            Level::ProcessGroup => {
                Ok(Place { home: home(place)?, worker: worker.to_owned(), launcher: None })
            }
        }
    }
}

fn home(place: &Path) -> io::Result<PathBuf> {
    let home = place.join("home");
    std::fs::create_dir(&home)?;
    Ok(home)
}

/// The best level that this machine has, or the one that is asked for, tried out.
///
/// # Errors
/// When what is asked for cannot be had.
pub fn find(wanted: &Wanted, worker: &Path) -> Result<Confinement, Problem> {
    let readable = wanted.readable.iter().map(|path| {
        path.canonicalize().map_err(|error| Problem::Usage(format!("--readable {}: {error}", path.display())))
    });
    let readable: Vec<PathBuf> = readable.collect::<Result<_, _>>()?;
    let levels = [Level::Namespaces, Level::Landlock, Level::ProcessGroup];
    let mut because = Vec::new();
    for level in levels.into_iter().filter(|level| wanted.level.is_none_or(|wanted| wanted == *level)) {
        let isolation = Isolation { level, because: because.clone() };
        match try_out(isolation, &readable, worker) {
            Ok(found) if wanted.at_least.is_none_or(|least| level >= least) => return Ok(found),
            Ok(_) => break,
            Err(reason) => because.push(format!("{level}: {reason}")),
        }
    }
    let asked = wanted.at_least.or(wanted.level).map(|level| level.to_string()).unwrap_or_default();
    let because = because.join("; ");
    Err(Problem::Trouble(format!("this machine cannot isolate programs by {asked}: {because}")))
}

/// Tries whether programs can be kept apart like this; why they cannot.
fn try_out(isolation: Isolation, readable: &[PathBuf], worker: &Path) -> Result<Confinement, String> {
    let mut found = Confinement { isolation, readable: readable.to_vec(), ..Confinement::none() };
    match found.isolation.level {
        // There is nothing to try.
        Level::ProcessGroup => return Ok(found),
        Level::Landlock => {}
        Level::Namespaces => {
            found.bubblewrap = search("bwrap").ok_or("bubblewrap (`bwrap`) is not installed")?;
        }
    }
    apart::try_out(&found, worker).map(|()| found)
}

/// A program of the search path.
fn search(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
