//! Hints: the arguments that are still to come, behind what is typed; and where one is just
//! to be begun, what it is and what would fit now.

use super::completion;
use super::half_line::{HalfLine, Place};
use super::known::Known;
use super::options;
use netkit::verbs::{self, Argument, Kind, Verb};
use textwrap::core::display_width;

/// What is still to come behind a half-typed line, in so many columns: what has no room is
/// left out.
pub fn hint(line: &str, known: &Known, room: usize) -> Option<String> {
    let half = HalfLine::new(line);
    let (gap, arguments, next) = match half.place {
        Place::Verb => (" ", verbs::find(half.word)?.arguments, None),
        Place::Argument(verb, argument, number) if half.word.is_empty() => {
            let next = about(verb, argument, number, &half, known);
            ("", verb.arguments.get(number..).unwrap_or(std::slice::from_ref(argument)), next)
        }
        Place::Argument(verb, _, number) => (" ", verb.arguments.get(number + 1..)?, None),
        Place::Unknown => return None,
    };
    let names: Vec<String> = arguments.iter().map(Argument::shown).collect();
    if names.is_empty() {
        return None;
    }
    let names = format!("{gap}{}", names.join(" "));
    let whole = next.map_or_else(|| names.clone(), |next| format!("{names}   {next}"));
    [whole, names].into_iter().find(|hint| display_width(hint) <= room)
}

/// What an argument is, with an example that fits now.
fn about(
    verb: &'static Verb,
    argument: &Argument,
    number: usize,
    half: &HalfLine<'_>,
    known: &Known,
) -> Option<String> {
    let here = || completion::example(argument.kind, verb, number, half, known);
    let example = match argument.kind {
        Kind::OptionValue => return options::about(half),
        Kind::SocketThat(fit) => {
            return Some(match here() {
                Some(example) => format!("a socket {}, such as {example}", fit.what),
                None => format!("a socket {}; there is none", fit.what),
            });
        }
        Kind::Address => here().or_else(|| Some("127.0.0.1:7777".into())),
        Kind::Data => Some("\"hello\\n\"".into()),
        Kind::Size => Some("100".into()),
        Kind::Limit => Some("64M".into()),
        Kind::Duration => Some("2s".into()),
        Kind::Command => Some("cat".into()),
        Kind::Topic if verb.name == "help" => Some("connect".into()),
        Kind::Topic => Some("TIME-WAIT".into()),
        Kind::Number | Kind::File => None,
        // Flags and the like are mostly left out, and not every one goes with what stands before.
        Kind::Constant(_) if argument.optional => None,
        _ => here(),
    };
    example.map(|example| format!("such as {example}"))
}

#[cfg(test)]
mod tests {
    use super::hint;
    use crate::prompt::known::{self, Known};

    #[test]
    fn what_is_still_to_come_is_shown() {
        for (line, expected) in [
            ("connect", Some(" S ADDRESS")),
            ("connect ", Some("S ADDRESS   a socket that is not connected, such as u")),
            ("connect c", Some(" ADDRESS")),
            ("connect 6 ", Some("ADDRESS   such as srv")),
            ("bind 6 ", Some("ADDRESS   such as 127.0.0.1:0")),
            ("accept ", Some("S   a socket that listens, such as srv")),
            ("send c ", Some("DATA [FLAGS]   such as \"hello\\n\"")),
            ("connect c srv", None),
            ("s = socket ", Some("DOMAIN [TYPE] [PROTOCOL]   such as tcp")),
            ("s = socket tcp ", Some("[TYPE] [PROTOCOL]")),
            ("n = recv c", Some(" SIZE [FLAGS]")),
            ("start cat", None),
            ("start ", Some("COMMAND...   such as cat")),
            ("fg ", Some("[JOB]   such as 2")),
            ("setsockopt c TCP_NODELAY", Some(" VALUE")),
            ("setsockopt c TCP_NODELAY ", Some("VALUE   1 (on) or 0 (off)")),
            ("jobs", None),
            ("conn", None),
            ("# connect", None),
        ] {
            assert_eq!(hint(line, &known::example(), 80).as_deref(), expected, "{line:?}");
        }
    }

    #[test]
    fn that_nothing_fits_is_said() {
        let nothing = Known::default();
        let expected = "S   a socket that listens; there is none";
        assert_eq!(hint("accept ", &nothing, 80).as_deref(), Some(expected));
        assert_eq!(hint("connect c ", &nothing, 80).as_deref(), Some("ADDRESS   such as 127.0.0.1:7777"));
    }

    #[test]
    fn a_hint_stays_in_its_row() {
        let known = known::example();
        assert_eq!(hint("accept ", &known, 20).as_deref(), Some("S"));
        assert_eq!(hint("connect ", &known, 3), None);
    }
}
