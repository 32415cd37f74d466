//! What a program and its descendants may use. What the kernel limits for one process is set before
//! the program runs; what it does not limit for all of them together is looked at while they run.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::PathBuf;

/// Limits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of memory, of all processes together.
    pub memory: u64,
    /// Processes and threads together.
    pub tasks: u64,
    /// Bytes of one file.
    pub file: u64,
    /// Open files and sockets of one process.
    pub descriptors: u64,
    /// Seconds of processor time of one process.
    pub processor: u64,
    /// A folder, and how many bytes and how many files may be in it. Where there is a file system
    /// of limited size none is needed.
    pub folder: Option<(PathBuf, u64, usize)>,
}

impl Limits {
    /// The limits of a lab's program. The solutions need a hundredth of it.
    pub fn of_program() -> Self {
        Self {
            memory: 1 << 30,
            tasks: 1024,
            file: 512 << 20,
            descriptors: 1024,
            processor: 120,
            folder: None,
        }
    }

    /// The limits of a build: rustc needs some 300 MB, and the linker as much.
    pub fn of_build() -> Self {
        Self { memory: 6 << 30, tasks: 1024, file: 2 << 30, descriptors: 1024, processor: 600, folder: None }
    }

    /// In the new process: sets what the kernel limits. Address space is not among it (RLIMIT_AS):
    /// 32 threads that do nothing reserve more than 1 GiB of it, and use none.
    pub fn set(&self, tasks: bool) -> io::Result<()> {
        let limits = [
            (Resource::RLIMIT_DATA, self.memory),
            (Resource::RLIMIT_FSIZE, self.file),
            (Resource::RLIMIT_NOFILE, self.descriptors),
            (Resource::RLIMIT_CPU, self.processor),
            (Resource::RLIMIT_CORE, 0),
        ];
        // In a user namespace of its own only the program's are counted; elsewhere all of the user's.
        let tasks = tasks.then_some((Resource::RLIMIT_NPROC, self.tasks));
        for (resource, limit) in limits.into_iter().chain(tasks) {
            let (_, most) = getrlimit(resource)?;
            setrlimit(resource, limit.min(most), limit.min(most))?;
        }
        Ok(())
    }

    /// What these processes use too much of, in words.
    pub fn exceeded(&self, processes: &[u32]) -> Option<String> {
        let (mut memory, mut tasks) = (0, 0);
        for pid in processes {
            // One that has ended uses nothing.
            let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else { continue };
            let number = |field: &str| {
                let line = status.lines().find_map(|line| line.strip_prefix(field));
                line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0)
            };
            memory += (number("RssAnon:") + number("RssShmem:")) << 10;
            tasks += number("Threads:").max(1);
        }
        if tasks > self.tasks {
            return Some(format!("it had more than {} processes and threads at a time", self.tasks));
        }
        if memory > self.memory {
            return Some(format!("it used more than {} of memory", mib(self.memory)));
        }
        let (folder, bytes, files) = self.folder.as_ref()?;
        let used = Used::of(folder.clone(), *files);
        if used.bytes > *bytes {
            return Some(format!("it wrote more than {} to files", mib(*bytes)));
        }
        (used.files > *files).then(|| format!("it made more than {files} files"))
    }
}

fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

/// What is in a folder.
#[derive(Default)]
struct Used {
    bytes: u64,
    files: usize,
}

impl Used {
    /// Counts, no further than to this many files.
    fn of(folder: PathBuf, most: usize) -> Self {
        use std::os::unix::fs::MetadataExt;
        let mut used = Self::default();
        let mut folders = vec![folder];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                // Not followed if it is a link.
                let Ok(metadata) = entry.metadata() else { continue };
                used.bytes += metadata.blocks() * 512;
                used.files += 1;
                if metadata.is_dir() {
                    folders.push(entry.path());
                }
                if used.files > most {
                    return used;
                }
            }
        }
        used
    }
}
