//! Programs beside the session, seen from outside: what they write, how they end, how much memory
//! they may have. (Their sockets are looked at in the scenarios of lab 01.)

#![allow(clippy::unwrap_used, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "a skipped test must say so")]

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

/// Scripts whose last line has to show these phrases.
const OF_SOCKETS: &[(&str, &str, &[&str])] = &[
    (
        "a socket that is in no table is shown all the same",
        "p = start python3 -c \"import socket;s=socket.socket();input()\"\nwait p SOCKET\nstate",
        &["p (-)  a tcp socket without an address"],
    ),
    (
        "of another process's UDP socket the kernel tells memory, and no size",
        "p = start python3 -c \"import socket;s=socket.socket(2,2);s.bind(('127.0.0.1',0));input()\"\n\
         wait p UDP\nc = socket udp\nsendto c \"abc\" p",
        &["p  UDP unconnected  127.0.0.1:<p>  a datagram waits"],
    ),
    (
        "who waits for a program that has ended hears so",
        "p = start python3 -c \"import socket;s=socket.create_server(('127.0.0.1',0));c=s.accept();input()\"\n\
         wait p LISTEN\nc = socket tcp\nconnect c p\nsend c \"abc\"\nstop p SIGKILL\n! wait c DRAINED",
        &["c has no other end any more", "the other end was p's, and that program has ended by SIGKILL"],
    ),
    (
        "a program's connection was closed when its FIN was seen, and not when the last of it was gone",
        "p = start python3 -c \"import socket;s=socket.create_server(('127.0.0.1',0));c,_=s.accept();c.recv(9);c.close();input()\"\n\
         wait p LISTEN\nc = socket tcp\nconnect c p\nsend c \"abc\"\nwait p REST\nsend c \"more\"\nwait p REST\n! send c \"end\"",
        &["the program p has closed its end, seen at line "],
    ),
];

#[test]
fn what_became_of_a_program_s_sockets_is_told() {
    if std::process::Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: needs python3");
        return;
    }
    for (what, script, phrases) in OF_SOCKETS {
        let output = netlab().args(["--limit", "20"]).write_stdin(*script).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let last = script.lines().last().unwrap();
        let (_, shown) = text.rsplit_once(&format!("> {last}\n")).unwrap();
        for phrase in *phrases {
            assert!(shown.contains(phrase), "{what}: `{phrase}` is not in\n{text}");
        }
        // By then it was gone.
        assert!(!shown.contains("at line 7"), "{what}\n{text}");
    }
}
