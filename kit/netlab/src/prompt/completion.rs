//! Completion: what could stand where the cursor is. What a verb's row says of its arguments
//! decides what is offered; what there is at the moment comes from the session.

use super::half_line::{HalfLine, Place};
use netkit::explain::{errno, terms};
use netkit::kernel::state::TcpState;
use netkit::lesson::chapters::CHAPTERS;
use netkit::session::Session;
use netkit::session::ends::End;
use netkit::verbs::{Kind, VERBS, Verb};

/// What can be named at the moment.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The open sockets' names; of one without a name, its descriptor.
    pub sockets: Vec<String>,
    /// The open sockets' descriptors.
    pub descriptors: Vec<String>,
    /// The names of sockets that have an address.
    pub bound: Vec<String>,
    /// The programs' names.
    pub programs: Vec<String>,
    /// The numbers of jobs that have not returned.
    pub jobs: Vec<String>,
    /// Addresses that were typed.
    pub addresses: Vec<String>,
}

/// What could stand where the cursor is.
#[derive(Debug, PartialEq, Eq)]
pub enum Candidates {
    /// These words, in place of what stands from here on, in bytes; and whether more is to
    /// follow behind them.
    Words(usize, Vec<String>, bool),
    /// A file.
    File,
}

impl Known {
    /// What a session knows now.
    pub fn of(session: &Session) -> Self {
        let own = || session.ends().iter().filter(|end| end.fd.is_some());
        let bound = own().filter(|end| end.local.as_ref().is_some_and(|local| local.port() != Some(0)));
        Self {
            sockets: own().map(End::label).collect(),
            descriptors: own().filter_map(|end| end.fd).map(|fd| fd.to_string()).collect(),
            bound: bound.map(End::label).collect(),
            programs: session.programs().names().map(str::to_owned).collect(),
            jobs: session.jobs().map(|(number, _)| number.to_string()).collect(),
            addresses: Vec::new(),
        }
    }
}

/// What could stand at the end of `before`, the part of a line before the cursor.
pub fn complete(before: &str, known: &Known) -> Candidates {
    let half = HalfLine::new(before);
    match half.place {
        Place::Verb => {
            let names = VERBS.iter().filter(|verb| verb.name.starts_with(half.word));
            // One that takes nothing is complete with its name.
            let more = names.clone().any(|verb| !verb.arguments.is_empty());
            Candidates::Words(half.start, names.map(|verb| verb.name.to_owned()).collect(), more)
        }
        Place::Argument(_, argument, _) if matches!(argument.kind, Kind::File) => Candidates::File,
        Place::Argument(_, argument, _)
            if matches!(argument.kind, Kind::Command) && half.word.contains('/') =>
        {
            Candidates::File
        }
        Place::Argument(verb, _, number) => {
            // Flags are joined by `|`: what is behind the last one is being typed.
            let flag = half.word.rfind('|').map_or(0, |bar| bar + 1);
            let typed = &half.word[flag..];
            let words = words(verb, number, typed, half.first, known);
            let fits = |word: &String| {
                word.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed))
            };
            let words = words.into_iter().filter(fits).collect();
            Candidates::Words(half.start + flag, words, number + 1 < verb.arguments.len())
        }
        Place::Unknown => Candidates::Words(before.len(), Vec::new(), false),
    }
}

/// All words that an argument may be; `first` is the first argument of the line.
fn words(verb: &Verb, number: usize, typed: &str, first: Option<&str>, known: &Known) -> Vec<String> {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let Some(argument) = verb.arguments.get(number) else { return Vec::new() };
    match argument.kind {
        // Descriptors are offered to who starts to type one.
        Kind::Socket if typed.starts_with(|c: char| c.is_ascii_digit()) => known.descriptors.clone(),
        Kind::Socket => known.sockets.clone(),
        Kind::Address => [known.bound.clone(), known.programs.clone(), known.addresses.clone()].concat(),
        Kind::Constant(constants) => {
            let names = constants.iter().flat_map(|known| known.short.iter().copied().chain([known.name]));
            names.map(str::to_owned).collect()
        }
        Kind::Job => known.jobs.clone(),
        Kind::Program => known.programs.clone(),
        Kind::Subject => [known.jobs.clone(), known.sockets.clone(), known.programs.clone()].concat(),
        Kind::Word([]) if argument.name == "STATE" => states(first, known),
        Kind::Word([]) if argument.name == "LESSON" => lessons(),
        Kind::Word(words) => owned(words),
        Kind::Topic => topics(verb),
        Kind::Data | Kind::Number | Kind::Size | Kind::Duration | Kind::File | Kind::Command => Vec::new(),
    }
}

/// What one can wait for: a program listens, has a UDP socket, is back at its mark; a socket
/// has any state.
fn states(first: Option<&str>, known: &Known) -> Vec<String> {
    if first.is_some_and(|first| known.programs.iter().any(|program| program == first)) {
        return ["LISTEN", "UDP", "REST", "MARK"].map(str::to_owned).to_vec();
    }
    let mut names: Vec<String> = TcpState::ALL.iter().map(|state| state.name().to_owned()).collect();
    names.dedup();
    names
}

/// What a lesson is called, and what leads through one.
fn lessons() -> Vec<String> {
    let names = CHAPTERS.iter().map(|(name, _)| *name);
    names.chain(["next", "back", "again", "stop"]).map(str::to_owned).collect()
}

/// `help` knows the verbs; `explain` knows the errors and the terms as well.
fn topics(verb: &Verb) -> Vec<String> {
    let mut topics: Vec<String> = VERBS.iter().map(|verb| verb.name.to_owned()).collect();
    if verb.name != "help" {
        topics.extend(terms::TERMS.iter().map(|term| term.name.to_owned()));
        topics.extend(errno::MEANINGS.iter().map(|meaning| format!("{:?}", meaning.errno)));
    }
    topics.sort();
    topics.dedup();
    topics
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let list = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        Known {
            sockets: list("srv c 6"),
            descriptors: list("3 5 6"),
            bound: list("srv"),
            programs: list("server"),
            jobs: list("1 2"),
            addresses: list("127.0.0.1:7777"),
        }
    }

    /// What completes `before`, as the whole lines that it makes; `…` where more follows.
    fn check(before: &str, expected: &[&str]) {
        let lines: Vec<String> = match complete(before, &known()) {
            Candidates::File => vec!["a file".into()],
            Candidates::Words(start, words, more) => {
                let more = if more { "…" } else { "" };
                words.into_iter().map(|word| format!("{}{word}{more}", &before[..start])).collect()
            }
        };
        assert_eq!(lines, expected, "{before:?}");
    }

    #[test]
    fn verbs() {
        check("conn", &["connect…"]);
        check("x = acc", &["x = accept…"]);
        check("x=acc", &["x=accept…"]);
        check("recv-", &["recv-exact…", "recv-until…", "recv-all…"]);
        check("fds", &["fds"]);
        check("xyz", &[]);
    }

    #[test]
    fn arguments() {
        check("listen ", &["listen srv…", "listen c…", "listen 6…"]);
        check("listen s", &["listen srv…"]);
        check("close 5", &["close 5"]);
        check("connect c s", &["connect c srv", "connect c server"]);
        check("connect c 127", &["connect c 127.0.0.1:7777"]);
        check("s = socket t", &["s = socket tcp…"]);
        check("setsockopt srv so_reuse", &["setsockopt srv SO_REUSEADDR…"]);
        check("recv c 5 peek|wa", &["recv c 5 peek|waitall"]);
        check("cancel ", &["cancel 1", "cancel 2"]);
        check("wait s", &["wait srv…", "wait server…"]);
        check("wait c TIME", &["wait c TIME-WAIT…"]);
        check(
            "wait server ",
            &["wait server LISTEN…", "wait server UDP…", "wait server REST…", "wait server MARK…"],
        );
        check("stop s", &["stop server…"]);
        check("explain econnr", &["explain ECONNREFUSED", "explain ECONNRESET"]);
        check("lesson ne", &["lesson next…"]);
        check("lesson conn", &["lesson connection…"]);
        check("help TIME", &[]);
        check("source /", &["a file"]);
        check("start ./x", &["a file"]);
        check("start x", &[]);
        check("send c \"a", &[]);
        check("close c # s", &[]);
        check("é é", &[]);
    }
}
