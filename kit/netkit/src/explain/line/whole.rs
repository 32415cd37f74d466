//! Whole lines, as they can be typed in place of one that cannot be read.

use crate::language::Line;
use crate::session::Session;
use crate::verbs::{Argument, Kind, Verb};

/// An example of the whole line, with what was typed so far.
pub(super) fn example(session: &Session, verb: &Verb, line: &Line) -> Option<String> {
    let mut words = words(line);
    for argument in verb.arguments.iter().skip(words.len()).filter(|argument| !argument.optional) {
        words.push(word_for(session, argument)?);
    }
    Some(format!("for example: `{}`", whole(line, verb, &words)))
}

/// A word that could stand for an argument.
fn word_for(session: &Session, argument: &Argument) -> Option<String> {
    let open = session.socket_names().values().next().cloned();
    Some(match argument.kind {
        Kind::Socket | Kind::SocketThat(_) => open.unwrap_or_else(|| "c".into()),
        Kind::Subject => open.unwrap_or_else(|| "1".into()),
        Kind::Address | Kind::OwnAddress => "127.0.0.1:7777".into(),
        Kind::Data => "\"hello\"".into(),
        Kind::Number | Kind::Job => "1".into(),
        Kind::Size => "100".into(),
        Kind::Limit => "64M".into(),
        Kind::Duration => "2s".into(),
        Kind::Constant(constants) => constants.first()?.name.to_owned(),
        Kind::Word(words) => (*words.first()?).to_owned(),
        Kind::Topic => "TIME-WAIT".into(),
        _ => return None,
    })
}

/// A line as text, made of its name, its verb and words.
pub(super) fn whole(line: &Line, verb: &Verb, words: &[String]) -> String {
    let name = line.name.as_ref().map(|name| format!("{name} = ")).unwrap_or_default();
    let mut text = format!("{name}{}", verb.name);
    for word in words {
        text.push(' ');
        text.push_str(word);
    }
    if line.background {
        text.push_str(" &");
    }
    text
}

/// The words behind the verb, as they may be typed again.
pub(super) fn words(line: &Line) -> Vec<String> {
    line.arguments
        .iter()
        .map(|word| match word.text() {
            Some(text) if word.quoted => format!("\"{}\"", text.escape_default()),
            Some(text) => text.to_owned(),
            None => "\"...\"".into(),
        })
        .collect()
}
