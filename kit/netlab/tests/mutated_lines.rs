//! Lines that nobody would type: random bytes, and lines of every verb's example with words
//! and characters changed, swapped, doubled and left out. Whatever comes, the line is answered,
//! the answer can be printed, and the session is as usable as before.
//!
//! `NETLAB_LINES=1000000 cargo test --release -p netlab --test mutated_lines` runs a million.

#![allow(clippy::expect_used, reason = "a failed expectation is the report")]

use netkit::data::printable;
use netkit::render::{Detail, text};
use netkit::session::names::Naming;
use netkit::session::{Interrupter, Options, Session};
use netkit::verbs::VERBS;
use nix::errno::Errno;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// So many lines are run in one session; then its sockets are counted and a new one begins.
const A_SESSION: usize = 500;

/// What these lines must not do: run programs, and write or read files. The lines' slashes
/// are taken out besides, so that no path leads anywhere.
const TOO_STRONG: &[&str] = &["start", "save", "export", "source", "unlink", "sleep", "lesson"];

#[test]
fn any_line_is_answered() {
    let lines = std::env::var("NETLAB_LINES").ok().and_then(|count| count.parse().ok()).unwrap_or(6000);
    let seeds: Vec<&str> = VERBS.iter().flat_map(|verb| verb.example.iter().copied()).collect();
    let mut chance = Chance(0x006e_6574_6c61_6221);
    let folder = tempfile::tempdir().expect("there is room for a folder");
    std::env::set_current_dir(folder.path()).expect("it can be entered");
    let before = open_descriptors("self");
    let impatience = impatience();
    let mut done = 0;
    while done < lines {
        let mut session = start();
        for _ in 0..A_SESSION.min(lines - done) {
            let line = line(&mut chance, &seeds);
            impatience.send(Some(session.interrupter())).expect("it listens");
            let outcome = session.run(&line);
            impatience.send(None).expect("it listens");
            done += 1;
            for shown in text::outcome(&outcome, Detail::Stable, session.names()) {
                assert!(shown == printable(&shown), "{line:?} is answered with {shown:?}");
            }
            if let Some(failure) = &outcome.failure {
                assert!(failure.message.len() > 5, "{line:?} fails without a word: {failure:?}");
                let inside = failure.span.as_ref().is_none_or(|span| span.start <= line.len());
                assert!(inside, "{line:?}: {failure:?}");
            }
            if session.worker_gone().is_some() || session.has_quit() {
                session = start();
            }
        }
        let outcome = session.run("last = socket udp");
        let crowded =
            outcome.failure.as_ref().is_some_and(|failure| failure.errno == Some(Errno::EMFILE as i32));
        assert!(outcome.ok() || crowded, "{outcome:?}");
    }
    assert_eq!(open_descriptors("self"), before, "every session has given back what it took");
}

/// Presses Ctrl-C as a person would, who has typed a line that waits for an hour. It is told
/// when a line begins, and when it has ended.
fn impatience() -> Sender<Option<Interrupter>> {
    const LONG: Duration = Duration::from_millis(500);
    let (sender, lines) = channel::<Option<Interrupter>>();
    std::thread::spawn(move || {
        while let Ok(begun) = lines.recv() {
            let Some(line) = begun else { continue };
            while matches!(lines.recv_timeout(LONG), Err(RecvTimeoutError::Timeout)) {
                line.interrupt();
            }
        }
    });
    sender
}

fn start() -> Session {
    let worker = Path::new(env!("CARGO_BIN_EXE_netlab")).into();
    Session::start(Options {
        limit: Some(Duration::from_millis(5)),
        settle: false,
        ..Options::new(worker, Naming::Names)
    })
    .expect("a session starts")
}

fn open_descriptors(process: &str) -> usize {
    std::fs::read_dir(format!("/proc/{process}/fd")).map_or(0, Iterator::count)
}

/// A line: every tenth of bytes alone, the others made from a seed.
fn line(chance: &mut Chance, seeds: &[&str]) -> String {
    let mut line: Vec<char> = if chance.below(10) == 0 {
        (0..chance.below(60)).map(|_| chance.character()).collect()
    } else {
        seeds[chance.below(seeds.len())].chars().collect()
    };
    for _ in 0..chance.below(4) {
        mutate(&mut line, chance, seeds);
    }
    let line: String = line.into_iter().filter(|character| *character != '/').collect();
    let strong = line.split_whitespace().any(|word| TOO_STRONG.contains(&word));
    if strong { String::from("jobs") } else { line }
}

fn mutate(line: &mut Vec<char>, chance: &mut Chance, seeds: &[&str]) {
    let place = chance.below(line.len() + 1);
    let other: Vec<char> = seeds[chance.below(seeds.len())].chars().collect();
    match chance.below(6) {
        0 => line.insert(place, chance.character()),
        1 => line.truncate(place),
        2 if place < line.len() => drop(line.remove(place)),
        3 => {
            // The end of another line.
            line.truncate(place);
            line.extend(&other[chance.below(other.len() + 1)..]);
        }
        4 => {
            // Its words in another order.
            let text: String = line.iter().collect();
            let mut words: Vec<&str> = text.split(' ').collect();
            let (one, two) = (chance.below(words.len()), chance.below(words.len()));
            words.swap(one, two);
            *line = words.join(" ").chars().collect();
        }
        _ => {
            let number = ["-1", "0", "65536", "4294967296", "99999999999999999999", "0x10", "1e9"];
            line.extend([' ']);
            line.extend(number[chance.below(number.len())].chars());
        }
    }
}

/// SplitMix64: the same lines on every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next()).unwrap_or(0) % limit.max(1)
    }

    fn character(&mut self) -> char {
        let odd = [
            '\0', '\t', '\u{1b}', '"', '\\', '(', ')', '#', '&', '=', '|', ':', '[', ']', '\u{202e}', 'ä',
            '𝄞',
        ];
        match self.below(3) {
            0 => odd[self.below(odd.len())],
            _ => char::from_u32(32 + u32::try_from(self.below(95)).unwrap_or(0)).unwrap_or(' '),
        }
    }
}
