//! The pictures: the state diagram and the ladder, as text and as SVG.

#![allow(clippy::expect_used, reason = "a failed expectation is the report")]

mod support;

use predicates::prelude::*;
use predicates::str::contains;
use support::terminal::Terminal;
use support::{Talk, netlab, transcript};
use tempfile::tempdir;

const SESSION: &str = include_str!("scripts/pictures.netlab");

#[test]
fn the_pictures_of_a_session() {
    let first = transcript(SESSION);
    insta::assert_snapshot!(first);
    for _ in 0..3 {
        assert_eq!(transcript(SESSION), first, "the same on every run");
    }
    let widest = first.lines().filter(|line| line.contains('│')).map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{widest:?}");
}

#[test]
fn the_same_facts_for_programs() {
    let mut talk = Talk::start(&[]);
    for line in SESSION.lines().take(16) {
        talk.ask(line);
    }
    let states = talk.ask("states")["report"].clone();
    assert_eq!(states["LISTEN"]["now"], serde_json::json!(["srv"]));
    assert_eq!(states["FIN-WAIT-1"]["inferred"], serde_json::json!(["c"]));
    assert_eq!(states["SYN-SENT"]["now"], serde_json::json!([]));
    let ladder = talk.ask("diagram c conn from 8")["report"].clone();
    assert_eq!(ladder["actors"], serde_json::json!(["c", "conn"]));
    let marks = ladder["steps"].as_array().expect("a list").iter().flat_map(|step| step["marks"].as_array());
    let sent = marks.flatten().find(|mark| mark["bytes"] == 15).expect("what c sent");
    assert_eq!((&sent["actor"], &sent["to"], &sent["arrived"]), (&0.into(), &1.into(), &true.into()));
}

#[test]
fn svg_files() {
    let folder = tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let export = |rest: &str| SESSION.lines().take(16).chain([rest]).collect::<Vec<_>>().join("\n");
    transcript(&export(&format!("export svg {}", path("ladder.svg"))));
    transcript(&export(&format!("export svg {} states", path("states.svg"))));
    for name in ["ladder.svg", "states.svg"] {
        let text = std::fs::read_to_string(path(name)).expect("was written");
        assert!(text.starts_with("<svg xmlns") && text.ends_with("</svg>\n"), "{name}");
        for part in ["<title id=", "<desc id=", "prefers-color-scheme:dark", "role=\"img\""] {
            assert!(text.contains(part), "{name} lacks {part}");
        }
        assert!(!text.contains("http") || text.matches("http").count() == 1, "{name} needs nothing else");
        well_formed(&text);
    }
    let ladder = std::fs::read_to_string(path("ladder.svg")).expect("was written");
    assert!(ladder.contains("&lt;hello&gt; &amp; "), "what was sent is not markup");

    // What is there is kept, unless this session wrote it.
    netlab()
        .write_stdin(format!("export svg {} states\n", path("ladder.svg")))
        .assert()
        .code(1)
        .stdout(contains("is there already"));
    assert_eq!(std::fs::read_to_string(path("ladder.svg")).expect("is there"), ladder);
    transcript(&format!("export svg {0}\nexport svg {0} states", path("new.svg")));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 3, "nothing else is left");
}

/// Every element that is opened is closed, in order.
fn well_formed(text: &str) {
    let mut open = Vec::new();
    for tag in text.split('<').skip(1) {
        let (tag, rest) = tag.split_once('>').expect("a tag ends");
        assert!(!rest.contains('>') || rest.starts_with("svg{"), "a bare > in {rest:?}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().expect("a name"));
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn what_cannot_be_drawn_is_said() {
    netlab()
        .args(["--keep-going"])
        .write_stdin("diagram\nsrv = socket tcp\ndiagram x\ndiagram from\ndiagram srv from 1 2\nexport svg\nexport png a\n")
        .assert()
        .code(1)
        .stdout(
            contains("nothing has happened that could be drawn")
                .and(contains("concerns `x`"))
                .and(contains("there are srv"))
                .and(contains("`from` needs the number of a line"))
                .and(contains("`export` needs FILE"))
                .and(contains("FORMAT: c, python, rust, svg")),
        );
}

/// The terminal decides: its locale what characters there are, its width how they are laid out.
#[test]
fn pictures_suit_the_terminal() {
    let home = tempdir().expect("a folder");
    let mut ascii = Terminal::start(80, home.path(), &[], &[("LC_ALL", "C")]);
    ascii.enters("srv = socket tcp", "= 3");
    let screen = ascii.enters("states", "CLOSE-WAIT");
    assert!(screen.contains("+ CLOSED ----------+") && screen.contains("* srv"), "{screen}");
    assert!(screen.is_ascii(), "{screen}");
    let screen = ascii.enters("diagram", "1 | socket(AF_INET");
    assert!(screen.is_ascii(), "{screen}");

    let mut boxes = Terminal::start(80, home.path(), &[], &[("LC_ALL", "en_US.UTF-8")]);
    boxes.enters("srv = socket tcp", "= 3");
    let screen = boxes.enters("states", "CLOSE-WAIT");
    assert!(screen.contains("┌ CLOSED ──────────┐"), "{screen}");

    let mut narrow = Terminal::start(50, home.path(), &[], &[("LC_ALL", "C.UTF-8")]);
    narrow.enters("srv = socket tcp", "= 3");
    let screen = narrow.enters("states", "ACK in to CLOSED");
    assert!(screen.contains("CLOSED: srv is there now."), "{screen}");
    narrow.enters("diagram", "1 │ socket(AF_INET");
}
