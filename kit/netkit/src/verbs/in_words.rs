//! Arguments in words, for who has left one out or typed something else.

use super::{Argument, Constant, Kind};

/// An argument in words.
pub(super) fn describe(argument: &Argument) -> String {
    let what = match argument.kind {
        Kind::Socket => "a socket, by its name or descriptor",
        Kind::SocketThat(fit) => {
            return format!("{} (a socket {}, by its name or descriptor)", argument.name, fit.what);
        }
        Kind::OwnAddress => "an address such as 127.0.0.1:0; port 0 lets the kernel choose",
        Kind::End => "a socket, by its name or descriptor",
        Kind::Address => "an address such as 127.0.0.1:7777, or the name of a socket or program",
        Kind::Data => "bytes, such as \"hello\\n\"",
        Kind::Number => "a number",
        Kind::Size => "a number of bytes, such as 100 or 64K",
        Kind::Duration => "a time span, such as 2s or 150ms",
        Kind::Constant(constants) => return format!("{}: one of {}", argument.name, listed(constants)),
        Kind::Option(_) => "an option by its name in C, such as SO_KEEPALIVE",
        Kind::OptionValue => "the option's value",
        Kind::Job => "a job's number (`jobs` lists them)",
        Kind::Program => "a program that was started, by its name",
        Kind::Subject => "a job, a socket or a program",
        Kind::Limit => "a number of bytes, such as 64M, or `unlimited`",
        Kind::Word([]) => "a word of your choice",
        Kind::Word(words) => return format!("{}: {}", argument.name, words.join(", ")),
        Kind::Topic => "what to explain",
        Kind::File => "a file",
        Kind::Command => "a command",
        Kind::Polled => "a socket, such as c or c:out",
        Kind::Actors => "sockets and programs",
        Kind::Relayed => "a relay, or the socket, program or address that a new one is to lead to",
        Kind::Rule => "a rule, such as drop 2 to server",
    };
    format!("{} ({what})", argument.name)
}

fn listed(constants: &[Constant]) -> String {
    let names: Vec<&str> =
        constants.iter().flat_map(|constant| constant.short.iter().copied().chain([constant.name])).collect();
    names.join(", ")
}
