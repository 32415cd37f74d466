//! `wait`: for a job, a state, or the end of a program.

use super::{Arguments, Group, Kind, Run, Verb, needed, optional};
use crate::explain;
use crate::kernel::sock_diag::Protocol;
use crate::kernel::state::TcpState;
use crate::language::values;
use crate::outcome::{Failure, Report};
use crate::session::ends::Owner;
use crate::session::{Session, Stop};
use std::time::{Duration, Instant};

/// The row of `wait`.
pub(super) static VERB: Verb = Verb {
    name: "wait",
    group: Group::Time,
    arguments: &[
        needed("WHAT", Kind::Subject),
        optional("STATE", Kind::Word(&[])),
        optional("LIMIT", Kind::Duration),
    ],
    summary: "Waits for a job, for a socket's state, or for a program.",
    details: "`wait 1` waits until job 1 has returned. `wait c TIME-WAIT 2s` waits until the kernel shows c in \
              that state, `wait c DRAINED` until all that was sent on c has been received by the program at the \
              other end. `wait p` waits until program p has ended; `wait p LISTEN` until the kernel shows that \
              it listens, `wait p UDP` until it has a UDP socket with an address, `wait p BOUND` until it has a \
              socket of any kind with an address of its own, `wait p SOCKET` until it has one at all. `wait p \
              REST` waits until it and its connections stand still, `wait p MARK` until it has no more \
              descriptors and processes than when it was marked. `wait p FAILURE` waits until it has ended, and \
              fails if its exit code is 0 or a signal has ended it.",
    example: &["p = start cat", "wait p REST", "stdin p", "wait p"],
    run: Run::Session(run),
};

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let what = arguments.word(0).unwrap_or_default();
    let state = arguments.word(1);
    // `wait 1 2s`: the limit may stand where a state would.
    let early = state.and_then(values::duration);
    let state = if early.is_some() { None } else { state };
    let limit = early.or(arguments.duration(2)).or(session.limit());
    let deadline = limit.map(|limit| Instant::now() + limit);
    let job =
        values::decimal(what.strip_prefix('%').unwrap_or(what)).and_then(|number| u32::try_from(number).ok());
    match (job, state) {
        (Some(job), None) => session.wait_for_job(job, deadline).map(|()| Report::of_lines(Vec::new())),
        (_, Some(state)) if session.programs().find(what).is_some() => {
            program_state(session, what, state, deadline)
        }
        (_, Some(state)) => socket_state(session, what, state, deadline, limit),
        (None, None) => program_end(session, what, deadline),
    }
}

fn program_end(session: &mut Session, name: &str, deadline: Option<Instant>) -> Result<Report, Failure> {
    if session.programs().find(name).is_none() {
        return Err(match session.awaited_job(name) {
            Some(job) => {
                Failure::new(format!("{name} will be the result of job {job}")).next(format!("`wait {job}`"))
            }
            None => Failure::new(format!("no job or program is called `{name}`"))
                .next("`wait 1` waits for job 1; `wait S STATE` for a socket's state"),
        });
    }
    match session.wait_for_ending(name, deadline) {
        Ok(ending) => Ok(Report::of_lines(vec![format!("{name} {ending}")])),
        Err(stop) => Err(stop.failure(&format!("{name} has not ended"))),
    }
}

fn program_state(
    session: &mut Session,
    name: &str,
    state: &str,
    deadline: Option<Instant>,
) -> Result<Report, Failure> {
    if state.eq_ignore_ascii_case("mark") {
        return program_mark(session, name, deadline);
    }
    if state.eq_ignore_ascii_case("rest") {
        return program_rest(session, name, deadline);
    }
    if state.eq_ignore_ascii_case("failure") {
        return program_failure(session, name, deadline);
    }
    let Some(stage) = Stage::of(state) else {
        return Err(Failure::new(format!("`{state}` is not what one can wait for with a program")).next(
            format!(
                "`wait {name} LISTEN`, or UDP, BOUND or SOCKET, or REST, MARK or FAILURE in the place of LISTEN"
            ),
        ));
    };
    let waited = session.look_until(deadline, |session| {
        if stage.is_reached(session, name)? {
            return Ok(Some(()));
        }
        match session.program(name)?.ending_in_words() {
            Some(ending) => Err(Failure::new(format!("{name} {ending}, and never came so far"))
                .next(format!("`output {name} all stderr` shows what it said"))),
            None => Ok(None),
        }
    })?;
    match waited {
        Ok(()) => Ok(Report::of_lines(vec![format!("{name} {}", stage.words().0)])),
        Err(stop) => Err(stop.failure(&format!("{name} {}", stage.words().1))),
    }
}

/// How far a program has come with a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Socket,
    Bound,
    Udp,
    Listens,
}

impl Stage {
    fn of(word: &str) -> Option<Self> {
        if word.parse() == Ok(TcpState::Listen) {
            return Some(Self::Listens);
        }
        let named = [("socket", Self::Socket), ("bound", Self::Bound), ("udp", Self::Udp)];
        named.into_iter().find(|(name, _)| word.eq_ignore_ascii_case(name)).map(|(_, stage)| stage)
    }

    /// That it has come so far, and that it has not.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Socket => ("has a socket", "does not have a socket"),
            Self::Bound => ("has a socket with an address", "does not have a socket with an address"),
            Self::Udp => ("has a UDP socket", "does not have a UDP socket"),
            Self::Listens => ("listens", "does not listen"),
        }
    }

    fn is_reached(self, session: &Session, name: &str) -> Result<bool, Failure> {
        if self == Self::Socket {
            // One that is neither bound nor connected is in no table: only its descriptor shows it.
            return Ok(session.program(name)?.open().iter().any(|open| open.socket().is_some()));
        }
        Ok(session.ends().iter().any(|end| {
            let fits = match self {
                Self::Listens => end.accept_queue.is_some(),
                Self::Udp => end.protocol == Protocol::Udp,
                Self::Socket | Self::Bound => end.has_address(),
            };
            fits && matches!(&end.owner, Owner::Program(program) if program == name)
        }))
    }
}

/// Waits for an end with an exit code that tells of a failure: which one, some contracts leave open.
fn program_failure(session: &mut Session, name: &str, deadline: Option<Instant>) -> Result<Report, Failure> {
    let ending = session
        .wait_for_ending(name, deadline)
        .map_err(|stop| stop.failure(&format!("{name} has not ended")))?;
    let code = session.program(name)?.ending().and_then(|status| status.code());
    if code.is_some_and(|code| code != 0) {
        Ok(Report::of_lines(vec![format!("{name} ended with a failure")]))
    } else {
        Err(Failure::new(format!("{name} {ending}, which is no exit code of a failure")))
    }
}

fn program_mark(session: &mut Session, name: &str, deadline: Option<Instant>) -> Result<Report, Failure> {
    let Some(marked) = session.program(name)?.marked else {
        return Err(Failure::new(format!("{name} was not marked")).next(format!("`mark {name}`")));
    };
    let waited = session.look_until(deadline, |session| {
        let program = session.program(name)?;
        if let Some(ending) = program.ending_in_words() {
            return Err(Failure::new(format!("{name} {ending}")));
        }
        let held = program.holdings();
        let back = held.descriptors <= marked.descriptors && held.processes <= marked.processes;
        Ok(back.then_some(()))
    })?;
    waited.map(|()| Report::of_lines(vec![format!("{name} has no more than at its mark")])).map_err(|stop| {
        let Ok(program) = session.program(name) else { return stop.failure(name) };
        let held = program.holdings();
        stop.failure(&format!(
            "{name} has {} descriptors and {} processes, and had {} and {} at its mark",
            held.descriptors, held.processes, marked.descriptors, marked.processes
        ))
    })
}

/// Longer than the kernel keeps an acknowledgement back (40 ms) or waits before it probes a
/// closed window for the first time (200 ms): RTO_MIN and TCP_DELACK_MIN in its net/tcp.h.
const STILL: Duration = Duration::from_millis(300);

/// So long without a moving byte is rest, even in a program that never sleeps.
const STILL_THOUGH_AWAKE: Duration = Duration::from_secs(2);

/// Waits until a program can do nothing more by itself: all of its threads are asleep, and
/// in no queue of the session's sockets anything moves. A thread that waits for a processor
/// is not asleep, so that a busy machine does not look like rest.
fn program_rest(session: &mut Session, name: &str, deadline: Option<Instant>) -> Result<Report, Failure> {
    let mut queues = Vec::new();
    let mut moved = Instant::now();
    let mut awake = moved;
    let waited = session.look_until(deadline, |session| {
        let program = session.program(name)?;
        if let Some(ending) = program.ending_in_words() {
            return Err(Failure::new(format!("{name} {ending}")));
        }
        if !program.is_asleep() {
            awake = Instant::now();
        }
        let ends = session.ends().iter();
        let now: Vec<_> = ends.map(|end| (end.cookie, end.state, end.unread, end.unacknowledged)).collect();
        if now != queues {
            queues = now;
            moved = Instant::now();
        }
        let still = moved.elapsed();
        Ok((still.min(awake.elapsed()) >= STILL || still >= STILL_THOUGH_AWAKE).then_some(()))
    })?;
    waited
        .map(|()| Report::of_lines(vec![format!("{name} is at rest")]))
        .map_err(|stop| stop.failure(&format!("{name} does not come to rest")))
}

/// The name of a state: one of TCP's, or of those of UDP and of the UNIX domain.
fn wanted_state(text: &str) -> Result<&'static str, Failure> {
    const OTHERS: [&str; 2] = ["unconnected", "connected"];
    if let Ok(state) = text.parse::<TcpState>() {
        return Ok(state.name());
    }
    OTHERS.into_iter().find(|name| text.eq_ignore_ascii_case(name)).ok_or_else(|| {
        let names: Vec<&str> = TcpState::ALL.iter().map(|state| state.name()).collect();
        Failure::new(format!("`{text}` is no state of TCP, UDP or the UNIX domain")).next(format!(
            "TCP's states are {}; the others are {}",
            names.join(", "),
            OTHERS.join(", ")
        ))
    })
}

/// Waits until nothing that was sent on a socket is on its way or unread at the other end.
fn drained(session: &mut Session, name: &str, deadline: Option<Instant>) -> Result<Report, Failure> {
    let waited = session.look_until(deadline, |session| {
        let fd = session.socket(name)?;
        let ends = session.ends();
        let Some(end) = ends.iter().find(|end| end.has_fd(fd)) else { return Ok(None) };
        match ends.iter().find(|other| other.faces(end)) {
            Some(other) => Ok((end.unacknowledged == 0 && other.unread == 0).then_some(())),
            None => Err(no_other_end(session, name, end.cookie)),
        }
    })?;
    waited
        .map(|()| Report::of_lines(vec![format!("all of it was received at the other end of {name}")]))
        .map_err(|stop| stop.failure(&format!("not all of what was sent on {name} is received")))
}

/// Why a socket has no other end: its program has ended, or has closed it.
fn no_other_end(session: &Session, name: &str, cookie: u64) -> Failure {
    let why = explain::became_of_other(session, cookie);
    let any_more = if why.is_empty() { "that can be seen" } else { "any more" };
    Failure { why, ..Failure::new(format!("{name} has no other end {any_more}")) }
}

fn socket_state(
    session: &mut Session,
    name: &str,
    state: &str,
    deadline: Option<Instant>,
    limit: Option<Duration>,
) -> Result<Report, Failure> {
    if state.eq_ignore_ascii_case("drained") {
        return drained(session, name, deadline);
    }
    let wanted = wanted_state(state)?;
    let waited = session.look_until(deadline, |session| {
        let found = session.ends().iter().find(|end| {
            end.label() == name
                || end.fds().into_iter().any(|fd| end.label_of(fd) == name || fd.to_string() == name)
        });
        match found.map(|end| end.state) {
            Some(now) if now.name() == wanted || (now.listens() && wanted == "LISTEN") => Ok(Some(())),
            Some(_) => Ok(None),
            // A socket that is in no table any more is as good as CLOSED.
            None if wanted == TcpState::Closed.name() => Ok(Some(())),
            None => Err(session.no_such_socket(name)),
        }
    })?;
    match waited {
        Ok(()) => Ok(Report::of_lines(vec![format!("{name} is in {wanted}")])),
        Err(Stop::TimeUp) => {
            let now =
                session.ends().iter().find(|end| end.label() == name).map_or("gone", |end| end.state.name());
            let limit = limit.unwrap_or_default();
            Err(Failure::new(format!("{name} is in {now} after {limit:?}, not in {wanted}")))
        }
        Err(stop) => Err(stop.failure(&format!("waiting for {name}"))),
    }
}
