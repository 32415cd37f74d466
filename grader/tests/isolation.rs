//! Keeping programs apart must keep them from the machine, and must not change a verdict.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "a skipped test must say so")]

mod support;

use assert_cmd::Command;
use grader::grading::{Request, Which, grade};
use grader::isolation::Wanted;
use grader::kit::Kit;
use grader::model::{Level, Verdict};
use grader::schedules::Schedules;
use predicates::str::contains;
use std::path::Path;
use support::{GRADE, has, levels, only, own_lab};

#[test]
fn the_solutions_score_all_points_at_lower_levels_too() {
    let kit = Kit::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let graded = &|lab: &grader::kit::Lab, level: Level| {
        let request = Request {
            submission: kit.root.join("solutions").join(&lab.slug),
            lab: lab.clone(),
            programs: [].into(),
            scenarios: Which::All,
            schedules: Schedules::default(),
            seed: 3,
            worker: GRADE.into(),
            build_limit: grader::build::LIMIT,
            isolation: only(level),
            pictures: false,
            hidden: None,
        };
        let grade = grade(&kit, &request).unwrap();
        assert_eq!(grade.isolation.level, level);
        let report = grader::report::text::report(&grade, &kit).join("\n");
        assert!(grade.is_full(), "{}, {level}:\n{report}", lab.slug);
    };
    // At the highest one they are played by `solutions.rs`.
    let (labs, levels) = (kit.labs().unwrap(), levels());
    std::thread::scope(|scope| {
        for (lab, level) in labs.iter().flat_map(|lab| levels.iter().skip(1).map(move |level| (lab, level))) {
            scope.spawn(move || graded(lab, *level));
        }
    });
}

/// What a program sees: a shell's command runs, and its output must be this.
fn sees(command: &str, output: &str) {
    let scenario = "p = start p\nwait p\noutput p all stdout\n";
    let snapshot = format!(
        "> p = start p\n  p started\n> wait p\n  p ended with exit code 0\n> output p all stdout\n  {output}\n"
    );
    let wanted = only(Level::Namespaces);
    let (grade, report) = own_lab(wanted, scenario, Some(&snapshot), &["sh", "-c", command], GRADE);
    assert_eq!(grade.scenarios[0].verdict, Verdict::Pass, "{command}\n{report}");
}

#[test]
fn in_namespaces_a_program_sees_only_what_it_needs() {
    if !has(Level::Namespaces) {
        return;
    }
    let snapshot = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/02-echo/01-server-listens.snap");
    assert!(snapshot.exists());
    let gone = format!("test -e {} || echo none", snapshot.display());
    for (command, output) in [
        (gone.as_str(), "\"none\\n\""),
        // The launcher and the shell.
        ("echo /proc/[0-9]*", "\"/proc/1 /proc/2\\n\""),
        // No line but the headline: there is no way out.
        ("wc -l < /proc/net/route", "\"1\\n\""),
        ("grep -c : /proc/net/dev", "\"1\\n\""),
        (
            "for d in / /usr /etc /dev /run; do touch $d/x 2>/dev/null && echo $d; done; echo none",
            "\"none\\n\"",
        ),
        ("echo x 2>/dev/null >/proc/sys/kernel/core_pattern && echo changed || echo none", "\"none\\n\""),
        ("touch here /tmp/there && ls", "\"here\\n\""),
        ("id -u; hostname", "\"1000\\nlab\\n\""),
        ("grep CapEff /proc/self/status", "\"CapEff:\\t0000000000000000\\n\""),
        ("ls /proc/self/fd > here; wc -l < here", "\"4\\n\""),
        ("unshare --user true 2>/dev/null || echo none", "\"none\\n\""),
        ("umask", "\"0022\\n\""),
    ] {
        sees(command, output);
    }
}

#[test]
fn how_a_program_ended_is_told_alike_at_every_level() {
    for level in levels() {
        for (command, ending) in [
            ("exit 139", "ended with exit code 139"),
            ("kill -SEGV $$", "ended by SIGSEGV"),
            ("kill -TERM $$", "ended by SIGTERM"),
        ] {
            let snapshot = format!("> p = start p\n  p started\n> wait p\n  p {ending}\n");
            let program = ["sh", "-c", command];
            let (grade, report) =
                own_lab(only(level), "p = start p\nwait p\n", Some(&snapshot), &program, GRADE);
            assert_eq!(grade.scenarios[0].verdict, Verdict::Pass, "{level}, {command}\n{report}");
        }
    }
}

#[test]
fn a_signal_reaches_the_program_itself() {
    for level in levels() {
        let command = "trap 'echo bye; exit 3' TERM; echo here; while :; do sleep 0.01; done";
        let scenario = "p = start p\noutput p line\nstop p\nwait p\noutput p all stdout\n";
        let snapshot = "> p = start p\n  p started\n> output p line\n  \"here\\n\"\n> stop p\n  p ended with exit code 3\n> wait p\n  p ended with exit code 3\n> output p all stdout\n  \"bye\\n\"\n";
        let (grade, report) = own_lab(only(level), scenario, Some(snapshot), &["sh", "-c", command], GRADE);
        assert_eq!(grade.scenarios[0].verdict, Verdict::Pass, "{level}\n{report}");
    }
}

#[test]
fn without_bubblewrap_the_report_says_what_is_missing() {
    let bare = |arguments: &[&str]| {
        let mut command = Command::new(GRADE);
        // There is no program in this folder.
        command.env("PATH", "/proc/self/task").args(["2", "--scenario", "server-listens"]).args(arguments);
        command.args(["--program", "echo-server=/bin/cat", "--program", "echo-client=/bin/cat"]);
        command.current_dir(env!("CARGO_MANIFEST_DIR")).assert()
    };
    let reason = "bubblewrap (`bwrap`) is not installed";
    bare(&[]).code(1).stdout(contains(reason)).stdout(contains("isolation namespaces").count(0));
    bare(&["--require-isolation", "namespaces"]).code(3).stderr(contains(reason));
    bare(&["--isolation", "namespaces"]).code(3).stderr(contains(reason));
    let words = "nothing keeps these programs from your files and the network";
    bare(&["--isolation", "process-group"]).code(1).stdout(contains(words));
}

#[test]
fn what_is_readable_can_be_said() {
    if !has(Level::Namespaces) {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    std::fs::write(&file, "text").unwrap();
    let command = format!("cat {0} && (echo x > {0}) 2>/dev/null || echo ' only'", file.display());
    let scenario = "p = start p\nwait p\noutput p all stdout\n";
    let snapshot = "> p = start p\n  p started\n> wait p\n  p ended with exit code 0\n> output p all stdout\n  \"text only\\n\"\n";
    let wanted = Wanted { readable: vec![place.path().to_owned()], ..only(Level::Namespaces) };
    let (grade, report) = own_lab(wanted, scenario, Some(snapshot), &["sh", "-c", &command], GRADE);
    assert_eq!(grade.scenarios[0].verdict, Verdict::Pass, "{report}");
}
