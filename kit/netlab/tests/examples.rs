//! The example of every verb runs as it stands, in a fresh session.

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

mod support;

use netkit::verbs::VERBS;

#[test]
fn every_verbs_example_runs() {
    for verb in VERBS {
        // Some make files.
        let folder = tempfile::tempdir().unwrap();
        let script: String = verb.example.iter().map(|line| format!("{line}\n")).collect();
        let assert = support::netlab().current_dir(folder.path()).write_stdin(script).assert();
        let output = assert.get_output();
        assert!(output.status.success(), "{}:\n{}", verb.name, String::from_utf8_lossy(&output.stdout));
    }
}
