//! Programs beside the session, seen from outside: what they write, how they end, how much memory
//! they may have. (Their sockets are looked at in the scenarios of lab 01.)

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]

mod support;

use support::netlab;

/// A script's lines with what they have to give, as `--keep-going` shows them.
const TRANSCRIPT: &str = r#"> p = start sh -c "echo $$; echo two"
  p started
> output p line stdout "\(pid:p)"
  that line
> output p line stdout "three"
  error: p has written "two\n", and not "three\n"
> p = start echo one two
  p started
> output p lacks stdout "three"
  nothing with "three"
> output p lacks stdout "three"
  nothing with "three"
> q = start echo one two
  q started
> output q lacks stdout "TWO"
  error: q has written "one two\n", and that has "TWO" in it
> p = start cat
  p started
> fds p
  p has no socket
> wait p SOCKET 50ms
  error: p does not have a socket: the time is up
> p = start sh -c "exit 3"
  p started
> wait p FAILURE
  p ended with a failure
> p = start true
  p started
> wait p FAILURE
  error: p ended with exit code 0, which is no exit code of a failure
> p = start sh -c "kill -9 $$"
  p started
> wait p FAILURE
  error: p ended by SIGKILL, which is no exit code of a failure
> ulimit 64M
  programs may have 64M for their data
> p = start sh -c "ulimit -d"
  p started
> output p line
  "65536\n"
> ulimit much
  ulimit much
         ^^^^
  error: SIZE (a number of bytes, such as 64M, or `unlimited`) is needed here
    next: `ulimit` is typed as `ulimit SIZE`; `help ulimit` shows an example
"#;

#[test]
fn programs_are_seen_from_outside() {
    let lines = TRANSCRIPT.lines().filter_map(|line| line.strip_prefix("> "));
    let script: String = lines.map(|line| format!("{line}\n")).collect();
    let assert = netlab().arg("--keep-going").write_stdin(script).assert();
    assert_eq!(
        String::from_utf8(assert.get_output().stdout.clone()).unwrap().trim_end(),
        TRANSCRIPT.trim_end()
    );
}
