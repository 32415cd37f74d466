//! Hints: the arguments that are still to come, behind what is typed.

use super::half_line::{HalfLine, Place};
use netkit::verbs::{self, Argument};

/// What is still to come behind a half-typed line.
pub fn hint(line: &str) -> Option<String> {
    let half = HalfLine::new(line);
    let (gap, arguments) = match half.place {
        Place::Verb => (" ", verbs::find(half.word)?.arguments),
        Place::Argument(verb, _, number) if half.word.is_empty() => ("", verb.arguments.get(number..)?),
        Place::Argument(verb, _, number) => (" ", verb.arguments.get(number + 1..)?),
        Place::Unknown => return None,
    };
    let names: Vec<String> = arguments.iter().map(Argument::shown).collect();
    if names.is_empty() { None } else { Some(format!("{gap}{}", names.join(" "))) }
}

#[cfg(test)]
mod tests {
    use super::hint;

    #[test]
    fn what_is_still_to_come_is_shown() {
        for (line, expected) in [
            ("connect", Some(" S ADDRESS")),
            ("connect ", Some("S ADDRESS")),
            ("connect c", Some(" ADDRESS")),
            ("connect c ", Some("ADDRESS")),
            ("connect c srv", None),
            ("n = recv c", Some(" SIZE [FLAGS]")),
            ("start cat", None),
            ("start ", Some("COMMAND...")),
            ("fds", None),
            ("conn", None),
            ("# connect", None),
        ] {
            assert_eq!(hint(line).as_deref(), expected, "{line:?}");
        }
    }
}
