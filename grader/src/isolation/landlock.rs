//! The level `landlock`: what a program may read and write, and whom it may send signals to, is
//! limited by the kernel (landlock(7)), for it and all that it starts. Other programs' ports and the
//! network stay within its reach: landlock knows ports, but no addresses.

use super::namespaces::{ETC, SYSTEM};
use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, Scope,
};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// What a program may touch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rules {
    /// Besides the system's folders.
    pub readable: Vec<PathBuf>,
    /// With all that is in it.
    pub writable: Vec<PathBuf>,
}

/// What every program may write to.
const DEVICES: &[&str] = &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

/// What programs read of /proc without asking about a process.
const PROC: &[&str] = &["/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys", "/proc/filesystems"];

/// The oldest landlock that counts: from here on files cannot be truncated either.
const OLDEST: ABI = ABI::V3;

/// The newest that is asked for: it keeps signals and abstract UNIX sockets in.
const NEWEST: ABI = ABI::V6;

/// The rules, ready to be put in force.
///
/// # Errors
/// When the kernel has no landlock, or too old a one.
pub fn rules(rules: &Rules) -> io::Result<RulesetCreated> {
    let read = AccessFs::from_read(NEWEST);
    let file = AccessFs::from_file(NEWEST);
    let system = SYSTEM.iter().chain(ETC).chain(PROC).map(PathBuf::from);
    let made = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(OLDEST))
        .and_then(|ruleset| {
            ruleset
                .set_compatibility(CompatLevel::BestEffort)
                .handle_access(AccessFs::from_all(NEWEST))?
                .scope(Scope::from_all(NEWEST))?
                .create()
        });
    let mut made = made.map_err(io::Error::other)?;
    let mut allow = |path: &Path, access| -> io::Result<()> {
        // What is not there cannot be touched.
        let Ok(fd) = PathFd::new(path) else { return Ok(()) };
        let access = if path.is_dir() { access } else { access & file };
        (&mut made).add_rule(PathBeneath::new(fd, access)).map_err(io::Error::other)?;
        Ok(())
    };
    for path in system.chain(rules.readable.iter().cloned()) {
        allow(&path, read)?;
    }
    for path in DEVICES.iter().map(Path::new) {
        allow(path, AccessFs::ReadFile | AccessFs::WriteFile)?;
    }
    for path in &rules.writable {
        allow(path, AccessFs::from_all(NEWEST) & !AccessFs::MakeBlock & !AccessFs::MakeChar)?;
    }
    Ok(made)
}
