//! What a session does where the system lacks something: it says what, and the rest goes on.

#![allow(clippy::expect_used, reason = "a failed expectation is the report")]
#![allow(clippy::print_stderr, reason = "what was skipped is to be seen")]

use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};

const CONNECTION: &str = "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv\nc = socket tcp\nconnect c srv\n\
                          fds\nstate srv\ns = accept srv\nsend c hello\nqueues\nrecv s 10\nshutdown c WR\nstate c\n";

/// What `netlab --keep-going` makes of a script.
fn played(mut command: Command, script: &str) -> Output {
    let file = tempfile::NamedTempFile::new().expect("there is room for a file");
    std::fs::write(file.path(), script).expect("it can be written");
    let input = Stdio::from(file.reopen().expect("it can be read"));
    command.stdin(input).output().expect("the program starts")
}

/// netlab in a mount namespace of its own, in which the shell has first done this.
fn after(preparation: &str, script: &str) -> Option<Output> {
    let mut command = Command::new("unshare");
    command.args(["-Urm", "sh", "-c", &format!("{preparation} && exec \"$0\" --keep-going")]);
    command.arg(env!("CARGO_BIN_EXE_netlab"));
    let works = Command::new("unshare").args(["-Urm", "true"]).output();
    if !works.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: needs unshare(1) and user namespaces");
        return None;
    }
    Some(played(command, script))
}

/// The calls of a transcript, without what was seen around them.
fn calls(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter(|line| line.starts_with("> ") || line.contains(") = ")).map(str::to_owned).collect()
}

fn as_always(script: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netlab"));
    command.arg("--keep-going");
    played(command, script)
}

#[test]
fn without_proc_calls_are_made_and_sockets_seen() {
    let script = format!("{CONNECTION}accept srv &\nconnect c srv\n");
    let Some(output) = after("mount -t tmpfs none /proc", &script) else { return };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(calls(&output)[..19], calls(&as_always(&script))[..19], "{errors}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("c  ESTABLISHED -> FIN-WAIT-2"), "states are still seen: {text}");
    assert!(!text.contains("is blocked"), "what cannot be seen is not claimed: {text}");
}

/// netlab whose kernel refuses netlink's sock_diag, as some sandboxes do.
fn without_sock_diag() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netlab"));
    command.arg("--keep-going");
    // SAFETY: between fork and exec only two system calls are made.
    unsafe { command.pre_exec(refuse_sock_diag) };
    command
}

/// Makes `socket(AF_NETLINK, ...)` fail with EPROTONOSUPPORT for this process and all that it
/// starts: seccomp(2), a filter of classic BPF.
fn refuse_sock_diag() -> std::io::Result<()> {
    const NUMBER: u32 = 0;
    const FIRST_ARGUMENT: u32 = 16;
    let load = |offset| (nix::libc::BPF_LD | nix::libc::BPF_W | nix::libc::BPF_ABS, 0, 0, offset);
    let equal = |value, no| (nix::libc::BPF_JMP | nix::libc::BPF_JEQ | nix::libc::BPF_K, 0, no, value);
    let give = |value| (nix::libc::BPF_RET | nix::libc::BPF_K, 0, 0, value);
    let filter = [
        load(NUMBER),
        equal(nix::libc::SYS_socket as u32, 3),
        load(FIRST_ARGUMENT),
        equal(nix::libc::AF_NETLINK as u32, 1),
        give(nix::libc::SECCOMP_RET_ERRNO | nix::libc::EPROTONOSUPPORT as u32),
        give(nix::libc::SECCOMP_RET_ALLOW),
    ]
    .map(|(code, jt, jf, k)| nix::libc::sock_filter { code: code as u16, jt, jf, k });
    let mut filter = filter;
    let program = nix::libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: both calls take numbers and a pointer to a program that lives until they return.
    let refused = unsafe {
        nix::libc::prctl(nix::libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
            && nix::libc::prctl(nix::libc::PR_SET_SECCOMP, nix::libc::SECCOMP_MODE_FILTER, &raw const program)
                == 0
    };
    if refused { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

#[test]
fn without_sock_diag_the_own_ends_are_seen() {
    let output = played(without_sock_diag(), &format!("{CONNECTION}netstat\nclose c\n"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(text.matches("nothing is seen here").count(), 1, "it is said, once: {text}");
    assert_eq!(calls(&output)[..19], calls(&as_always(CONNECTION))[..19], "{text}");
    assert!(text.contains("LISTEN"), "{text}");
    assert!(text.contains("1 of"), "the accept queue is known to the listener itself: {text}");
    assert!(text.contains("sock_diag"), "netstat says what it lacks: {text}");
    assert!(text.contains("close(4) = 0"), "and the session goes on: {text}");
}

#[test]
fn a_full_disk_is_said_and_nothing_is_lost() {
    let place = tempfile::tempdir().expect("there is room for a folder");
    let disk = place.path().display();
    let preparation = format!(
        "mount -t tmpfs -o size=16k none {disk} && cd {disk} && {{ dd if=/dev/zero of=fill bs=1k count=99 2>/dev/null; true; }}"
    );
    let script = "a = socket udp\nsave here\nexport c prog.c\nexport svg picture.svg\nbind a 127.0.0.1:0\n";
    let Some(output) = after(&preparation, script) else { return };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for file in ["here", "prog.c", "picture.svg"] {
        let said = format!("cannot write {file}: No space left on device (os error 28); nothing was written");
        assert!(text.contains(&said), "{text}");
    }
    assert!(text.contains("make room"), "and what to do: {text}");
    assert!(text.contains("bind(3, {127.0.0.1:0}) = 0") || text.contains("bind(3,"), "{text}");
}
