//! Words to values: what a verb's row says of its arguments, applied to a line.

use super::in_words::describe;
use super::{Argument, Constant, Kind, Verb, poll};
use crate::address::{self, Address, Written};
use crate::data::{Generator, MOST_RANDOM};
use crate::explain;
use crate::language::{Line, Piece, Word, values};
use crate::options::{self, Access, SocketOption, encode::encode};
use crate::outcome::Failure;
use crate::session::Session;
use crate::worker::call;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::Range;
use std::time::Duration;

/// The arguments of a line, read. `None` where an optional one was left out.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    values: Vec<Option<Value>>,
    /// The name that the line gives its result.
    pub name: Option<String>,
    /// Whether the line goes to the background.
    pub background: bool,
}

/// An argument that was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A socket's descriptor.
    Socket(i32),
    /// Sockets with or without a descriptor, by their cookies.
    Ends(Vec<u64>),
    /// An address.
    Address(Address),
    /// `AF_UNSPEC`: no address.
    NoAddress,
    /// Bytes.
    Data(Vec<u8>),
    /// A number, a size, a job.
    Number(u64),
    /// A time span.
    Duration(Duration),
    /// A constant with its name in C.
    Constant(i64, String),
    /// A word.
    Word(String),
    /// A socket's option.
    Option(&'static SocketOption),
    /// An option's value.
    Memory(call::Memory),
    /// Sockets with the events that are asked for, and how long they are waited for.
    Polled(Vec<call::Polled>, Option<Duration>),
    /// A command line's words.
    Command(Vec<Vec<u8>>),
}

/// Reads a line's arguments as its verb wants them.
///
/// # Errors
/// What is wrong with which word, and how the verb is typed.
pub(crate) fn read(session: &mut Session, verb: &Verb, line: &Line) -> Result<Arguments, Failure> {
    let mut values = Vec::new();
    read_all(session, verb, line, &mut values)
        .map_err(|failure| explain::line::advise(session, verb, line, values.len(), failure))?;
    Ok(Arguments { values, name: line.name.clone(), background: line.background })
}

/// Reads one after the other; how many are there when one fails tells which it was.
fn read_all(
    session: &mut Session,
    verb: &Verb,
    line: &Line,
    values: &mut Vec<Option<Value>>,
) -> Result<(), Failure> {
    let mut words = line.arguments.iter();
    for argument in verb.arguments {
        if argument.kind.takes_the_rest() {
            let rest: Vec<&Word> = words.by_ref().collect();
            if rest.is_empty() && !argument.optional {
                return Err(match values.last() {
                    Some(Some(Value::Option(option))) => no_value(option, line),
                    _ => missing(verb, argument, line),
                });
            }
            values.push(Some(match argument.kind {
                Kind::Polled => poll::read(session, &rest)?,
                _ => several(session, values.last(), &rest)?,
            }));
            continue;
        }
        match words.next() {
            Some(word) => {
                let value = value(session, argument, word, values)
                    .map_err(|failure| failure.at(word.span.clone()))?;
                values.push(Some(value));
            }
            None if argument.optional => values.push(None),
            None => return Err(missing(verb, argument, line)),
        }
    }
    match words.next() {
        Some(word) => {
            Err(Failure::new(format!("`{}` takes no further word here", verb.name)).at(word.span.clone()))
        }
        None => Ok(()),
    }
}

/// What takes all words up to the end of the line: the value of the option before it, or a command.
fn several(session: &mut Session, before: Option<&Option<Value>>, words: &[&Word]) -> Result<Value, Failure> {
    let mut texts = Vec::new();
    for word in words {
        texts.push(bytes(session, word)?);
    }
    let Some(Some(Value::Option(option))) = before else { return Ok(Value::Command(texts)) };
    encode(option, &texts).map(Value::Memory).map_err(|wrong| {
        let failure = Failure::new(wrong.message).next(wrong.next);
        match words.get(wrong.word) {
            Some(word) => failure.at(word.span.clone()),
            None => failure,
        }
    })
}

/// An option without its value.
fn no_value(option: &SocketOption, line: &Line) -> Failure {
    let end = line.arguments.last().map_or(line.verb.span.end, |word| word.span.end);
    Failure::new(format!("{} needs a value: {}", option.name, option.shape.words()))
        .next(format!("`setsockopt S {} {}`", option.name, option.example))
        .at(end..end + 1)
}

/// The option of this name.
fn option(text: &str, access: Access) -> Result<&'static SocketOption, Failure> {
    if let Some(option) = options::find(text) {
        return match access {
            Access::Get if !option.readable() => {
                Err(Failure::new(format!("{} can be set, and not read", option.name))
                    .next(format!("`explain {}` says what it does", option.name)))
            }
            _ => Ok(option),
        };
    }
    let failure = Failure::new(format!("`{text}` is not an option of a socket"));
    let upper = text.to_ascii_uppercase();
    let near = options::all()
        .map(|option| (strsim::damerau_levenshtein(&upper, option.name), option.name))
        .min()
        .filter(|(distance, name)| distance * 3 <= name.len());
    Err(match near {
        Some((_, name)) => failure.next(format!("perhaps `{name}` was meant")),
        None => {
            failure.next("options are named as in C: SO_KEEPALIVE, TCP_NODELAY; Tab lists those that fit")
        }
    })
}

fn missing(verb: &Verb, argument: &Argument, line: &Line) -> Failure {
    let end = line.arguments.last().map_or(line.verb.span.end, |word| word.span.end);
    Failure::new(format!("`{}` needs {}", verb.name, describe(argument))).at(end..end + 1)
}

fn value(
    session: &mut Session,
    argument: &Argument,
    word: &Word,
    before: &[Option<Value>],
) -> Result<Value, Failure> {
    let needs = || Failure::new(format!("{} is needed here", describe(argument)));
    let bare = || word.bare().ok_or_else(needs);
    Ok(match argument.kind {
        Kind::Socket | Kind::SocketThat(_) => Value::Socket(session.socket(bare()?)?),
        Kind::End => Value::Ends(session.ends_called(bare()?)?),
        Kind::Address if bare().is_ok_and(|text| text.eq_ignore_ascii_case("AF_UNSPEC")) => Value::NoAddress,
        Kind::Address | Kind::OwnAddress => Value::Address(address(session, word, before)?),
        Kind::Data => Value::Data(bytes(session, word)?),
        Kind::Number => Value::Number(values::decimal(bare()?).ok_or_else(needs)?),
        Kind::Size => Value::Number(values::size(bare()?).ok_or_else(needs)?),
        Kind::Limit if bare().is_ok_and(|text| text == "unlimited") => Value::Word("unlimited".into()),
        Kind::Limit => Value::Number(values::size(bare()?).ok_or_else(needs)?),
        Kind::Duration => Value::Duration(values::duration(bare()?).ok_or_else(needs)?),
        Kind::Constant(constants) => constant(bare()?, constants).ok_or_else(needs)?,
        Kind::Job => {
            let text = bare()?;
            Value::Number(values::decimal(text.strip_prefix('%').unwrap_or(text)).ok_or_else(needs)?)
        }
        Kind::Word(words) if !words.is_empty() && !bare().is_ok_and(|word| words.contains(&word)) => {
            return Err(needs());
        }
        Kind::Program | Kind::Subject | Kind::Word(_) => Value::Word(bare()?.to_owned()),
        Kind::File | Kind::Topic | Kind::Relayed => Value::Word(word.text().ok_or_else(needs)?.to_owned()),
        Kind::Option(access) => Value::Option(option(bare()?, access)?),
        Kind::Command | Kind::Actors | Kind::Polled | Kind::OptionValue | Kind::Rule => return Err(needs()),
    })
}

/// Constants joined by `|`, by their C names (in any case) or short names.
pub(crate) fn constant(text: &str, constants: &[Constant]) -> Option<Value> {
    let mut value = 0;
    let mut names = Vec::new();
    for part in text.split('|') {
        let known = constants
            .iter()
            .find(|known| part.eq_ignore_ascii_case(known.name) || known.short.contains(&part));
        match known {
            Some(known) => {
                value |= known.value;
                names.push(known.name);
            }
            None => return None,
        }
    }
    Some(Value::Constant(value, names.join("|")))
}

/// An address as the socket that the line is about has to name it.
fn address(session: &mut Session, word: &Word, before: &[Option<Value>]) -> Result<Address, Failure> {
    let domain = match before.first() {
        Some(Some(Value::Socket(fd))) => session.domain(*fd),
        _ => None,
    };
    let text =
        word.text().ok_or_else(|| Failure::new("an address is needed here, such as 127.0.0.1:7777"))?;
    address_called(session, text, domain)
}

/// The address that is typed so, or that has what is called so.
pub(super) fn address_called(
    session: &mut Session,
    text: &str,
    domain: Option<i32>,
) -> Result<Address, Failure> {
    if let Some(found) = session.address_of(text, domain)? {
        return Ok(found);
    }
    let written = address::parse(text).map_err(|message| {
        Failure::new(message)
            .next("type an address, or the name of a socket or program, whose address is then meant")
    })?;
    let v6 = domain == Some(libc::AF_INET6);
    let address = match written {
        Written::Address(address) => address,
        Written::AnyHost(port) if v6 => SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)).into(),
        Written::AnyHost(port) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into(),
        Written::Name { host, service } => session.resolve_for(&host, &service, domain)?,
    };
    if let Some(port) = address.port() {
        session.names_mut().typed(port);
    }
    Ok(address)
}

/// The bytes that a word stands for, insertions filled in.
fn bytes(session: &mut Session, word: &Word) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    for piece in &word.pieces {
        match piece {
            Piece::Bytes(plain) => bytes.extend(plain),
            Piece::Insert(text) => bytes.extend(insertion(session, text, word.span.clone())?),
        }
        if bytes.len() as u64 > MOST_RANDOM {
            return Err(Failure::new("this makes more bytes than a session holds").at(word.span.clone()));
        }
    }
    Ok(bytes)
}

fn insertion(session: &mut Session, text: &str, span: Range<usize>) -> Result<Vec<u8>, Failure> {
    match Generator::parse(text) {
        Some(Err(message)) => Err(Failure::new(message).at(span)),
        Some(Ok(Generator::Nonce { label })) => Ok(session.names_mut().nonce(&label).into_bytes()),
        Some(Ok(Generator::Random { size, offset })) => {
            Ok(session.names_mut().stream().bytes(offset, usize::try_from(size).unwrap_or(usize::MAX)))
        }
        Some(Ok(Generator::Letters { size })) => {
            Ok(session.names_mut().stream().letters(usize::try_from(size).unwrap_or(usize::MAX)))
        }
        None if text.contains(':') => match session.number_of_program(text) {
            Some(number) => Ok(number.map_err(|failure| failure.at(span))?.to_string().into_bytes()),
            None => Err(Failure::new(format!("nothing is called `{text}`"))
                .next("a program's numbers are pid:NAME, fd:NAME and port:NAME")
                .at(span)),
        },
        None => match session.address_of(text, None)? {
            Some(address) => Ok(address.to_string().into_bytes()),
            None => Err(Failure::new(format!("nothing is called `{text}`"))
                .next("inside \\( ) stands nonce, random:SIZE, letters:SIZE, or the name of a socket or program, whose address is meant")
                .at(span)),
        },
    }
}

impl Arguments {
    /// The value at a place, if it was given.
    pub fn get(&self, place: usize) -> Option<&Value> {
        self.values.get(place)?.as_ref()
    }

    /// The socket at a place, as a call takes it.
    pub fn socket(&self, place: usize) -> call::Value {
        call::Value::Descriptor(self.fd(place))
    }

    /// The socket at a place. Rows and code of a verb stand in one file; should they not
    /// fit, -1 is no descriptor, and the kernel says so.
    pub fn fd(&self, place: usize) -> i32 {
        if let Some(Value::Socket(fd)) = self.get(place) { *fd } else { -1 }
    }

    /// The sockets at a place, by their cookies; `None` if it was left out.
    pub fn ends(&self, place: usize) -> Option<&[u64]> {
        if let Some(Value::Ends(cookies)) = self.get(place) { Some(cookies) } else { None }
    }

    /// The address at a place, as a call takes it.
    pub fn address(&self, place: usize) -> call::Value {
        match self.get(place) {
            Some(Value::Address(address)) => call::Value::Address(address.clone()),
            Some(Value::NoAddress) => call::Value::NoAddress,
            _ => call::Value::Hidden(0),
        }
    }

    /// The bytes at a place; none if it was left out.
    pub fn data(&self, place: usize) -> Vec<u8> {
        if let Some(Value::Data(data)) = self.get(place) { data.clone() } else { Vec::new() }
    }

    /// The number or size at a place.
    pub fn number(&self, place: usize) -> Option<u64> {
        if let Some(Value::Number(number)) = self.get(place) { Some(*number) } else { None }
    }

    /// The time span at a place.
    pub fn duration(&self, place: usize) -> Option<Duration> {
        if let Some(Value::Duration(duration)) = self.get(place) { Some(*duration) } else { None }
    }

    /// The constant at a place, as a call takes it; a plain zero if it was left out.
    pub fn constant(&self, place: usize) -> call::Value {
        match self.get(place) {
            Some(Value::Constant(value, name)) => call::Value::Constant(*value, name.clone()),
            _ => call::Value::Number(0),
        }
    }

    /// The word at a place.
    pub fn word(&self, place: usize) -> Option<&str> {
        if let Some(Value::Word(word)) = self.get(place) { Some(word) } else { None }
    }

    /// The option at a place.
    pub fn option(&self, place: usize) -> Option<&'static SocketOption> {
        if let Some(Value::Option(option)) = self.get(place) { Some(option) } else { None }
    }

    /// The option's value at a place.
    pub fn memory(&self, place: usize) -> Option<call::Memory> {
        if let Some(Value::Memory(memory)) = self.get(place) { Some(memory.clone()) } else { None }
    }

    /// The command at a place.
    pub fn command(&self, place: usize) -> &[Vec<u8>] {
        if let Some(Value::Command(command)) = self.get(place) { command } else { &[] }
    }
}
