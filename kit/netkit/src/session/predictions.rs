//! Predictions in a session: what is expected of the next call, and how many were right.

use super::Session;
use super::ends::{End, inferred};
use crate::kernel::state::TcpState;
use crate::language;
use crate::outcome::{JobState, Outcome, Report};
use crate::predict::{Expectation, Happened, Tally, Wrong, judge, rules};
use crate::verbs::{self, Kind, Run, Verb};
use crate::worker::call::{Call, Done};
use serde_json::json;

/// The predictions of a session.
#[derive(Debug, Default)]
pub(super) struct Predictions {
    /// Whether the prompt asks.
    on: bool,
    /// What is expected of the next call.
    next: Option<Expectation>,
    /// What is expected of the call of the line that runs, and the sockets before it.
    now: Option<(Expectation, Vec<End>)>,
    tally: Tally,
}

/// What the prompt asks before a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The call, by its name in C.
    pub function: String,
    /// The socket whose state is asked for, if the call may change it.
    pub socket: Option<String>,
}

/// The verb of a line that is a call.
fn verb_of_call(line: &language::Line) -> Option<&'static Verb> {
    let verb = verbs::find(line.verb.bare()?)?;
    matches!(verb.run, Run::Call(_)).then_some(verb)
}

impl Predictions {
    /// Whether something is expected of the next call.
    pub(super) fn waits_for_a_call(&self) -> bool {
        self.next.is_some()
    }
}

impl Session {
    /// Has the prompt ask, or not any more.
    pub(crate) fn predict(&mut self, on: bool) -> Report {
        self.predictions.on = on;
        if !on {
            self.predictions.next = None;
        }
        let said = if on {
            "Before each call you are asked what it will do: `ok`, a number, an error, or `blocks`; and the state after it. \
             Enter skips. In a script, `expect ok ESTABLISHED` says it."
        } else {
            "You are not asked any more."
        };
        Report::of_lines(vec![said.into()])
    }

    /// How the predictions have been.
    pub(crate) fn tally(&self) -> Report {
        let Predictions { on, tally, .. } = &self.predictions;
        let mut lines = Vec::new();
        if tally.count() == 0 {
            lines.push("Nothing has been predicted yet.".to_owned());
        } else {
            lines.push(tally.said());
        }
        if !tally.wrong.is_empty() {
            lines.push("you were wrong about:".into());
            lines.extend(tally.wrong.iter().map(|wrong| format!("  {}: {}", wrong.line, wrong.difference)));
        }
        let other = if *on { "off" } else { "on" };
        let what = if *on { "stops the questions" } else { "has you asked before each call" };
        lines.push(format!("`predict {other}` {what}."));
        let wrong =
            tally.wrong.iter().map(|wrong| json!({ "line": wrong.line, "difference": wrong.difference }));
        let facts = json!({ "on": on, "right": tally.right, "of": tally.count(), "wrong": wrong.collect::<Vec<_>>() });
        Report { lines, facts }
    }

    /// Notes what is expected of the next call.
    pub(crate) fn expect(&mut self, expectation: Expectation) {
        self.predictions.next = Some(expectation);
    }

    /// What is to be asked before a line is run: nothing, unless it is a call, and the
    /// prompt is to ask, and nothing is expected yet.
    pub fn question(&self, text: &str) -> Option<Question> {
        if !self.predictions.on || self.predictions.next.is_some() {
            return None;
        }
        let line = language::parse(text).ok()??;
        let verb = verb_of_call(&line)?;
        // `send-all` is a loop of send.
        let function = verb.name.split('-').next().unwrap_or(verb.name).to_owned();
        let first = verb
            .arguments
            .first()
            .filter(|argument| matches!(argument.kind, Kind::Socket | Kind::SocketThat(_)));
        let given = first.and_then(|_| line.arguments.first()?.bare());
        let opens = matches!(function.as_str(), "socket" | "accept" | "dup");
        let socket = match (&line.name, given) {
            (Some(name), _) => Some(name.clone()),
            (None, _) if opens => Some("the new socket".into()),
            (None, given) => given.map(str::to_owned),
        };
        let socket = socket.filter(|_| rules::rule(&function).moves);
        Some(Question { function, socket })
    }

    /// A call begins: what was expected is expected of this one.
    pub(super) fn prediction_begins(&mut self) {
        if let Some(expectation) = self.predictions.next.take() {
            self.predictions.now = Some((expectation, self.ends.clone()));
        }
    }

    /// Compares what was expected of the line's call with what happened.
    pub(super) fn compare(&mut self, outcome: &mut Outcome) {
        let Some((expectation, before)) = self.predictions.now.take() else {
            // It was said of a call that could not be made, and is not meant for the next one.
            let line = language::parse(&outcome.line).ok().flatten();
            if outcome.failure.is_some() && line.as_ref().and_then(verb_of_call).is_some() {
                self.predictions.next = None;
            }
            return;
        };
        let job = outcome.jobs.iter().find(|job| job.number == self.calls.last_job());
        let (call, done, blocked) = match (&outcome.made, job.map(|job| &job.what)) {
            (Some(made), _) => (&made.call, Some(&made.done), outcome.blocked.is_some()),
            (None, Some(JobState::Returned(made, _) | JobState::Cancelled(made))) => {
                (&made.call, Some(&made.done), false)
            }
            (None, Some(JobState::Blocked(blocked))) => (&blocked.call, None, true),
            (None, Some(JobState::SentAway(call))) if outcome.blocked.is_some() => (call, None, true),
            // It was not made, or nothing is known of it yet: there is nothing to compare.
            (None, Some(JobState::Running(_) | JobState::SentAway(_)) | None) => return,
        };
        let socket = self.concerned(call, done, &before);
        let passed = self.passed(&before, socket.as_ref().and_then(|(_, end)| *end));
        let happened =
            Happened { function: &call.function, until: &call.until, done, blocked, socket, passed };
        let verdict = judge(&expectation, &happened);
        if verdict.right {
            self.predictions.tally.right += 1;
        } else {
            let differences = verdict.lines.iter().filter(|line| !line.starts_with(' '));
            let difference = differences.cloned().collect::<Vec<_>>().join("; ");
            self.predictions.tally.wrong.push(Wrong { line: outcome.shown_line(), difference });
        }
        outcome.prediction = Some((verdict, self.predictions.tally.said()));
    }

    /// The states that a socket passed through since before.
    fn passed(&self, before: &[End], now: Option<&End>) -> Vec<TcpState> {
        let Some(now) = now else { return Vec::new() };
        let was = before.iter().find(|end| end.cookie == now.cookie);
        let other = self.ends.iter().find(|end| end.faces(now));
        inferred(was.and_then(End::tcp), now.tcp(), other.and_then(End::tcp))
    }

    /// The socket that a call is about, and what has become of it: the new one, if it made
    /// one. A call that was to make one, and has not, is about none.
    fn concerned(&self, call: &Call, done: Option<&Done>, before: &[End]) -> Option<(String, Option<&End>)> {
        let after = |fd: i32| self.ends.iter().find(|end| end.fd == Some(fd));
        if call.opens {
            let last = &done?.last;
            let end = after(i32::try_from(last.value).ok()?);
            return if last.ok() { Some((end?.label(), end)) } else { None };
        }
        let was = before.iter().find(|end| end.fd == call.descriptor())?;
        let is = after(was.fd?).filter(|end| end.cookie == was.cookie);
        let left = self.ends.iter().find(|end| end.cookie == was.cookie);
        Some((was.label(), is.or(left)))
    }
}

impl Question {
    /// As it is asked, in one short line.
    pub fn text(&self) -> String {
        match &self.socket {
            Some(socket) => {
                format!("{}: ok, number, ERROR or blocks; then the state of {socket}? ", self.function)
            }
            None => format!("{}: ok, number, ERROR or blocks? ", self.function),
        }
    }

    /// The line that an answer stands for; `None` when the question was skipped.
    pub fn line(&self, answer: &str) -> Option<String> {
        let words: Vec<&str> = answer.split([' ', ',']).filter(|word| !word.is_empty()).collect();
        // What is no word of the language must not end the line as a comment does.
        if words.is_empty() { None } else { Some(format!("expect {}", words.join(" ").replace('#', "?"))) }
    }
}
