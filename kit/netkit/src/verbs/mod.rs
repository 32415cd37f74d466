//! The verbs of the session language: one file each, one row each in [`VERBS`].
//!
//! A row holds everything that is to be known of a verb. Help, completion, hints and
//! the book's reference are made from it. A new verb is a new file and a new row.

use crate::options::Access;
use crate::outcome::{Failure, Report};
use crate::session::Session;
use crate::worker::call::Call;

mod arguments;
mod in_words;

mod accept;
mod answer;
mod asked;
mod bind;
mod cancel;
mod close;
mod connect;
mod diagram;
mod dup;
mod expect;
mod explain;
mod export;
mod fds;
mod fg;
pub mod fit;
mod getpeername;
mod getsockname;
mod getsockopt;
mod help;
mod hint;
mod jobs;
mod lesson;
mod lines;
mod listen;
mod mark;
mod netstat;
mod nonblock;
mod output;
pub mod poll;
mod predict;
mod queues;
mod quit;
mod recv;
mod recv_all;
mod recv_exact;
mod recv_until;
mod recvfrom;
pub mod relay;
mod resolve;
mod rewind;
mod save;
mod send;
mod send_all;
mod sendto;
mod setsockopt;
mod show;
mod shutdown;
mod sleep;
mod socket;
mod socketpair;
mod source;
mod start;
mod state;
mod states;
mod stdin;
mod stop;
mod ulimit;
mod unlink;
mod wait;
mod watch;

pub use arguments::{Arguments, Value};
pub(crate) use arguments::{constant, read};

/// A verb, with all that is to be known of it.
#[derive(Debug)]
pub struct Verb {
    /// The word that is typed.
    pub name: &'static str,
    /// Where it stands in the help.
    pub group: Group,
    /// What stands behind it.
    pub arguments: &'static [Argument],
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// What one should know of it: a paragraph or two.
    pub details: &'static str,
    /// Lines that run as they are, one after another in a fresh session.
    pub example: &'static [&'static str],
    /// What it does.
    pub run: Run,
}

/// What a verb does.
#[derive(Debug, Clone, Copy)]
pub enum Run {
    /// It describes one system call, which the worker makes. It may block, and may be
    /// sent to the background.
    Call(fn(&Arguments) -> Result<Call, Failure>),
    /// It looks at the session first, and then makes one system call or shows something.
    Planned(fn(&mut Session, &Arguments) -> Result<Plan, Failure>),
    /// It looks at, or steers, the session.
    Session(fn(&mut Session, &Arguments) -> Result<Report, Failure>),
    /// The same, and it can go to the background as a call can.
    Following(fn(&mut Session, &Arguments) -> Result<Report, Failure>),
}

/// What a verb does that had to look first.
#[derive(Debug)]
pub enum Plan {
    /// It makes this call.
    Call(Call),
    /// It shows this.
    Report(Report),
}

/// Where a verb stands in the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// One system call.
    Calls,
    /// A loop over one system call.
    Loops,
    /// Looking at what is there.
    Look,
    /// Waiting, and calls in the background.
    Time,
    /// Programs beside the session.
    Programs,
    /// Learning: lessons, and predictions.
    Learn,
    /// The session itself.
    Session,
}

impl Group {
    /// All groups, in the order of the help.
    pub const ALL: [Self; 7] =
        [Self::Calls, Self::Loops, Self::Look, Self::Time, Self::Programs, Self::Learn, Self::Session];

    /// Its headline.
    pub fn title(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Loops => "loops over calls",
            Self::Look => "look",
            Self::Time => "time",
            Self::Programs => "programs",
            Self::Learn => "learn",
            Self::Session => "session",
        }
    }
}

/// An argument of a verb.
#[derive(Debug, Clone, Copy)]
pub struct Argument {
    /// What it is called in help and hints: `ADDRESS`.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Whether it may be left out.
    pub optional: bool,
}

/// What an argument is: how it is read, and what completion offers.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A socket, by name or descriptor.
    Socket,
    /// The same; only those that fit are offered.
    SocketThat(&'static fit::Fit),
    /// A socket, by name or descriptor: also one that was closed, as long as the kernel
    /// keeps it, and all those of a program.
    End,
    /// `127.0.0.1:7777`, or a socket or program, whose address is meant.
    Address,
    /// The same, to be taken as one's own.
    OwnAddress,
    /// Bytes: a string, or a bare word.
    Data,
    /// A number.
    Number,
    /// A number of bytes: `100`, `64K`, `16M`.
    Size,
    /// A number of bytes, or `unlimited`.
    Limit,
    /// A time span: `2s`, `150ms`.
    Duration,
    /// One of these words; several joined by `|` where they are flags.
    Constant(&'static [Constant]),
    /// A socket's option by its name in C, for reading or for setting.
    Option(Access),
    /// The value of the option before it, in as many words as it takes.
    OptionValue,
    /// The number of a job, as 1 or %1.
    Job,
    /// A program that was started.
    Program,
    /// A job, a socket or a program.
    Subject,
    /// A word as it stands.
    Word(&'static [&'static str]),
    /// The name of a verb, an errno, a state or a term.
    Topic,
    /// A file's path.
    File,
    /// A command line: all words up to the end of the line.
    Command,
    /// Sockets with the events that are asked for, and a limit, up to the end of the line.
    Polled,
    /// Sockets and programs, those that are gone among them, up to the end of the line.
    Actors,
    /// A relay; or what a new one is to lead to: a socket, a program, an address.
    Relayed,
    /// What a relay does with which datagrams, up to the end of the line.
    Rule,
}

impl Kind {
    /// Whether it is all words up to the end of the line.
    pub fn takes_the_rest(self) -> bool {
        matches!(self, Self::Command | Self::OptionValue | Self::Polled | Self::Actors | Self::Rule)
    }
}

/// A constant of C, and its shorter names.
#[derive(Debug)]
pub struct Constant {
    /// Its name in C.
    pub name: &'static str,
    /// What else it is called here.
    pub short: &'static [&'static str],
    /// Its value.
    pub value: i64,
}

/// An argument that must be there.
const fn needed(name: &'static str, kind: Kind) -> Argument {
    Argument { name, kind, optional: false }
}

/// An argument that may be left out.
const fn optional(name: &'static str, kind: Kind) -> Argument {
    Argument { name, kind, optional: true }
}

/// All verbs, in the order of the help.
pub static VERBS: &[&Verb] = &[
    &socket::VERB,
    &socketpair::VERB,
    &bind::VERB,
    &listen::VERB,
    &accept::VERB,
    &connect::VERB,
    &send::VERB,
    &recv::VERB,
    &sendto::VERB,
    &recvfrom::VERB,
    &shutdown::VERB,
    &dup::VERB,
    &close::VERB,
    &unlink::VERB,
    &getsockname::VERB,
    &getpeername::VERB,
    &getsockopt::VERB,
    &setsockopt::VERB,
    &nonblock::VERB,
    &poll::VERB,
    &send_all::VERB,
    &recv_exact::VERB,
    &recv_until::VERB,
    &recv_all::VERB,
    &show::VERB,
    &fds::VERB,
    &netstat::VERB,
    &state::VERB,
    &states::VERB,
    &diagram::VERB,
    &queues::VERB,
    &watch::VERB,
    &resolve::VERB,
    &jobs::VERB,
    &wait::VERB,
    &fg::VERB,
    &cancel::VERB,
    &sleep::VERB,
    &start::VERB,
    &stop::VERB,
    &stdin::VERB,
    &output::VERB,
    &mark::VERB,
    &ulimit::VERB,
    &relay::VERB,
    &answer::VERB,
    &asked::VERB,
    &lesson::VERB,
    &hint::VERB,
    &predict::VERB,
    &expect::VERB,
    &help::VERB,
    &explain::VERB,
    &lines::VERB,
    &save::VERB,
    &export::VERB,
    &rewind::VERB,
    &source::VERB,
    &quit::VERB,
];

/// The verb of this name.
pub fn find(name: &str) -> Option<&'static Verb> {
    VERBS.iter().copied().find(|verb| verb.name == name)
}

impl Verb {
    /// How it is typed: `recv S SIZE [FLAGS]`.
    pub fn usage(&self) -> String {
        let mut usage = self.name.to_owned();
        for argument in self.arguments {
            usage.push(' ');
            usage.push_str(&argument.shown());
        }
        usage
    }
}

impl Argument {
    /// `NAME`, or `[NAME]` if it may be left out.
    pub fn shown(&self) -> String {
        let dots = if self.kind.takes_the_rest() && !matches!(self.kind, Kind::OptionValue | Kind::Polled) {
            "..."
        } else {
            ""
        };
        if self.optional { format!("[{}{dots}]", self.name) } else { format!("{}{dots}", self.name) }
    }
}

/// Flags of send(2) that change what one call does.
static SEND_FLAGS: &[Constant] = &[
    Constant { name: "MSG_DONTWAIT", short: &["dontwait"], value: libc::MSG_DONTWAIT as i64 },
    Constant { name: "MSG_NOSIGNAL", short: &["nosignal"], value: libc::MSG_NOSIGNAL as i64 },
    Constant { name: "MSG_OOB", short: &["oob"], value: libc::MSG_OOB as i64 },
    Constant { name: "MSG_MORE", short: &["more"], value: libc::MSG_MORE as i64 },
    Constant { name: "MSG_EOR", short: &["eor"], value: libc::MSG_EOR as i64 },
    Constant { name: "MSG_DONTROUTE", short: &["dontroute"], value: libc::MSG_DONTROUTE as i64 },
];

/// Flags of recv(2) that change what one call does.
static RECV_FLAGS: &[Constant] = &[
    Constant { name: "MSG_DONTWAIT", short: &["dontwait"], value: libc::MSG_DONTWAIT as i64 },
    Constant { name: "MSG_PEEK", short: &["peek"], value: libc::MSG_PEEK as i64 },
    Constant { name: "MSG_WAITALL", short: &["waitall"], value: libc::MSG_WAITALL as i64 },
    Constant { name: "MSG_TRUNC", short: &["trunc"], value: libc::MSG_TRUNC as i64 },
    Constant { name: "MSG_OOB", short: &["oob"], value: libc::MSG_OOB as i64 },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_is_complete() {
        for verb in VERBS {
            assert!(verb.summary.ends_with('.'), "{}: the summary is a sentence", verb.name);
            assert!(!verb.details.is_empty(), "{}: has details", verb.name);
            assert!(!verb.example.is_empty(), "{}: has an example", verb.name);
            assert_eq!(VERBS.iter().filter(|other| other.name == verb.name).count(), 1, "{}", verb.name);
            let optional = verb.arguments.iter().skip_while(|argument| !argument.optional);
            assert!(
                optional.clone().all(|argument| argument.optional),
                "{}: optional ones come last",
                verb.name
            );
        }
    }
}
