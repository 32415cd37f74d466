//! A word before the session ends: what ends with it.

use netkit::session::Session;

/// What the end of a session brings about.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Leaving {
    /// The sockets that are closed.
    pub sockets: Vec<String>,
    /// The jobs that are cut short.
    pub jobs: Vec<String>,
    /// The programs that are ended.
    pub programs: Vec<String>,
}

impl Leaving {
    /// What the end of a session would bring about now.
    pub fn of(session: &Session) -> Self {
        if session.worker_gone().is_some() {
            // The sockets went with it, as was said then.
            return Self::default();
        }
        let label = |(fd, name): (i32, Option<&String>)| match name {
            Some(name) => format!("{name} ({fd})"),
            None => fd.to_string(),
        };
        let names = session.socket_names();
        let own = session.ends().iter().filter_map(|end| end.fd);
        let running =
            |name: &&str| session.programs().find(name).is_some_and(|program| program.ending().is_none());
        Self {
            sockets: own.map(|fd| label((fd, names.get(&fd)))).collect(),
            jobs: session.jobs().map(|(number, job)| format!("{number} ({})", job.line)).collect(),
            programs: session.programs().names().filter(running).map(str::to_owned).collect(),
        }
    }

    /// A warning for who may have forgotten that something is still going on, as shells give
    /// one: jobs and programs do things by themselves, sockets do not.
    pub fn warning(&self) -> Option<String> {
        let going_on: Vec<String> = [("job", &self.jobs), ("program", &self.programs)]
            .into_iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(what, list)| format!("{what} {}", list.join(", ")))
            .collect();
        if going_on.is_empty() {
            return None;
        }
        Some(format!(
            "still going on: {}. `quit` or Ctrl-D once more ends the session all the same",
            going_on.join("; ")
        ))
    }

    /// What has ended, in one line; `None` when there is nothing.
    pub fn farewell(&self) -> Option<String> {
        let parts: Vec<String> =
            [("closed", &self.sockets), ("cut short: job", &self.jobs), ("ended", &self.programs)]
                .into_iter()
                .filter(|(_, list)| !list.is_empty())
                .map(|(what, list)| format!("{what} {}", list.join(", ")))
                .collect();
        if parts.is_empty() { None } else { Some(parts.join("; ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::Leaving;

    #[test]
    fn what_goes_on_is_warned_of_and_what_ends_is_said() {
        let list = |text: &str| text.split_terminator(',').map(str::to_owned).collect::<Vec<_>>();
        for (sockets, jobs, programs, warns, farewell) in [
            ("", "", "", false, None),
            ("srv (3),4", "", "", false, Some("closed srv (3), 4")),
            (
                "srv (3)",
                "1 (accept srv &)",
                "",
                true,
                Some("closed srv (3); cut short: job 1 (accept srv &)"),
            ),
            ("", "", "server", true, Some("ended server")),
        ] {
            let leaving = Leaving { sockets: list(sockets), jobs: list(jobs), programs: list(programs) };
            assert_eq!(leaving.warning().is_some(), warns, "{leaving:?}");
            assert_eq!(leaving.farewell().as_deref(), farewell);
        }
    }
}
