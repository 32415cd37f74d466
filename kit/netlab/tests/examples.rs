//! The example of every verb runs as it stands, in a fresh session.

mod support;

use netkit::verbs::VERBS;

#[test]
fn every_verbs_example_runs() {
    for verb in VERBS {
        let script: String = verb.example.iter().map(|line| format!("{line}\n")).collect();
        let assert = support::netlab().write_stdin(script).assert();
        let output = assert.get_output();
        assert!(output.status.success(), "{}:\n{}", verb.name, String::from_utf8_lossy(&output.stdout));
    }
}
