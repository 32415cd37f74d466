//! Every format, from one grade that has all there can be, with texts that mean something in each of them.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

use grader::kit::Kit;
use grader::model::{BuildFailure, Failure, Grade, Isolation, Judged, Level, Program, Source, Verdict};
use grader::report::{self, FORMATS};
use quick_xml::events::Event;
use serde_json::Value;
use std::path::Path;

/// What a student may hope to smuggle in: workflow commands, markup, the ends of blocks.
const HOSTILE: &str = "::error::x ##[error]y %0A ]]> </pre><script>alert(1)</script> ``````` | **b** & \"'";

fn kit() -> Kit {
    Kit::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn judged(name: &str, verdict: Verdict) -> Judged {
    let passed = verdict == Verdict::Pass;
    Judged {
        name: name.into(),
        title: "every byte comes back".into(),
        verdict,
        points: if passed { 40 } else { 0 },
        max_points: 40,
        hint: "Look for what takes bytes for text.".into(),
        transcript: String::new(),
        expected: String::new(),
        hidden: false,
        failure: None,
        reason: None,
        ladder: None,
    }
}

fn failed(actual: &str) -> Judged {
    let line = "recv-exact c 5";
    Judged {
        transcript: format!("> c = socket tcp\n  ok\n> {line}\n  {actual}"),
        expected: format!("> c = socket tcp\n  ok\n> {line}\n  5 bytes \"a\\xffb\""),
        failure: Some(Failure {
            step: 2,
            line: line.into(),
            expected: vec!["5 bytes \"a\\xffb\"".into()],
            actual: vec![actual.into()],
            said: vec!["the peer has closed".into()],
            ends: vec!["c (3)  ESTABLISHED".into()],
            programs: vec![Program {
                name: "server".into(),
                ending: None,
                stderr: vec![HOSTILE.into()],
                unread: vec![HOSTILE.into()],
            }],
            schedule: None,
        }),
        ladder: Some("<svg><text>100% #1</text></svg>".into()),
        ..judged("server-bytes", Verdict::Fail)
    }
}

/// A grade with one scenario of each verdict that a submission can cause.
fn grade() -> Grade {
    let skipped = Judged {
        reason: Some("`server-bytes` has to pass first".into()),
        max_points: 20,
        ..judged("server-large", Verdict::Skipped)
    };
    Grade {
        lab: "echo".into(),
        number: 2,
        title: "Echo: bytes there and back".into(),
        score: 40,
        max_score: 100,
        isolation: Isolation { level: Level::Namespaces, because: Vec::new() },
        seed: 7,
        files: vec!["src/server.rs".into(), "src/client.rs".into()],
        build_failure: None,
        scenarios: vec![
            judged("server-listens", Verdict::Pass),
            failed(&format!("5 bytes \"a\\xef{HOSTILE}")),
            skipped,
        ],
        source: Source::Lab,
    }
}

/// One whose programs could not be built.
fn unbuilt() -> Grade {
    let message = "error[E0308]: mismatched types\n  --> labs/02-echo/src/server.rs:10:5\n   |\nerror: ::set-env x%\n \
                   --> labs/02-echo/src/client.rs:3:1\n";
    Grade {
        score: 0,
        build_failure: Some(BuildFailure {
            summary: "the submission does not compile".into(),
            message: message.into(),
        }),
        scenarios: vec![Judged {
            reason: Some("the submission does not compile".into()),
            ..judged("server-listens", Verdict::Skipped)
        }],
        ..grade()
    }
}

/// One that is no judgement.
fn unjudged() -> Grade {
    let error = Judged {
        reason: Some("the worker does not start".into()),
        ..judged("server-listens", Verdict::HarnessError)
    };
    Grade { score: 0, scenarios: vec![error], ..grade() }
}

fn written(format: &str, grade: &Grade) -> String {
    (report::find(format).unwrap().write)(grade, &kit()).unwrap()
}

#[test]
fn what_each_format_writes() {
    for format in ["text", "junit", "gradescope", "prairielearn", "github-summary", "github-annotations"] {
        insta::assert_snapshot!(format!("{format}, graded"), written(format, &grade()));
        insta::assert_snapshot!(format!("{format}, not built"), written(format, &unbuilt()));
    }
}

#[test]
fn only_what_is_for_people_and_ci_is_written_where_the_grader_failed() {
    for format in FORMATS {
        let wrote = (format.write)(&unjudged(), &kit()).is_ok();
        let platform = ["gradescope", "prairielearn", "classroom50"].contains(&format.name);
        assert_eq!(wrote, !platform, "{}", format.name);
    }
    let junit = written("junit", &unjudged());
    assert!(junit.contains("errors=\"1\"") && junit.contains("<error "), "{junit}");
}

#[test]
fn junit_is_well_formed_and_says_what_it_counts() {
    for grade in [grade(), unbuilt(), unjudged()] {
        let text = written("junit", &grade);
        let mut reader = quick_xml::Reader::from_str(&text);
        let (mut cases, mut failures, mut depth) = (0, 0, 0);
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => {
                    depth += 1;
                    cases += usize::from(start.name().as_ref() == "testcase");
                    failures += usize::from(start.name().as_ref() == "failure");
                }
                Event::Empty(empty) => cases += usize::from(empty.name().as_ref() == "testcase"),
                Event::End(_) => depth -= 1,
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0);
        assert!(text.contains(&format!("tests=\"{cases}\" failures=\"{failures}\"")), "{text}");
    }
}

/// The fields that a platform knows, and of which type: from its documentation.
fn conforms(value: &Value, fields: &[(&str, &str)]) {
    let kind = |value: &Value| match value {
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        _ => "else",
    };
    let object = value.as_object().unwrap();
    for (name, value) in object {
        let known = fields.iter().find(|(field, _)| field == name);
        assert_eq!(known.map(|(_, kind)| *kind), Some(kind(value)), "{name}: {value}");
    }
}

#[test]
fn gradescope_and_prairielearn_get_what_they_document() {
    let gradescope = [
        ("score", "number"),
        ("output", "string"),
        ("output_format", "string"),
        ("test_output_format", "string"),
        ("test_name_format", "string"),
        ("visibility", "string"),
        ("stdout_visibility", "string"),
        ("tests", "array"),
    ];
    let test = [
        ("score", "number"),
        ("max_score", "number"),
        ("status", "string"),
        ("name", "string"),
        ("output", "string"),
        ("visibility", "string"),
    ];
    for grade in [grade(), unbuilt()] {
        let value: Value = serde_json::from_str(&written("gradescope", &grade)).unwrap();
        conforms(&value, &gradescope);
        value["tests"].as_array().unwrap().iter().for_each(|value| conforms(value, &test));
    }
    let prairielearn = [
        ("gradable", "boolean"),
        ("score", "number"),
        ("message", "string"),
        ("output", "string"),
        ("format_errors", "array"),
        ("tests", "array"),
    ];
    let test = [
        ("name", "string"),
        ("description", "string"),
        ("points", "number"),
        ("max_points", "number"),
        ("message", "string"),
        ("output", "string"),
    ];
    for grade in [grade(), unbuilt()] {
        let value: Value = serde_json::from_str(&written("prairielearn", &grade)).unwrap();
        conforms(&value, &prairielearn);
        value["tests"].as_array().into_iter().flatten().for_each(|value| conforms(value, &test));
    }
    let value: Value = serde_json::from_str(&written("prairielearn", &grade())).unwrap();
    assert_eq!(value["score"], 0.4);
}

#[test]
fn prairielearn_gets_no_more_than_it_takes() {
    let long = "\u{1}".repeat(300_000);
    let mut grade = grade();
    for _ in 0..20 {
        let mut large = failed("x");
        large.failure.as_mut().unwrap().said = vec![long.clone()];
        grade.scenarios.push(large);
    }
    assert!(written("prairielearn", &grade).len() < 1_000_000);
}

#[test]
fn a_summary_stays_within_its_room_and_ten_annotations_are_enough() {
    let mut grade = grade();
    for _ in 0..20 {
        let mut large = failed("x");
        large.failure.as_mut().unwrap().said = vec!["y".repeat(100_000)];
        grade.scenarios.push(large);
    }
    let summary = written("github-summary", &grade);
    assert!(summary.len() < 1 << 20 && summary.contains("More has failed"), "{}", summary.len());
    let annotations = written("github-annotations", &grade);
    assert_eq!(annotations.lines().count(), 10);
    assert!(annotations.lines().all(|line| line.starts_with("::error ")));
    assert!(annotations.ends_with("::and 12 more: see the summary of the job\n"), "{annotations}");
}

#[test]
fn a_page_needs_nothing_and_runs_nothing() {
    for grade in [grade(), unbuilt(), unjudged()] {
        let page = written("html", &grade);
        for forbidden in ["<script", "src=\"http", "href=\"http", "url(", "@import", "onclick"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }
    let page = written("html", &grade());
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(
        page.contains("data:image/svg+xml;charset=utf-8,%3Csvg%3E%3Ctext%3E100%25 %231%3C/text%3E%3C/svg%3E")
    );
    // The byte as a whole is what differs, not the digit in which it does.
    assert!(page.contains("5 bytes &quot;a<mark>\\xffb&quot;</mark>"), "{page}");
}
