//! A session as a program in Rust.

mod call;

use super::body::{Body, body};
use super::names::error;
use super::plan::{Action, Plan, Planned, Socket, Step};
use super::{Program, helpers};
use call::{Written, written};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The functions that programs use.
const HELPERS: &str = include_str!("helpers.rs");

/// The program.
pub(super) fn program(plan: &Plan) -> Program {
    let Body { text: body, left_out } = body(plan, comment, |step| code(plan, step));
    let main = format!("fn main() {{\n{}{END}", body.trim_start_matches('\n'));
    let needed = helpers::needed(HELPERS, &main);
    let needed = needed.replace("KEY", &format!("{:#x}", plan.key)).replace("        NAMES\n", &errors(plan));
    let code = format!("{needed}{main}");
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let bare: String = lines.collect::<Vec<_>>().join("\n");
    // `std::io::stdin` needs no import of `std::io`.
    let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let stands = |word: &str| bare.match_indices(word).any(|(at, _)| !bare[..at].ends_with(goes_on));
    let uses = |words: &str| words.split(' ').any(stands);
    let imports: String =
        IMPORTS.iter().filter(|(words, _)| uses(words)).map(|(_, path)| format!("use {path};\n")).collect();
    Program { text: format!("{HEADER}{imports}\n{code}"), left_out }
}

const HEADER: &str = r#"//! Written by netlab: the calls of a session, in the order in which they were made.
//!
//! It needs these lines in Cargo.toml:
//!
//!     [dependencies]
//!     libc = "0.2"
//!     socket2 = { version = "0.6", features = ["all"] }
//!
//! Run it:  cargo run          or cargo run -- --pause, which stops at the end, so that you
//!                             can look at the sockets in another terminal: ss -tuanp
//!
//! Above each call stands the line of the session. The program prints the number of that line,
//! the call, and what it returned: -1 and the error where it failed. A call that fails though
//! it did not fail in the session ends the program.

"#;

/// What is imported, and the words by which it is seen to be needed.
const IMPORTS: [(&str, &str); 13] = [
    ("Domain::", "socket2::Domain"),
    ("Protocol::", "socket2::Protocol"),
    ("SockAddr", "socket2::SockAddr"),
    ("Socket:: &Socket", "socket2::Socket"),
    ("Type::", "socket2::Type"),
    ("io::", "std::io"),
    ("Shutdown::", "std::net::Shutdown"),
    ("SocketAddr>", "std::net::SocketAddr"),
    ("as_raw_fd", "std::os::fd::AsRawFd"),
    ("is_socket", "std::os::unix::fs::FileTypeExt"),
    ("Arc::", "std::sync::Arc"),
    ("thread::", "std::thread"),
    ("Duration::", "std::time::Duration"),
];

const END: &str = r#"
    if std::env::args().any(|argument| argument == "--pause") {
        println!("all is done; the sockets stay as they are until you press ENTER");
        let _ = std::io::stdin().read_line(&mut String::new());
    }
}
"#;

/// The names of the errors that came in the session, and of those that come easily in another
/// run, as arms of a match.
fn errors(plan: &Plan) -> String {
    let easily =
        [libc::EADDRINUSE, libc::ECONNREFUSED, libc::ECONNRESET, libc::EPIPE, libc::EACCES, libc::ENOENT];
    let numbers = plan.calls().filter_map(|call| call.failed).chain(easily);
    let names: BTreeMap<i32, String> = numbers.map(|number| (number, error(number))).collect();
    names.values().fold(String::new(), |mut arms, name| {
        let _ = writeln!(arms, "        Some(libc::{name}) => \"{name}\",");
        arms
    })
}

fn comment(text: &str) -> String {
    format!("// {text}")
}

/// Whether a socket is used by a thread, too.
fn is_shared(plan: &Plan, socket: Socket) -> bool {
    plan.steps.iter().any(|step| match &step.action {
        Action::Start(_, call) => call.uses().contains(&socket),
        _ => false,
    })
}

fn code(plan: &Plan, step: &Step) -> Result<Vec<String>, String> {
    Ok(match &step.action {
        Action::Make(call) if call.function == "close" => {
            let socket =
                call.socket().ok_or("in Rust there is no way to name a descriptor that is not open")?;
            let told = format!("println!(\"{}: {} = 0\");", call.number, call.said);
            vec![format!("drop({});", plan.name(socket)), told]
        }
        Action::Make(call) => {
            let written = written(plan, call)?;
            made(plan, call, &written, &written.call)
        }
        Action::Start(job, call) => start(plan, *job, call)?,
        // Where the call was left out, so is its end.
        Action::Join(job) => match plan.job(*job).map(|call| (call, written(plan, call))) {
            Some((call, Ok(written))) => {
                made(plan, call, &written, &format!("job_{job}.join().expect(\"its thread does not panic\")"))
            }
            _ => Vec::new(),
        },
        Action::Sleep(time) => vec![format!("thread::sleep(Duration::from_millis({}));", time.as_millis())],
        Action::Clear(path) => {
            let why = comment("The file that an earlier run has left would be in the way: EADDRINUSE.");
            vec![why, format!("remove_socket({:?});", String::from_utf8_lossy(path))]
        }
        Action::Nothing(_) | Action::LeftOut(_) => Vec::new(),
    })
}

/// A call on a thread of its own.
fn start(plan: &Plan, job: u32, call: &Planned) -> Result<Vec<String>, String> {
    let written = written(plan, call)?;
    let mark = if plan.joins(job) { "" } else { "_" };
    let mut lines = vec![format!("let {mark}job_{job} = {{")];
    for socket in call.uses() {
        let name = plan.name(socket);
        lines.push(format!("    let {name} = Arc::clone(&{name});"));
    }
    let mut before = written.before.into_iter().map(|line| format!("        {line}")).peekable();
    if before.peek().is_none() {
        lines.push(format!("    thread::spawn(move || {})", written.call));
    } else {
        lines.push("    thread::spawn(move || {".into());
        lines.extend(before);
        let given = written.filled.map(|filled| {
            let takes = &written.takes;
            format!(".map(|{takes}| ({takes}, {filled}))")
        });
        let last = format!("        {}{}", written.call, given.unwrap_or_default());
        lines.extend([last, "    })".into()]);
    }
    lines.push("};".into());
    Ok(lines)
}

/// A call that is made and told of.
fn made(plan: &Plan, call: &Planned, written: &Written, expression: &str) -> Vec<String> {
    let joined = expression != written.call;
    let mut lines = if joined { Vec::new() } else { written.before.clone() };
    let (number, said) = (call.number, &call.said);
    let takes = match written.filled {
        Some(filled) if joined && call.failed.is_none() => format!("({}, {filled})", written.takes),
        Some(_) if joined => format!("({}, _)", written.takes),
        _ => written.takes.clone(),
    };
    if let Some(errno) = call.failed {
        let (takes, told) = match call.opens.as_slice() {
            [] => (takes.as_str(), written.tells.first().cloned().unwrap_or_default()),
            // A socket that was not there in the session has no name in the program either.
            _ => ("_", format!("println!(\"{number}: {said} has made a socket\");")),
        };
        lines.extend([
            comment(&format!("In the session it failed: {}.", error(errno))),
            format!("match {expression} {{"),
            format!("    Ok({takes}) => {},", told.trim_end_matches(';')),
            format!("    Err(error) => failed({number}, \"{said}\", &error),"),
            "}".into(),
        ]);
        return lines;
    }
    let checked = format!("check({number}, \"{said}\", {expression});");
    lines.push(match takes.as_str() {
        "()" => checked,
        takes => format!("let {takes} = {checked}"),
    });
    lines.push(written.tells.first().cloned().unwrap_or_default());
    for socket in &call.opens {
        if is_shared(plan, *socket) {
            let name = plan.name(*socket);
            lines.push(format!("let {name} = Arc::new({name});"));
        }
    }
    // What else a thread has filled in, it has not given back.
    if !joined || written.filled.is_some() {
        lines.extend(written.tells.iter().skip(1).cloned());
    }
    lines
}
