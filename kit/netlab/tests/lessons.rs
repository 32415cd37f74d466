//! Lessons, through the program: every step of every chapter is met by the chapter's own
//! transcript, and not before; other ways are as good; what is wrong is not.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "how many steps were done is worth knowing")]

mod support;

use netkit::lesson::chapter::{Chapter, Step};
use netkit::lesson::chapters::CHAPTERS;
use serde_json::Value;
use std::path::Path;
use support::netlab;
use support::terminal::Terminal;
use tempfile::tempdir;

/// The answers to lines, with progress kept in a folder. Lines may fail.
fn answers(home: &Path, lines: &[&str]) -> Vec<Value> {
    let script: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let mut netlab = netlab();
    netlab.env("XDG_STATE_HOME", home).args(["--json", "--keep-going"]).current_dir(home);
    let output = netlab.write_stdin(script).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a script writes, as text. Lines may fail.
fn text(home: &Path, lines: &[&str]) -> String {
    let script: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let mut netlab = netlab();
    let output = netlab.env("XDG_STATE_HOME", home).arg("--keep-going").write_stdin(script).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Whether a line's answer says that the step is done.
fn done(answer: &Value) -> bool {
    answer["lesson"]["done"] == true
}

fn play(chapter: &Chapter, number: usize, step: &Step) {
    let place = format!("book/src/{}.md: {}", chapter.name, step.goal);
    let begin = format!("lesson {} {number}", chapter.name);
    let mut lines = vec![begin.as_str()];
    lines.extend(step.lines.iter().map(String::as_str));
    let home = tempdir().unwrap();
    let answers = answers(home.path(), &lines);
    let checks = answers[0]["report"]["checks"].as_array().expect(&place);
    for check in checks {
        assert_eq!(check["met"], false, "{place}\n  {check}\n  is met before anything was done");
    }
    let told: Vec<&Value> = answers.iter().filter(|answer| !answer["lesson"].is_null()).collect();
    let last = told.last().map(|answer| answer["lesson"]["checks"].clone()).unwrap_or_default();
    assert!(answers.iter().any(done), "{place}\n  is not met by the book's own lines: {last:#}");
    assert!(step.keep_going || answers.iter().all(|answer| answer["ok"] == true), "{place}: {answers:#?}");
}

#[test]
fn every_step_is_met_by_the_books_lines_and_not_before() {
    let mut count = 0;
    for (name, text) in CHAPTERS {
        let chapter = Chapter::parse(name, text).unwrap();
        for (number, step) in (1..).zip(&chapter.steps) {
            if let Some(missing) = step.missing {
                println!("skipped: needs {missing}: {name}, step {number}");
                continue;
            }
            play(&chapter, number, step);
            count += 1;
        }
    }
    assert!(count > 10, "only {count} steps were found");
    println!("{count} steps");
}

#[test]
fn another_way_is_as_good() {
    let home = tempdir().unwrap();
    // Other names, another address, another order, and steps back.
    for (lesson, lines) in [
        (
            "lesson connection 1",
            &[
                "unused = socket udp",
                "tür = socket tcp",
                "door = socket AF_INET SOCK_STREAM",
                "bind door 127.0.0.2:0",
                "listen door 5",
                "listen door 2",
            ][..],
        ),
        (
            "lesson connection 2",
            &[
                "visitor = socket tcp",
                "door = socket tcp",
                "listen door",
                "guest = accept door &",
                "connect visitor door",
            ],
        ),
        ("lesson descriptor 3", &["send 1 x", "listen 900"]),
        ("lesson data 4", &["shutdown conn WR", "recv c 1", "send c yes", "close c"]),
    ] {
        let lines: Vec<&str> = std::iter::once(lesson).chain(lines.iter().copied()).collect();
        let answers = answers(home.path(), &lines);
        assert!(done(answers.last().unwrap()), "{lesson}: {:#}", answers.last().unwrap());
        assert!(!answers[..answers.len() - 1].iter().any(done), "{lesson}: not before the last line");
    }
}

#[test]
fn what_is_wrong_is_not_enough() {
    let home = tempdir().unwrap();
    let wrong = |lines: &[&str], missing: &str| {
        let answers = answers(home.path(), lines);
        assert!(!answers.iter().any(done), "{lines:?}");
        let ticks = answers.iter().rev().find(|answer| !answer["lesson"].is_null()).unwrap();
        let checks = ticks["lesson"]["checks"].as_array().unwrap();
        let unmet: Vec<&str> = checks
            .iter()
            .filter(|check| check["met"] == false)
            .filter_map(|check| check["check"].as_str())
            .collect();
        assert!(unmet.iter().any(|check| check.contains(missing)), "{lines:?}: {unmet:?}");
    };
    // The wrong room, the wrong kind of socket, the right text without its effect.
    wrong(&["lesson connection 1", "s = socket tcp", "bind s 127.0.0.1:0", "listen s 3"], "LISTEN");
    wrong(&["lesson connection 1", "s = socket udp", "bind s 127.0.0.1:0", "listen s 2"], "LISTEN");
    wrong(&["lesson data 4", "close c", "recv conn 1", "close conn"], "has sent");
    // A call long before what it is joined to by `and`: the listener is never changed again.
    let once = [
        "lesson options 3",
        "s = socket tcp",
        "setsockopt s SO_KEEPALIVE on",
        "bind s 127.0.0.1:0",
        "listen s",
        "c = socket tcp",
        "connect c s",
        "conn = accept s",
        "getsockopt conn SO_KEEPALIVE",
    ];
    wrong(&once, "set anew");
    // The first of two calls was made before its turn.
    let early =
        ["lesson families 4", "socketpair a b unix", "send a x", "socketpair l r unix-dgram", "send l y"];
    wrong(&early, "send");
    // Asking whether a socket is non-blocking makes it none.
    wrong(&["lesson readiness 1", "nonblock srv", "accept srv MSG_DONTWAIT"], "made non-blocking");
    // Looking before there is anything to see.
    wrong(&["lesson descriptor 1", "fds", "c = socket tcp"], "then you have listed");
    // What was done before the step began does not count.
    wrong(&["c = socket tcp", "lesson descriptor 1", "fds", "d = socket udp", "fds"], "new TCP socket");
}

/// What is told of a step speaks of the book's names; so these are shown to who took others.
#[test]
fn the_books_lines_are_told_to_who_took_another_way() {
    let home = tempdir().unwrap();
    let told = "The book does it with these lines, of which it says:\n      a = socket tcp\n";
    let own = ["lesson descriptor 2", "x = socket udp", "y = socket udp", "close x", "x = socket udp"];
    let said = text(home.path(), &own);
    assert!(said.contains(told) && said.contains("`c` has the number that `a` gave back"), "{said}");
    assert_eq!(said.matches("A socket is a descriptor").count(), 1, "the headline stands once:\n{said}");
    let same =
        ["lesson descriptor 2", "a = socket tcp", "b = socket udp", "close a", "c = socket tcp", "fds"];
    let said = text(home.path(), &same);
    assert!(said.contains("Step 2 of 4 is done.") && !said.contains(told), "{said}");
}

#[test]
fn what_is_there_already_was_made_by_lines_that_have_numbers() {
    let home = tempdir().unwrap();
    let said = text(home.path(), &["lesson descriptor 1", "lesson data 2", "show c", "next"]);
    assert_eq!(said.matches("A socket is a descriptor").count(), 1, "the headline stands once:\n{said}");
    assert!(said.contains("These are there already, made by lines 3 to 8:"), "{said}");
    assert!(said.contains("made by        line 6: c = socket tcp"), "{said}");
    assert!(said.contains("next: in a lesson it is `lesson next`"), "{said}");
}

#[test]
fn hints_come_in_three_tiers() {
    let home = tempdir().unwrap();
    let lines =
        ["lesson connection 1", "hint", "hint", "hint", "door = socket tcp", "hint", "bind door 127.0.0.1:0"];
    let rest = ["hint", "listen door 2", "hint"];
    let answers = answers(home.path(), &[&lines[..], &rest].concat());
    let hint = |place: usize| answers[place]["report"]["lines"][0].as_str().unwrap().to_owned();
    assert!(hint(1).starts_with("It takes three calls"), "{}", hint(1));
    assert!(hint(2).contains("`listen`"), "{}", hint(2));
    assert_eq!(hint(3), "The book does it so: `srv = socket tcp`");
    assert_eq!(hint(5), "The book does it so: `bind srv 127.0.0.1:0`");
    assert_eq!(hint(7), "The book does it so: `listen srv 2`");
    assert!(done(&answers[8]));
    assert_eq!(hint(9), "This step is done: `lesson next` goes on.");
}

#[test]
fn progress_is_kept() {
    let home = tempdir().unwrap();
    let step = ["door = socket tcp", "bind door 127.0.0.1:0", "listen door 2"];
    let said =
        text(home.path(), &[&["lesson"][..], &["lesson connection"], &step, &["lesson next"]].concat());
    assert!(said.contains("connection  0 of 4"), "{said}");
    assert!(said.contains("Step 1 of 4 is done."), "{said}");
    assert!(
        said.contains("step 2 of 4. `hint` helps, `lesson stop` ends it.\n\n  The client connects"),
        "{said}"
    );
    assert!(said.contains("A step begins afresh: door was closed."), "{said}");

    let said = text(home.path(), &["lesson", "lesson connection", "lesson back", "lesson back"]);
    assert!(said.contains("connection  1 of 4"), "{said}");
    assert!(said.contains("step 2 of 4"), "goes on where it was left:\n{said}");
    assert!(said.contains("step 1 of 4"), "{said}");
    assert!(said.contains("error: this is the first step"), "{said}");
    use std::os::unix::fs::PermissionsExt;
    let file = home.path().join("netlab/lessons.json");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    // A file that something else has written into is said once, and left as it is.
    std::fs::write(&file, "{\"chapters\": 3}").unwrap();
    let said = text(home.path(), &[&["lesson"][..], &["lesson connection"], &step, &["lesson"]].concat());
    assert_eq!(said.matches("your progress is not kept").count(), 1, "{said}");
    assert!(said.contains("connection  1 of 4"), "still counted in this session:\n{said}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "{\"chapters\": 3}");

    // Nor is a folder that cannot be made an obstacle.
    let said = text(&file, &[&["lesson connection"][..], &step].concat());
    assert_eq!(said.matches("your progress is not kept").count(), 1, "{said}");
    assert!(said.contains("Step 1 of 4 is done."), "{said}");
}

#[test]
fn a_lesson_can_be_left_and_led() {
    let home = tempdir().unwrap();
    let said = text(home.path(), &["hint", "lesson xyzzy", "lesson connection 9", "lesson next"]);
    assert_eq!(said.matches("error: no lesson goes on").count(), 2, "{said}");
    assert!(said.contains("no lesson is called `xyzzy`"), "{said}");
    assert!(said.contains("has the steps 1 to 4"), "{said}");

    let number = 1 + CHAPTERS.iter().position(|(name, _)| *name == "connection").unwrap();
    let last = format!("lesson {number} 4");
    let said = text(home.path(), &[&last, "lesson again", "lesson stop", "fds", &last, "lesson next"]);
    assert_eq!(said.matches("step 4 of 4").count(), 3, "{said}");
    assert!(said.contains("srv, c, conn were closed"), "{said}");
    assert!(said.contains("3   srv   TCP socket  LISTEN"), "sockets stay open:\n{said}");
    assert!(said.contains("That was the last step of connection."), "{said}");
    assert!(said.contains(&format!("`lesson {}` is the next one.", CHAPTERS[number].0)), "{said}");
}

#[test]
fn a_lesson_at_a_terminal() {
    let home = tempdir().unwrap();
    let mut terminal = Terminal::start(60, home.path(), &[], &[]);
    // Names are completed; prose fits into the window, and its emphasis is the terminal's.
    terminal.awaits_prompt("");
    terminal.types("lesson conn\t\r");
    terminal.awaits("Goal: Make a TCP socket");
    terminal.awaits_prompt("");
    let screen = terminal.text();
    assert!(screen.lines().all(|row| row.chars().count() <= 60), "{screen}");
    assert!(screen.contains("findable: the server. The other"), "{screen}");
    assert!(!screen.contains("*server*"), "{screen}");
    terminal.enters("door = socket tcp", "[ ] a TCP socket is in LISTEN");
    terminal.enters("listen door 2", "[x] a TCP socket is in LISTEN");
    terminal.awaits("Step 1 of 4 is done.");

    // News of a job may be what was missing: it is told while nobody types.
    terminal.enters("lesson next", "A step begins afresh: door was");
    terminal.enters("door = socket tcp", "= 3");
    terminal.enters("listen door", "LISTEN");
    terminal.enters("accept door &", "[x] `accept` blocks");
    terminal.types("quit\r");
    terminal.awaits("quit");
}
