//! `grade --watch`: waiting until a file of the submission is saved.

use crate::grading::Request;
use crate::kit::trouble;
use crate::model::Problem;
use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent};
use std::collections::BTreeSet;
use std::path::Path;

/// What has been saved since.
#[derive(Debug)]
pub(super) struct Saved<'a> {
    inotify: Inotify,
    request: &'a Request,
}

impl<'a> Saved<'a> {
    /// Begins to watch.
    ///
    /// The folders are watched, not the files: many editors write a new file and rename it (inotify(7)).
    pub(super) fn watch(request: &'a Request) -> Result<Self, Problem> {
        let inotify =
            Inotify::init(InitFlags::IN_CLOEXEC).map_err(trouble("watching", &request.submission))?;
        let files = request.lab.editable.iter();
        let folders: BTreeSet<&Path> = files.filter_map(|file| file.parent()).collect();
        for folder in folders {
            let folder = request.submission.join(folder);
            let flags = AddWatchFlags::IN_CLOSE_WRITE | AddWatchFlags::IN_MOVED_TO;
            inotify.add_watch(&folder, flags).map_err(trouble("watching", &folder))?;
        }
        Ok(Self { inotify, request })
    }

    /// Waits until one of the files that count is saved.
    pub(super) fn wait(&self) -> Result<(), Problem> {
        let counts = |event: &InotifyEvent| {
            let names = self.request.lab.editable.iter().filter_map(|file| file.file_name());
            event.name.as_ref().is_some_and(|name| names.into_iter().any(|own| own == name))
        };
        loop {
            match self.inotify.read_events() {
                Ok(events) if events.iter().any(counts) => return Ok(()),
                Ok(_) | Err(Errno::EINTR) => {}
                Err(errno) => return Err(trouble("watching", &self.request.submission)(errno)),
            }
        }
    }
}
