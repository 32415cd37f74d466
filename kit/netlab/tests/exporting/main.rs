//! `export c`, `export python`, `export rust`: the programs are built without a warning,
//! run, and compared with the session: what each call returned, which bytes came, and the
//! states of the sockets at the end.

#![allow(clippy::expect_used, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "what is skipped is said in plain sight")]

mod sessions;
#[path = "../support/mod.rs"]
mod support;

use netkit::data::Stream;
use netkit::language::values;
use serde_json::Value;
use sessions::{Given, PAIR, SESSIONS};
use std::path::{Path, PathBuf};
use std::process::Command;
use support::Talk;
use tempfile::tempdir;

/// What a session came to: the lines that a program is to print, and the states.
struct Expected {
    lines: Vec<String>,
    states: Vec<String>,
}

/// Runs a session, and exports it to `NAME.c`, `NAME.py` and `NAME.rs` in a folder.
fn session(folder: &Path, (name, pair, lines): &Given) -> Expected {
    let mut talk = Talk::start(&["--keep-going", "--limit", "2"]);
    let mut told = Vec::new();
    let mut jobs = std::collections::BTreeMap::new();
    let mut job = 0;
    let own = |line: &&str| {
        let path = folder.join("socket").display().to_string();
        line.replace("PATH", &path).replace("NUMBER", &std::process::id().to_string())
    };
    let lines = (if *pair { PAIR } else { &[] }).iter().chain(*lines).map(own);
    for (place, line) in lines.enumerate() {
        talk.say(&line);
        let answer = talk.hear();
        let said = said(&line);
        if line.ends_with('&') {
            job += 1;
            jobs.insert(job, (place + 1, said.clone()));
        }
        if let Some(call) = answer.get("call") {
            told.push(returned(place + 1, &said, call));
            told.extend(filled_in(place + 1, call));
        }
        for news in answer["jobs"].as_array().into_iter().flatten() {
            if news["state"] == "returned" {
                let (line, said) = &jobs[&news["job"].as_u64().expect("a number")];
                told.push(returned(*line, said, &news["call"]));
                told.extend(filled_in(*line, &news["call"]));
            }
        }
    }
    let states = states(&talk.ask("state"), "session");
    for (format, ending) in [("c", "c"), ("python", "py"), ("rust", "rs")] {
        let path = folder.join(format!("{name}.{ending}"));
        let wrote = talk.ask(&format!("export {format} {}", path.display()));
        let left_out: Vec<u64> = serde_json::from_value(wrote["report"]["left_out"].clone()).expect("lines");
        let expected: &[u64] = match (*name, ending) {
            // A descriptor that is not open.
            ("refused", "rs") => &[5],
            // A call that was interrupted.
            ("never", _) => &[8],
            // The kernel's port, over the other family.
            ("families", _) => &[4],
            _ => &[],
        };
        assert_eq!(left_out, expected, "{name}.{ending}: what is left out");
    }
    Expected { lines: told, states }
}

/// What a line calls, and on which socket, as a program tells it.
fn said(line: &str) -> String {
    let line = line.split_once(" = ").map_or(line, |(_, line)| line);
    let mut words = line.split(' ');
    let verb = words.next().unwrap_or_default();
    match words.next() {
        Some(socket) if !["socket", "socketpair", "poll", "unlink"].contains(&verb) => {
            format!("{verb} {socket}")
        }
        _ => verb.to_owned(),
    }
}

/// What the kernel has filled in, as a program tells it: what poll found, an option's value.
fn filled_in(line: usize, call: &Value) -> Vec<String> {
    let polled = call["polled"].as_array().into_iter().flatten().map(|found| {
        let events = found["revents"].as_str().expect("events").replace('|', " ");
        let socket = found["socket"].as_str().expect("a name");
        format!("{line}: {socket}: {}", if events.is_empty() { "not ready" } else { &events })
    });
    let polled: Vec<String> = polled.collect();
    let text = call["text"].as_str().unwrap_or_default();
    let Some(arguments) = text.strip_prefix("getsockopt(").filter(|_| call["errno"].is_null()) else {
        return polled;
    };
    let mut parts = arguments.splitn(4, ", ");
    let (option, value) = (parts.nth(2).expect("an option"), parts.next().expect("a value"));
    let (value, size) = value.rsplit_once(", [").expect("a size");
    let value = match value.trim_matches(['[', ']']) {
        "{...}" => format!("{} bytes", size.split_once(']').expect("a number").0),
        "SOCK_STREAM" => "1".into(),
        plain => plain.to_owned(),
    };
    vec![format!("{line}: {option} is {value}")]
}

/// What a call returned, as a program tells it.
fn returned(line: usize, verb: &str, call: &Value) -> String {
    let is_new = verb.split(' ').next().is_some_and(|verb| ["socket", "accept", "dup"].contains(&verb));
    if !call["errno"].is_null() {
        let text = call["text"].as_str().unwrap_or_default();
        let (_, error) = text.rsplit_once(" = ").expect("a result");
        return format!("{line}: {verb} = {error}");
    }
    if is_new {
        return format!("{line}: {verb} = FD");
    }
    let loops = verb.split(' ').next().is_some_and(|verb| verb.contains('-'));
    let count = if loops { &call["bytes"] } else { &call["returned"] };
    match call["data"].as_str() {
        Some(data) => format!("{line}: {verb} = {count} {}", data_told(data)),
        None => format!("{line}: {verb} = {count}"),
    }
}

/// Received bytes as a program tells them: of many only the first and the last.
fn data_told(literal: &str) -> String {
    let parsed = netkit::language::parse(&format!("send c {literal}")).expect("a literal").expect("a line");
    let mut bytes = Vec::new();
    for piece in &parsed.arguments[1].pieces {
        match piece {
            netkit::language::Piece::Bytes(plain) => bytes.extend(plain),
            netkit::language::Piece::Insert(text) if text == "nonce" => {
                bytes.extend(netkit::data::nonce(1, "").bytes());
            }
            netkit::language::Piece::Insert(text) => {
                let (size, offset) = text["random:".len()..].split_once('@').unwrap_or((&text[7..], "0"));
                let (size, offset) =
                    (values::size(size).expect("a size"), values::size(offset).expect("a size"));
                bytes.extend(Stream::new(1).bytes(offset, usize::try_from(size).expect("fits")));
            }
        }
    }
    let shown = |bytes: &[u8]| {
        let byte = |byte: &u8| match byte {
            b'\n' => "\\n".to_owned(),
            b'"' | b'\\' => format!("\\{}", char::from(*byte)),
            b' '..=b'~' => char::from(*byte).to_string(),
            _ => format!("\\x{byte:02x}"),
        };
        bytes.iter().map(byte).collect::<String>()
    };
    match bytes.len() {
        0..=48 => format!("\"{}\"", shown(&bytes)),
        count => format!("\"{}\"...\"{}\"", shown(&bytes[..24]), shown(&bytes[count - 8..])),
    }
}

/// The sockets of an owner, with what waits in their queues, in a stable order. A socket that
/// has no address, or whose connection failed, is in no table of the kernel: in another
/// process it is not seen.
fn states(answer: &Value, owner: &str) -> Vec<String> {
    let sockets = answer["report"]["sockets"].as_array().expect("sockets");
    let seen = |socket: &&Value| {
        socket["owner"] == owner && socket["state"] != "CLOSED" && !socket["local"].is_null()
    };
    let own = sockets.iter().filter(seen);
    let own = own.filter(|socket| owner != "session" || !socket["fd"].is_null());
    let mut states: Vec<String> = own
        .map(|socket| {
            let unread = if socket["protocol"] == "tcp" { socket["unread"].clone() } else { Value::Null };
            format!("{} {} {unread} {}", socket["protocol"], socket["state"], socket["accept_queue"])
        })
        .collect();
    states.sort();
    states
}

/// Runs a program, and compares it with the session that it was made of.
fn compare(what: &str, command: &str, expected: &Expected) {
    let skipped = |line: &str| match what {
        "refused.rs" => line.starts_with("5:"),
        "families.c" | "families.py" | "families.rs" => line.starts_with("4:"),
        _ => false,
    };
    let mut talk = Talk::start(&["--limit", "20"]);
    talk.ask(&format!("p = start {command} --pause"));
    let mut lines = Vec::new();
    loop {
        let line = talk.ask("output p line")["report"]["data"].as_str().expect("text").to_owned();
        let line = line.trim_matches('"').trim_end_matches("\\n").to_owned();
        if line.starts_with("all is done") {
            break;
        }
        if line.is_empty() {
            let errors = talk.ask("output p all stderr")["report"]["data"].clone();
            assert!(!line.is_empty(), "{what} ended: {errors}\n{lines:#?}");
        }
        lines.push(unescaped(&line));
    }
    let masked: Vec<String> = lines.iter().filter(|line| !skipped(line)).map(|line| masked(line)).collect();
    // What a language has no words for is left out there, and said in the program.
    let told: Vec<&String> = expected.lines.iter().filter(|line| !skipped(line)).collect();
    assert_eq!(masked.iter().collect::<Vec<_>>(), told, "{what}: what the calls returned");
    assert_eq!(states(&talk.ask("state"), "program"), expected.states, "{what}: the states at the end");
}

/// A line of output, back from netlab's own literal.
fn unescaped(line: &str) -> String {
    let parsed = netkit::language::parse(&format!("send c \"{line}\"")).expect("a literal").expect("a line");
    let pieces = parsed.arguments[1].pieces.iter();
    pieces
        .map(|piece| match piece {
            netkit::language::Piece::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            netkit::language::Piece::Insert(text) if text == "nonce" => netkit::data::nonce(1, ""),
            netkit::language::Piece::Insert(_) => String::new(),
        })
        .collect()
}

/// The line with the number of a new descriptor masked: where a thread takes part, which one
/// is free first is chance.
fn masked(line: &str) -> String {
    match line.rsplit_once(" = ") {
        Some((call, number))
            if [" socket", " accept ", " dup "].iter().any(|verb| call.contains(verb))
                && !call.contains("socketpair")
                && number.parse::<u32>().is_ok() =>
        {
            format!("{call} = FD")
        }
        _ => line.to_owned(),
    }
}

fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        println!("skipped: needs {program}");
    }
    there
}

fn must(command: &mut Command) {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn exported_programs_do_as_the_session_did() {
    let folder = tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let expected: Vec<Expected> = SESSIONS.iter().map(|given| session(folder.path(), given)).collect();
    if has("gcc") {
        for ((name, ..), expected) in SESSIONS.iter().zip(&expected) {
            let program = path(name);
            let warnings = ["-std=c17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-pthread"];
            must(Command::new("gcc").args(warnings).arg(path(&format!("{name}.c"))).arg("-o").arg(&program));
            compare(&format!("{name}.c"), &program.display().to_string(), expected);
        }
    }
    if has("python3") {
        for ((name, ..), expected) in SESSIONS.iter().zip(&expected) {
            let program = path(&format!("{name}.py"));
            compare(&format!("{name}.py"), &format!("python3 -W error {}", program.display()), expected);
        }
    }
    if has("cargo") {
        let target = rust(folder.path());
        for ((name, ..), expected) in SESSIONS.iter().zip(&expected) {
            let program = target.join("debug").join(name);
            compare(&format!("{name}.rs"), &program.display().to_string(), expected);
        }
    }
}

/// Builds all Rust programs as one package, whose dependencies are those that the programs
/// name at their top; where they are.
fn rust(folder: &Path) -> PathBuf {
    let package = folder.join("package");
    std::fs::create_dir_all(package.join("src/bin")).expect("a folder");
    for (name, ..) in SESSIONS {
        let program = std::fs::read_to_string(folder.join(format!("{name}.rs"))).expect("was exported");
        let manifest: String = program
            .lines()
            .skip_while(|line| !line.contains("[dependencies]"))
            .take(3)
            .map(|line| line.trim_start_matches("//!").trim().to_owned() + "\n")
            .collect();
        let head = "[package]\nname = \"exported\"\nedition = \"2024\"\n[workspace]\n";
        std::fs::write(package.join("Cargo.toml"), format!("{head}{manifest}")).expect("a file");
        std::fs::write(package.join(format!("src/bin/{name}.rs")), program).expect("a file");
    }
    // What the workspace is built with is at hand without a network.
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    std::fs::copy(lock, package.join("Cargo.lock")).expect("a lock file");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("exported");
    must(
        Command::new(env!("CARGO"))
            .args(["build", "--offline", "--quiet", "--bins"])
            .current_dir(&package)
            .env("RUSTFLAGS", "-D warnings")
            .env("CARGO_TARGET_DIR", &target),
    );
    target
}
