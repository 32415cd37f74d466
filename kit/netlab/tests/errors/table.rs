//! A row for each error number: lines of which the last fails with it, and what stands in its
//! explanation. None of them depends on the machine.

use crate::{PAIR, support};
use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// An error number by its name in C; lines of which the last fails with it; what its
/// explanation says of this very situation, and what is to be done.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

/// A listener whose accept queue is full, so that the SYN of another client is not answered.
const FULL: &str = "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv 0\nfirst = socket tcp\nconnect first srv\nc = socket tcp\n";
const LISTENS: &str = "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv\n";
const TCP: &str = "c = socket tcp\n";
const UDP: &str = "u = socket udp\n";
const UNIX: &str = "c = socket unix\n";
/// Sockets of datagrams in the UNIX domain, a and b with a name.
const DATAGRAMS: &str = "a = socket unix-dgram\nb = socket unix-dgram\nbind a unix:a\nbind b unix:b\n";

const ROWS: &[Row] = &[
    // Making sockets.
    (
        "EPROTONOSUPPORT",
        &["socket AF_INET SOCK_STREAM IPPROTO_UDP"],
        &["a stream over IP is TCP", "leave the protocol out"],
    ),
    (
        "ESOCKTNOSUPPORT",
        &["socket AF_INET SOCK_SEQPACKET"],
        &["this type does not exist in this domain", "take SOCK_STREAM or SOCK_DGRAM"],
    ),
    ("EOPNOTSUPP", &["socketpair a b AF_INET SOCK_STREAM"], &["in the domain AF_UNIX only", "take AF_UNIX"]),
    // Descriptors.
    (
        "EBADF",
        &[TCP, "close c\n", "recv 3 1"],
        &["descriptor 3 was closed at line 2 (`close c`)", "`c = socket tcp` makes one"],
    ),
    ("ENOTSOCK", &["recv 0 1"], &["descriptor 0 leads to /dev/null", "`fds` says what each one is"]),
    // Addresses.
    (
        "EADDRINUSE",
        &[LISTENS, TCP, "bind c srv"],
        &["is held by this session's srv (LISTEN)", "`bind c 127.0.0.1:0`"],
    ),
    (
        "EADDRNOTAVAIL",
        &[TCP, "bind c 192.0.2.1:0"],
        &["no network interface of this machine has this address", "`ip address` lists"],
    ),
    (
        "EAFNOSUPPORT",
        &[TCP, "connect c [::1]:9"],
        &["c is a socket of AF_INET, and [::1]:9 is an address of AF_INET6", "`socket tcp6`"],
    ),
    (
        "EACCES",
        &[UDP, "sendto u \"x\" 255.255.255.255:9"],
        &["means every machine of the network", "`setsockopt u SO_BROADCAST 1`"],
    ),
    (
        "ENETUNREACH",
        &[TCP, "connect c 224.0.0.1:9"],
        &["224.0.0.1 is a multicast address", "127.0.0.1 is this machine"],
    ),
    (
        "EDESTADDRREQ",
        &[UDP, "send u \"x\""],
        &["the call names no destination", "`sendto u \"hello\" 127.0.0.1:7777`"],
    ),
    // Names in the UNIX domain: files, and what is wrong with a path.
    (
        "ECONNREFUSED",
        &["s = socket unix\nbind s unix:s\nlisten s\nclose s\n", UNIX, "connect c unix:s"],
        &["the file s is there, but the socket that was bound to it is closed", "`unlink s`"],
    ),
    (
        "ECONNREFUSED",
        &["s = socket unix\nbind s unix:s\n", UNIX, "connect c s"],
        &["s is bound to unix:s, but does not listen", "`listen s`, then connect again"],
    ),
    (
        "ECONNREFUSED",
        &["d = socket unix-dgram\nbind d unix:\n", UNIX, "connect c d"],
        &[
            "is the name of a UNIX datagram socket (d), and c is a UNIX stream socket",
            "make a socket of the same type",
        ],
    ),
    ("ECONNREFUSED", &[UNIX, "connect c unix:folder"], &["folder is a folder", "compare the path"]),
    (
        "EADDRINUSE",
        &["s = socket unix\nbind s unix:s\nclose s\n", UNIX, "bind c unix:s"],
        &["it was left by one that is closed", "`unlink s`, then bind again"],
    ),
    (
        "EADDRINUSE",
        &["s = socket unix\nbind s unix:s\n", UNIX, "bind c unix:s"],
        &["unix:s is held by this session's s", "take another path"],
    ),
    (
        "EPROTOTYPE",
        &[DATAGRAMS, UNIX, "connect c a"],
        &[
            "unix:a is a UNIX datagram socket, and c is a UNIX stream socket",
            "make a socket of the same type",
        ],
    ),
    ("ENOENT", &[UNIX, "connect c unix:nobody"], &["there is no file nobody", "start the server first"]),
    (
        "ENOENT",
        &[UNIX, "bind c unix:missing/s"],
        &["the folder missing does not exist", "take a path in a folder that is there"],
    ),
    ("ENOTDIR", &[UNIX, "bind c unix:file/s"], &["file is a file and no folder", "take a path in a folder"]),
    (
        "ELOOP",
        &[UNIX, "connect c unix:loop/s"],
        &["loop is a symbolic link to loop", "use a path without that link"],
    ),
    (
        "ENAMETOOLONG",
        &[UNIX, "connect c unix:long"],
        &["long is a symbolic link to a path in which a name has 300 bytes", "use a path without that link"],
    ),
    (
        "EPERM",
        &[DATAGRAMS, "connect a b\nd = socket unix-dgram\n", "sendto d \"x\" a"],
        &["the receiver is connected to another socket", "`show` tells which one"],
    ),
    // Connecting.
    (
        "EINPROGRESS",
        &[FULL, "nonblock c on\n", "connect c srv"],
        &["c is non-blocking (O_NONBLOCK)", "`poll c:out 5s`"],
    ),
    (
        "EALREADY",
        &[FULL, "nonblock c on\n! connect c srv\n", "connect c srv"],
        &["c is in state SYN-SENT now", "`wait c ESTABLISHED`"],
    ),
    (
        "ETIMEDOUT",
        &[FULL, "setsockopt c TCP_USER_TIMEOUT 0.1s\n", "connect c srv"],
        &["the accept queue of srv is full", "TCP_USER_TIMEOUT of c is 100 ms", "`accept srv` makes room"],
    ),
    (
        "EISCONN",
        &[PAIR, "connect c srv"],
        &["since line 5 (`connect c srv`)", "make a new socket for a new connection"],
    ),
    ("ENOTCONN", &[PAIR, "recv srv 1"], &["srv listens", "`conn = accept srv`"]),
    // Moving data.
    (
        "EAGAIN",
        &[LISTENS, "setsockopt srv SO_RCVTIMEO 0.1s\n", "accept srv"],
        &[
            "no client waits to be accepted",
            "SO_RCVTIMEO lets a call on srv wait 100 ms",
            "`setsockopt srv SO_RCVTIMEO 0`",
        ],
    ),
    (
        "EAGAIN",
        &[PAIR, "nonblock c on\n", "recv c 1"],
        &["nothing has come yet", "c is non-blocking (O_NONBLOCK)", "`poll c 5s`"],
    ),
    (
        "EPIPE",
        &[PAIR, "shutdown c WR\n", "send c \"x\""],
        &["c has ended sending itself, at line 7 (`shutdown c WR`)", "SIGPIPE", "`recv c 100`"],
    ),
    (
        "ECONNRESET",
        &[PAIR, "setsockopt c SO_LINGER 0\nclose c\n", "recv conn 1"],
        &["SO_LINGER 0 was set on it at line 7", "`close conn`"],
    ),
    (
        "EMSGSIZE",
        &[UDP, "sendto u \"\\(random:64K)\" 127.0.0.1:9"],
        &["this one was to have 64K bytes", "send it in parts"],
    ),
    ("EINTR", &[LISTENS, "poll srv"], &["srv (POLLIN) is not ready", "a connect to srv would end the wait"]),
    // Options.
    (
        "EINVAL",
        &[TCP, "setsockopt c TCP_KEEPCNT 128"],
        &["TCP_KEEPCNT takes 1 to 127, and 128 is out of that range", "`explain TCP_KEEPCNT`"],
    ),
    (
        "ENOPROTOOPT",
        &[UDP, "setsockopt u TCP_MAXSEG 500"],
        &["TCP_MAXSEG is for TCP sockets, and u is not one of them", "`explain TCP_MAXSEG`"],
    ),
    (
        "EPROTO",
        &[TCP, "setsockopt c IP_ADD_MEMBERSHIP 239.1.1.1"],
        &["IP_ADD_MEMBERSHIP is for UDP sockets", "`explain IP_ADD_MEMBERSHIP`"],
    ),
    (
        "ENODEV",
        &[UDP, "setsockopt u SO_BINDTODEVICE nowhere0"],
        &["no network interface of that name", "`explain SO_BINDTODEVICE`"],
    ),
];

/// The least number of different errors that are provoked.
const ENOUGH: usize = 25;

/// Runs lines in a folder that has all that a path can run into, under limits that the shell
/// sets; looks for the error and its explanation in what the last of them shows.
fn check(errno: &str, limits: &str, script: &str, phrases: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("folder")).unwrap();
    std::fs::write(path("file"), "").unwrap();
    symlink("loop", path("loop")).unwrap();
    symlink(Path::new(&"x".repeat(300)), path("long")).unwrap();
    std::fs::write(path("script"), script).unwrap();
    // What waits for ever is to be interrupted soon; nothing else takes so long.
    let limit = if errno == "EINTR" { "1" } else { "30" };
    let shell = format!("{limits} exec \"$0\" --limit {limit} script");
    let mut command = Command::new("sh");
    let command = command.args(["-c", &shell, env!("CARGO_BIN_EXE_netlab")]).current_dir(folder.path());
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let last = script.lines().last().unwrap();
    let shown = text.rsplit_once(&format!("> {last}\n")).map(|(_, shown)| shown);
    let shown = shown.unwrap_or_else(|| panic!("{errno}: not reached:\n{text}"));
    assert!(shown.contains(&format!(" = -1 {errno} (")), "{last}: {errno} was expected in\n{text}");
    assert!(shown.contains("    next: "), "{last}: what to do next is missing in\n{text}");
    for phrase in phrases {
        assert!(shown.contains(phrase), "{last}: `{phrase}` is not in\n{text}");
    }
}

#[test]
fn each_error_is_provoked_and_explained() {
    for (errno, lines, phrases) in ROWS {
        check(errno, "", &lines.concat(), phrases);
    }
    let distinct: BTreeSet<&str> = ROWS.iter().map(|(errno, ..)| *errno).collect();
    assert!(distinct.len() >= ENOUGH, "{} different errors: {distinct:?}", distinct.len());
}

#[test]
fn limits_of_the_process_and_of_the_system() {
    let sockets = "socket udp\n".repeat(5);
    check(
        "EMFILE",
        "ulimit -n 300 && ulimit -Sn 8 &&",
        &format!("{sockets}c = socket tcp"),
        &["the limit is 8", "`fds` lists them"],
    );
    let Ok(most) = std::fs::read_to_string("/proc/sys/net/ipv4/igmp_max_memberships") else {
        return println!("skipped: needs multicast");
    };
    let most: usize = most.trim().parse().unwrap();
    let join = |group: usize| {
        format!("setsockopt u IP_ADD_MEMBERSHIP 239.1.{}.{} 127.0.0.1", group / 250, group % 250)
    };
    let joins: Vec<String> = (0..=most).map(join).collect();
    if support::netlab()
        .write_stdin(format!("u = socket udp\n{}", joins[0]))
        .output()
        .unwrap()
        .status
        .success()
    {
        let script = format!("u = socket udp\n{}", joins.join("\n"));
        check("ENOBUFS", "", &script, &["as many groups as a socket may", "igmp_max_memberships"]);
    } else {
        println!("skipped: needs multicast on the loopback interface");
    }
}
