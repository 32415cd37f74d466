//! Lines as beginners type them, and what they are told: each must name a line that can be
//! typed in its place.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is the report")]

mod support;

/// What is typed, after `srv` and `c` were made; and what must be said.
const MISTAKES: &[(&str, &str)] = &[
    ("socket(AF_INET, SOCK_STREAM, 0)", "type it as `socket AF_INET SOCK_STREAM 0`"),
    ("s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)", "type it as `s = socket AF_INET SOCK_STREAM`"),
    ("srv.bind((\"127.0.0.1\", 7777))", "type it as `bind srv 127.0.0.1:7777`"),
    ("bind(srv, \"127.0.0.1\", 7777);", "type it as `bind srv 127.0.0.1:7777`"),
    ("exit()", "type it as `quit`"),
    ("bind srv 127.0.0.1", "`bind srv 127.0.0.1:0`"),
    ("bind srv 7777", "`bind srv 127.0.0.1:7777`"),
    ("bind srv port", "no socket or program is called `port`"),
    ("bind srv 127.0.0.1 7777", "one word, with a colon: `bind srv 127.0.0.1:7777`"),
    ("bind srv localhost 7777", "`bind srv localhost:7777`"),
    ("bind 127.0.0.1:7777", "the socket stands before the address"),
    ("bind srv, 127.0.0.1:0", "no `,`: `bind srv 127.0.0.1:0`"),
    ("bind srv", "for example: `bind srv 127.0.0.1:7777`"),
    ("bind srv http://127.0.0.1:80/", "no URL: host and port alone, `bind srv 127.0.0.1:80`"),
    ("bind srv ::1", "`bind srv [::1]:0`"),
    ("bind srv /tmp/x", "`bind srv unix:/tmp/x`"),
    ("bind srv 127.0.0.1:99999", "from 0 to 65535"),
    ("bind srv 127.0.0.1:", "for example: `bind srv 127.0.0.1:7777`"),
    ("srv bind 127.0.0.1:7777", "the verb comes first: `bind srv 127.0.0.1:7777`"),
    ("listen srv = 5", "here: `listen srv 5`"),
    ("listen srv five", "in digits"),
    ("listen serv", "perhaps srv was meant: `listen srv`"),
    ("listen", "for example: `listen "),
    ("Listen srv", "small letters: `listen`"),
    ("c2 = socket tpc", "perhaps tcp was meant: `c2 = socket tcp`"),
    ("c2 = socket", "for example: `c2 = socket tcp`"),
    ("connect c srv2", "perhaps srv was meant: `connect c srv`"),
    ("connect tcp 127.0.0.1:7777", "`c = socket tcp`"),
    ("send c hello world", "in quotes: `send c \"hello world\"`"),
    ("send c \u{201c}hello world\u{201d}", "in quotes: `send c \"hello world\"`"),
    ("send c 'hello world'", "in quotes: `send c \"hello world\"`"),
    ("send c \"hello", "close it where the bytes end: `send c \"hello\"`"),
    ("send c", "for example: `send c \"hello\"`"),
    ("recv c", "for example: `recv c 100`"),
    ("recv c -1", "no sign"),
    ("recv c 10 MSG_PEAK", "`recv c 10 MSG_PEEK`"),
    ("recv d 10", "open sockets are"),
    ("close c;", "no `;`: `close c`"),
    ("setsockopt srv REUSEADDR 1", "perhaps `SO_REUSEADDR` was meant"),
    ("srv", "`show srv`"),
    ("3", "`show 3`"),
    ("ls", "no shell"),
    ("ECONNREFUSED", "`explain ECONNREFUSED`"),
    ("help conect", "`help connect`"),
    ("explain TIMEWAIT", "`explain TIME-WAIT`"),
    ("= socket tcp", "`c = socket tcp`"),
    ("2c = socket tcp", "a name starts with a letter"),
    ("sendto c back c", "`bind c 127.0.0.1:0` gives it one"),
    ("socketpair unix", "NAME (a word of your choice)"),
    ("socketpair unix x y", "`unix` comes behind the others: `socketpair x y unix`"),
    ("socket SOCK_STREAM", "DOMAIN comes before it: `socket AF_INET SOCK_STREAM`"),
    ("poll in,out", "`poll c:in|out 2s`"),
    ("poll c:in,out", "`c:in|out`"),
    ("ulimit", "a number of bytes, such as 64M, or `unlimited`"),
    ("accept srv extra", "leave out what is too much: `accept srv`"),
];

#[test]
fn what_is_typed_by_mistake_is_understood() {
    let mut script = String::from("srv = socket tcp\nc = socket tcp\n");
    for (line, _) in MISTAKES {
        script.push_str(&format!("{line}\n"));
    }
    let mut netlab = support::netlab();
    let output = netlab.arg("--keep-going").write_stdin(script).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut rest = text.as_str();
    for (line, said) in MISTAKES {
        let (_, after) =
            rest.split_once(&format!("> {line}\n")).unwrap_or_else(|| panic!("not reached: {line}\n{rest}"));
        let shown = after.split_once("\n> ").map_or(after, |(shown, _)| shown);
        assert!(shown.contains("error:"), "{line}\n{shown}");
        assert!(shown.contains(said), "`{said}` is not in\n{shown}");
        rest = after;
    }
}
