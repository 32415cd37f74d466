//! Completion: what could stand where the cursor is. What a verb's row says of its arguments
//! decides what is offered; what there is at the moment comes from the session.

use super::choices::{
    addresses, closed, expected, jobs, programs, relays, responders, rule, sockets, states,
};
use super::files;
use super::half_line::{HalfLine, Place};
use super::known::Known;
use super::options;
use netkit::explain::topic;
use netkit::kernel::sock_diag::Protocol;
use netkit::lesson::chapters::CHAPTERS;
use netkit::session::ends::End;
use netkit::verbs::{Kind, VERBS, Verb, poll};

/// Up to so many verbs are listed with what they do.
const FEW: usize = 8;

/// A word that could stand where the cursor is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The word.
    pub text: String,
    /// What it is, in a few words, where there is something to say.
    pub about: String,
    /// Whether the word is whole, and another is to follow.
    pub more: bool,
}

impl Candidate {
    pub(super) fn new(text: impl Into<String>, about: impl Into<String>) -> Self {
        Self { text: text.into(), about: about.into(), more: false }
    }
}

/// What could stand at the end of `before`, the part of a line before the cursor: from which
/// byte on, and the words.
pub fn complete(before: &str, known: &Known) -> (usize, Vec<Candidate>) {
    let half = HalfLine::new(before);
    let Place::Argument(verb, argument, number) = half.place else {
        let verbs = if matches!(half.place, Place::Verb) { verbs(half.word) } else { Vec::new() };
        return (half.start, verbs);
    };
    let more = number + 1 < verb.arguments.len();
    match argument.kind {
        Kind::File => (half.start, files::files(half.word, more)),
        // The first word is the program, by its path or from where programs are.
        Kind::Command if number > 0 || half.word.contains('/') => {
            (half.start, files::files(half.word, false))
        }
        Kind::Command => (half.start, files::programs(half.word)),
        _ => {
            // Flags are joined by `|`: what is behind the last one is being typed.
            let marks: &[char] = if matches!(argument.kind, Kind::Polled) { &['|', ':'] } else { &['|'] };
            let flag = half.word.rfind(marks).map_or(0, |mark| mark + 1);
            let (given, typed) = half.word.split_at(flag);
            let fits = |candidate: &Candidate| {
                let start = candidate.text.get(..typed.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(typed))
                    && given.split(marks).all(|flag| !flag.eq_ignore_ascii_case(&candidate.text))
            };
            let mut words = candidates(argument.kind, verb, number, typed, &half, known);
            words.retain(fits);
            words.iter_mut().for_each(|word| word.more = more);
            (half.start + flag, words)
        }
    }
}

fn verbs(typed: &str) -> Vec<Candidate> {
    let found: Vec<&&Verb> = VERBS.iter().filter(|verb| verb.name.starts_with(typed)).collect();
    let few = found.len() <= FEW;
    let candidate = |verb: &&&Verb| Candidate {
        text: verb.name.into(),
        about: if few { verb.summary.into() } else { String::new() },
        // One that takes nothing is complete with its name.
        more: !verb.arguments.is_empty(),
    };
    found.iter().map(candidate).collect()
}

/// All words that an argument may be.
fn candidates(
    kind: Kind,
    verb: &Verb,
    number: usize,
    typed: &str,
    half: &HalfLine<'_>,
    known: &Known,
) -> Vec<Candidate> {
    let plain = |word: &&str| Candidate::new(*word, "");
    match kind {
        Kind::Socket => sockets(known, typed, |_| true),
        Kind::SocketThat(fit) => sockets(known, typed, fit.fits),
        Kind::End => [programs(known), closed(known), sockets(known, typed, |_| true)].concat(),
        Kind::Address => addresses(half.first, known),
        Kind::OwnAddress => {
            let unix =
                half.first.and_then(|first| known.socket(first)).is_some_and(|end| end.protocol.is_unix());
            let typed = known.addresses.iter().filter(|address| *address != ANY_PORT);
            let typed = typed.filter(|address| address.starts_with("unix:") == unix);
            let any = match unix {
                true => Candidate::new(ANY_NAME, "a name that the kernel chooses"),
                false => Candidate::new(ANY_PORT, "a port that the kernel chooses"),
            };
            [any].into_iter().chain(typed.map(|address| Candidate::new(address, ""))).collect()
        }
        Kind::Constant(constants) => {
            let names = constants.iter().flat_map(|known| known.short.iter().copied().chain([known.name]));
            names.map(|name| Candidate::new(name, "")).collect()
        }
        Kind::Job => jobs(known, typed),
        Kind::Program if verb.name == "stop" => [programs(known), relays(known), responders(known)].concat(),
        Kind::Program => programs(known),
        Kind::Relayed => {
            let takes = |end: &End| end.has_address() && end.protocol == Protocol::Udp;
            [relays(known), sockets(known, typed, takes), programs(known), responders(known)].concat()
        }
        Kind::Rule => rule(half, known),
        Kind::Subject => [jobs(known, typed), sockets(known, typed, |_| true), programs(known)].concat(),
        Kind::Word([]) if matches!(verb.name, "answer" | "asked") => responders(known),
        Kind::Word([]) if verb.name == "expect" => expected(number, known),
        Kind::Word([]) if verb.arguments[number].name == "STATE" => states(half.first, known),
        Kind::Word([]) if verb.arguments[number].name == "LESSON" => lessons(),
        Kind::Word([]) if verb.arguments[number].name == "WHICH" => {
            ["-a", "tcp", "udp"].iter().map(plain).chain(states(None, known)).collect()
        }
        Kind::Word(words) => words.iter().map(plain).collect(),
        Kind::Topic => topics(verb),
        Kind::Actors => {
            let from = vec![Candidate::new("from", "the number of a line")];
            [sockets(known, typed, |_| true), programs(known), from].concat()
        }
        Kind::Polled if half.word.contains(':') => {
            let events = poll::EVENTS.iter().flat_map(|event| event.short.iter().chain([&event.name]));
            events.map(plain).collect()
        }
        Kind::Polled => sockets(known, typed, |_| true),
        Kind::Option(access) => options::options(half, access, known),
        Kind::OptionValue => options::values(half),
        Kind::Limit => vec![plain(&"unlimited")],
        Kind::Data | Kind::Number | Kind::Size | Kind::Duration | Kind::File | Kind::Command => Vec::new(),
    }
}

/// An address for who does not care which port it is.
const ANY_PORT: &str = "127.0.0.1:0";

/// A name for who does not care what it is: autobind, unix(7).
const ANY_NAME: &str = "unix:";

/// What a lesson is called, and what leads through one.
fn lessons() -> Vec<Candidate> {
    let names = CHAPTERS.iter().map(|(name, _)| *name);
    names.chain(["next", "back", "again", "stop"]).map(|name| Candidate::new(name, "")).collect()
}

/// `help` knows the verbs; `explain` knows the errors, the options and the terms as well.
fn topics(verb: &Verb) -> Vec<Candidate> {
    let topics: Vec<String> = if verb.name == "help" {
        let mut names: Vec<String> = VERBS.iter().map(|verb| verb.name.to_owned()).collect();
        names.sort();
        names
    } else {
        // A word with a space in it would have to be quoted.
        topic::words().into_iter().filter(|word| !word.contains(' ')).collect()
    };
    topics.into_iter().map(|topic| Candidate::new(topic, "")).collect()
}

/// The word that is the best example of an argument now, if there is one to choose.
pub fn example(kind: Kind, verb: &Verb, number: usize, half: &HalfLine<'_>, known: &Known) -> Option<String> {
    let words = candidates(kind, verb, number, "", half, known);
    // What was made last is what is used next.
    let newest = matches!(kind, Kind::Socket | Kind::End | Kind::SocketThat(_) | Kind::Job | Kind::Program);
    let word = if newest { words.last() } else { words.first() };
    word.map(|word| word.text.clone())
}

#[cfg(test)]
mod tests {
    use super::super::known;
    use super::*;

    /// What completes `before`, as the whole lines that it makes; `…` where more follows.
    fn check(before: &str, expected: &[&str]) {
        let (start, words) = complete(before, &known::example());
        let line = |word: Candidate| {
            format!("{}{}{}", &before[..start], word.text, if word.more { "…" } else { "" })
        };
        assert_eq!(words.into_iter().map(line).collect::<Vec<_>>(), expected, "{before:?}");
    }

    #[test]
    fn verbs() {
        check("conn", &["connect…"]);
        check("x = acc", &["x = accept…"]);
        check("x=acc", &["x=accept…"]);
        check("!acc", &["!accept…"]);
        check("! acc", &["! accept…"]);
        check("recv-", &["recv-exact…", "recv-until…", "recv-all…"]);
        check("queues", &["queues"]);
        check("fds", &["fds…"]);
        check("xyz", &[]);
    }

    #[test]
    fn only_sockets_that_fit_are_offered() {
        check("accept ", &["accept srv"]);
        check("poll sr", &["poll srv"]);
        check("poll srv c:in|o", &["poll srv c:in|out"]);
        check("listen ", &["listen 6…"]);
        check("connect ", &["connect 6…", "connect u…"]);
        check("bind ", &["bind 6…"]);
        check("send ", &["send c…"]);
        check("recv ", &["recv c…", "recv u…"]);
        check("sendto ", &["sendto u…"]);
        check("recvfrom ", &["recvfrom u…"]);
        check("shutdown ", &["shutdown srv…", "shutdown c…"]);
        check("getpeername ", &["getpeername c"]);
        check("close ", &["close srv", "close c", "close 6", "close u"]);
        check("close 5", &["close 5"]);
        check("accept 5", &[]);
    }

    #[test]
    fn addresses_fit_the_socket() {
        check("connect 6 ", &["connect 6 srv", "connect 6 server", "connect 6 127.0.0.1:7777"]);
        check("connect 6 s", &["connect 6 srv", "connect 6 server"]);
        let offered = ["server…", "link…", "auto…", "who…", "127.0.0.1:7777…"]
            .map(|word| format!("sendto u \"x\" {word}"));
        check("sendto u \"x\" ", &offered.each_ref().map(String::as_str));
        check("bind 6 ", &["bind 6 127.0.0.1:0", "bind 6 127.0.0.1:7777"]);
    }

    #[test]
    fn a_relay_and_its_rules() {
        check(
            "link = relay ",
            &["link = relay link…", "link = relay u…", "link = relay server…", "link = relay auto…"],
        );
        check("relay link d", &["relay link drop", "relay link duplicate", "relay link deliver"]);
        check("relay link drop ", &[]);
        check("relay link drop 2 ", &["relay link drop 2 to", "relay link drop 2 from"]);
        check("relay link drop 2 to ", &["relay link drop 2 to u"]);
        check("relay u ", &[]);
        check("stop ", &["stop server…", "stop link…", "stop auto…"]);
        check("asked ", &["asked auto"]);
    }

    #[test]
    fn sockets_of_the_unix_domain_are_offered_where_they_fit() {
        use netkit::address::{Address, UnixAddress};
        use netkit::kernel::sock_diag::{AcceptQueue, Protocol, ShutdownHalves, SocketState, UnixState};
        let mut known = known::example();
        let base = known.sockets[3].clone();
        let mut add = |name: &str, protocol, state, named: bool| {
            let path = UnixAddress::Path(b"x".to_vec());
            let mut end = End {
                owner: netkit::session::ends::Owner::Session(Some(name.into())),
                cookie: base.cookie + 10 + known.sockets.len() as u64,
                protocol,
                state: SocketState::Unix(state),
                local: named.then_some(Address::Unix(path)),
                ..base.clone()
            };
            end.accept_queue =
                (state == UnixState::Listening).then_some(AcceptQueue { waiting: 0, limit: 8 });
            let shut = ShutdownHalves { read: false, write: true };
            end.shutdown = (name == "done").then_some(shut);
            known.sockets.push(end);
        };
        add("door", Protocol::UnixStream, UnixState::Listening, true);
        add("fresh", Protocol::UnixStream, UnixState::Unconnected, false);
        add("conn", Protocol::UnixStream, UnixState::Connected, true);
        add("done", Protocol::UnixStream, UnixState::Connected, false);
        add("box", Protocol::UnixDatagram, UnixState::Unconnected, true);
        add("loose", Protocol::UnixDatagram, UnixState::Unconnected, false);
        known.addresses = vec!["unix:@n".into()];
        let words = |before: &str| -> Vec<String> {
            complete(before, &known).1.into_iter().map(|word| word.text).collect()
        };
        assert_eq!(words("accept "), ["srv", "door"]);
        assert_eq!(words("listen "), ["6", "fresh"]);
        assert_eq!(words("connect "), ["6", "u", "fresh", "box", "loose"]);
        assert_eq!(words("connect fresh "), ["door", "server", "unix:@n"]);
        assert_eq!(words("sendto loose \"x\" "), ["box", "server", "unix:@n"]);
        assert_eq!(words("send "), ["c", "conn"]);
        assert_eq!(words("recvfrom "), ["u", "box"]);
        assert_eq!(words("bind fresh "), ["unix:", "unix:@n"]);
        assert_eq!(words("bind 6 "), ["127.0.0.1:0"]);
    }

    #[test]
    fn every_descriptor_of_a_socket_is_offered() {
        let mut known = known::example();
        known.sockets[1].also = vec![(8, Some("twin".into())), (9, None)];
        let words = |before: &str| -> Vec<String> {
            complete(before, &known).1.into_iter().map(|word| word.text).collect()
        };
        assert_eq!(words("send "), ["c", "twin", "9"]);
        assert_eq!(words("close t"), ["twin"]);
        assert_eq!(words("close 8"), ["8"]);
        assert!(known.names("twin"), "it is coloured as a socket is");
    }

    #[test]
    fn other_arguments() {
        check("s = socket t", &["s = socket tcp…", "s = socket tcp6…"]);
        check("netstat ud", &["netstat udp…"]);
        check("netstat -a LIS", &["netstat -a LISTEN…"]);
        check("show o", &["show old…"]);
        check("show 5", &["show 5…"]);
        check("setsockopt srv so_reuse", &["setsockopt srv SO_REUSEADDR…", "setsockopt srv SO_REUSEPORT…"]);
        check("setsockopt srv SO_TYP", &[]);
        check("getsockopt srv SO_TYP", &["getsockopt srv SO_TYPE"]);
        check("getsockopt srv UDP_", &[]);
        check("getsockopt u tcp_", &[]);
        check("getsockopt u udp_c", &["getsockopt u UDP_CORK"]);
        check(
            "setsockopt srv TCP_NODELAY ",
            &["setsockopt srv TCP_NODELAY 1", "setsockopt srv TCP_NODELAY 0"],
        );
        check("setsockopt srv IP_TOS iptos_lo", &["setsockopt srv IP_TOS IPTOS_LOWDELAY"]);
        check("explain SO_LIN", &["explain SO_LINGER"]);
        check("recv c 5 peek|wa", &["recv c 5 peek|waitall"]);
        check("recv c 5 peek|p", &[]);
        check("cancel ", &["cancel 1", "cancel 2"]);
        check("fg %", &["fg %1", "fg %2"]);
        check("wait s", &["wait srv…", "wait server…"]);
        check("wait c TIME", &["wait c TIME-WAIT…"]);
        check(
            "wait server ",
            &["LISTEN", "UDP", "BOUND", "SOCKET", "REST", "MARK", "FAILURE"]
                .map(|state| format!("wait server {state}…"))
                .each_ref()
                .map(String::as_str),
        );
        check("stop s", &["stop server…"]);
        check("explain econnr", &["explain ECONNREFUSED", "explain ECONNRESET"]);
        check("lesson ne", &["lesson next…"]);
        check("lesson conn", &["lesson connection…"]);
        check("help TIME", &[]);
        check("send c \"a", &[]);
        check("close c # s", &[]);
        check("é é", &[]);
    }

    #[test]
    fn what_a_word_is_stands_beside_it() {
        let about = |before: &str| complete(before, &known::example()).1[0].about.clone();
        assert_eq!(about("accept "), "TCP LISTEN 127.0.0.1:7777");
        assert_eq!(about("cancel "), "accept srv &");
        assert!(about("conn").contains("connect(2)"));
        assert_eq!(about(""), "");
    }
}
