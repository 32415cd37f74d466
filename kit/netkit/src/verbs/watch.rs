//! `watch`: follows a socket, and tells each change when it is seen.

use super::show::overview;
use super::{Arguments, Group, Kind, Run, Verb, optional};
use crate::explain::phrases;
use crate::outcome::{Failure, Report};
use crate::render::changes::rows;
use crate::render::table::table;
use crate::render::{Detail, json};
use crate::session::ends::{self, Change, End};
use crate::session::{Session, Stop};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The row of `watch`.
pub(super) static VERB: Verb = Verb {
    name: "watch",
    group: Group::Look,
    arguments: &[optional("S", Kind::End), optional("LIMIT", Kind::Duration)],
    summary: "Follows a socket, and tells each change as soon as it is seen.",
    details: "State, queues and timer of the socket, of the other end of its connection, and of what waits in its \
              accept queue. It ends when the kernel keeps nothing of the socket any more, after LIMIT, or with \
              Ctrl-C. The kernel does not announce such changes: watch looks again every few milliseconds, and \
              what comes and goes between two looks is not seen. Something must happen meanwhile: in another \
              window, in a program of the session, or in a job. With `&` behind it you can go on typing, and \
              changes are told above the line as they are seen; `watch` alone ends that.",
    example: &["srv = socket tcp", "bind srv 127.0.0.1:0", "listen srv", "watch srv 50ms"],
    run: Run::Following(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let Some(cookies) = arguments.ends(0).map(<[u64]>::to_vec) else {
        let what = if session.unwatch() { "nothing is watched any more" } else { "nothing was watched" };
        return Ok(Report::of_lines(vec![what.to_owned()]));
    };
    if arguments.background {
        session.watch(cookies).map_err(|error| Failure::new(format!("watch needs a thread: {error}")))?;
        let line = "its changes are told as they are seen; `watch` alone ends that";
        return Ok(Report::of_lines(vec![line.to_owned()]));
    }
    let deadline = arguments.duration(1).or(session.limit()).map(|limit| Instant::now() + limit);
    let mut watch = Watch::new(cookies, session.shows_numbers());
    let mut lines = watch.first(session);
    let stop = session.look_until(deadline, |session| {
        let seen = watch.look(session);
        lines.extend(session.tell(seen));
        Ok(watch.before.iter().all(|end| !watch.cookies.contains(&end.cookie)).then_some(()))
    })?;
    session.has_told(&watch.met);
    lines.extend(match stop {
        Ok(()) => Some("gone: the kernel keeps nothing of it any more".to_owned()),
        Err(stop @ Stop::WorkerGone(_)) => return Err(stop.failure("")),
        Err(Stop::Interrupted | Stop::SentAway | Stop::TimeUp) => None,
    });
    lines.extend(watch.account());
    let changes: Value = watch.changes.iter().map(|(_, change)| json::change(change)).collect();
    let facts = json!({ "changes": changes, "looks": watch.looks, "ms": watch.start.elapsed().as_millis() });
    Ok(Report { lines, facts })
}

/// What is followed, and what was seen of it.
struct Watch {
    /// The sockets that are meant.
    cookies: Vec<u64>,
    /// These, and every one that was followed because it belongs to one of them.
    met: Vec<u64>,
    before: Vec<End>,
    changes: Vec<(Duration, Change)>,
    looks: u32,
    start: Instant,
    numbers: bool,
}

impl Watch {
    fn new(cookies: Vec<u64>, numbers: bool) -> Self {
        let met = cookies.clone();
        let start = Instant::now();
        Self { cookies, met, before: Vec::new(), changes: Vec::new(), looks: 0, start, numbers }
    }

    /// How everything stands at the start.
    fn first(&mut self, session: &mut Session) -> Vec<String> {
        self.before = self.followed(session);
        let rows: Vec<Vec<String>> = self.before.iter().map(|end| overview::row(session, end)).collect();
        let lines = self.stamped(Duration::ZERO, table(&rows));
        session.tell(lines)
    }

    /// Looks once more; what is new, in lines.
    fn look(&mut self, session: &Session) -> Vec<String> {
        self.looks += 1;
        let after = self.followed(session);
        let now = self.start.elapsed();
        let changes = ends::changes(&self.before, &after);
        let detail = if self.numbers { Detail::Full } else { Detail::Stable };
        let mut lines = table(&rows(&changes, detail, session.names()));
        lines.extend(after.iter().filter_map(|end| self.timer(end)));
        self.changes.extend(changes.into_iter().map(|change| (now, change)));
        self.before = after;
        self.stamped(now, lines)
    }

    /// The sockets that are meant, the other ends of their connections, and what waits in
    /// their accept queues. What was followed once is followed to its end.
    fn followed(&mut self, session: &Session) -> Vec<End> {
        let all = session.ends();
        let meant = || all.iter().filter(|end| self.cookies.contains(&end.cookie));
        let belongs = |end: &&End| {
            self.met.contains(&end.cookie) || meant().any(|own| end.faces(own) || end.waits_in(own))
        };
        let followed: Vec<End> = all.iter().filter(belongs).cloned().collect();
        self.met.extend(followed.iter().map(|end| end.cookie));
        self.met.sort_unstable();
        self.met.dedup();
        followed
    }

    /// That a timer was started or has fired, or runs no more. It ticks all the time.
    fn timer(&self, end: &End) -> Option<String> {
        let before = self.before.iter().find(|before| before.cookie == end.cookie)?;
        let kind = |end: &End| end.timer.map(|timer| (timer.kind, timer.retransmits));
        if !self.numbers || kind(before) == kind(end) {
            return None;
        }
        let words = end.timer.and_then(|timer| phrases::timer(&timer, end.protocol, end.state, true));
        let words = words.unwrap_or_else(|| "none any more".into());
        Some(format!("{}: timer: {words}", end.label()))
    }

    /// With the time since the start in front.
    fn stamped(&self, at: Duration, lines: Vec<String>) -> Vec<String> {
        if !self.numbers {
            return lines;
        }
        let time = format!("{:.3} s", at.as_secs_f64());
        lines.into_iter().map(|line| format!("{time:>9}  {line}")).collect()
    }

    /// How often it looked: what lies between is not known.
    fn account(&self) -> Option<String> {
        let time = self.start.elapsed();
        let every = time.as_secs_f64() * 1000.0 / f64::from(self.looks.max(1));
        self.numbers.then(|| {
            format!(
                "looked {} times in {:.1} s, every {every:.0} ms; what came and went between two looks was not seen",
                self.looks,
                time.as_secs_f64()
            )
        })
    }
}
