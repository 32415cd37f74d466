//! Running one line: looks, the call that it describes, looks again.

use super::{JobNewsTime, Session};
use crate::explain;
use crate::kernel::sock_diag::Protocol;
use crate::language;
use crate::outcome::{Failure, Outcome};
use crate::verbs::{self, Group, Plan, Run};
use crate::worker::call::Call;

impl Session {
    /// Runs a line that could be read.
    pub(super) fn run_line(&mut self, line: &language::Line, outcome: &mut Outcome) -> Result<(), Failure> {
        let name = line.verb.bare().unwrap_or("\"...\"");
        let verb = verbs::find(name).ok_or_else(|| {
            explain::line::unknown_verb(self, line, &outcome.line).at(line.verb.span.clone())
        })?;
        // Help can be had even when the worker is gone, and one can still quit.
        let looks = !matches!(verb.group, Group::Session | Group::Learn);
        // The line is read with what the last look has shown, if only the kernel's own doings
        // can have changed anything since then: they change no name and no address. The worker
        // looks just before the call then.
        let with_the_call = looks && matches!(verb.run, Run::Call(_)) && !line.background && self.is_alone();
        if looks && !with_the_call {
            self.look(false)?;
            outcome.meanwhile = self.changes();
        }
        let arguments = verbs::read(self, verb, line);
        outcome.notes.append(&mut self.notes);
        let arguments = self.or_look(arguments, with_the_call, outcome)?;
        match verb.run {
            Run::Call(describe) => {
                let call = self.or_look(describe(&arguments), with_the_call, outcome)?;
                self.run_call(line, call, with_the_call, outcome)?;
            }
            Run::Planned(plan) => match plan(self, &arguments)? {
                Plan::Call(call) => self.run_call(line, call, false, outcome)?,
                Plan::Report(report) => outcome.report = Some(report),
            },
            Run::Session(_) if line.background => {
                return Err(Failure::new(format!(
                    "`{name}` is not a system call, and only those can go to the background with `&`"
                )));
            }
            Run::Session(run) | Run::Following(run) => outcome.report = Some(run(self, &arguments)?),
        }
        if looks { self.conclude(outcome) } else { Ok(()) }
    }

    /// What kind of socket a call is made on.
    fn protocol_of(&self, call: &Call) -> Option<Protocol> {
        let fd = call.descriptor()?;
        self.ends.iter().find(|end| end.has_fd(fd)).map(|end| end.protocol)
    }

    /// Whether nothing of this session runs beside its lines, no program, no relay and no
    /// call in flight, and nothing is to be compared with what was seen before.
    fn is_alone(&self) -> bool {
        self.programs.is_empty()
            && !self.carries()
            && self.calls.none_in_flight()
            && !self.predictions.waits_for_a_call()
    }

    /// Looks in place of the call that cannot be made.
    fn or_look<T>(
        &mut self,
        result: Result<T, Failure>,
        looks: bool,
        outcome: &mut Outcome,
    ) -> Result<T, Failure> {
        if looks && result.is_err() {
            self.look(false)?;
            outcome.meanwhile = self.changes();
        }
        result
    }

    fn run_call(
        &mut self,
        line: &language::Line,
        mut call: Call,
        look_first: bool,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        call.protocol = self.protocol_of(&call);
        self.prediction_begins();
        if line.background {
            self.start_job(line.name.clone(), call, outcome)
        } else {
            self.make_call(line.name.as_deref(), call, look_first, outcome)
        }
    }

    /// Looks once more, and adds to an outcome what has changed and what became of jobs.
    pub(super) fn conclude(&mut self, outcome: &mut Outcome) -> Result<(), Failure> {
        self.look_after()?;
        if self.options.job_news == JobNewsTime::AtOnce {
            let news = self.relay_news();
            outcome.notes.extend(news);
        }
        outcome.jobs.extend(self.finished_jobs());
        // A job that has returned has given its result a name.
        self.absorb();
        outcome.changes = self.changes();
        Ok(())
    }
}
