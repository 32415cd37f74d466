//! A session as a program in C.

use super::plan::{Action, Argument, Piece, Plan, Planned, Step};
use super::{LARGE, c_name};
use crate::address::{Address, UnixAddress};
use crate::worker::call::Until;
use std::fmt::Write as _;
use std::net::SocketAddr;

/// The program.
pub(super) fn program(plan: &Plan) -> String {
    let mut text = HEADER.to_owned();
    for (name, code) in HELPERS {
        if used(plan, name) {
            let key = format!("{:#018x}", plan.key);
            text.push_str(&code.replace("KEY", &key));
        }
    }
    if !plan.sockets.is_empty() {
        text.push_str("/* The sockets. They stand here, where threads see them, too. */\n");
        for socket in &plan.sockets {
            let _ = writeln!(text, "static int {socket} = -1;");
        }
    }
    for step in &plan.steps {
        if let Action::Start(job, call) = &step.action {
            text.push_str(&job_function(plan, step, *job, call));
        }
    }
    text.push_str(MAIN);
    for step in &plan.steps {
        text.push_str(&self::step(plan, step));
    }
    text.push_str(END);
    text
}

const HEADER: &str = r#"/*
 * Written by netlab: the calls of a session, in the order in which they were made.
 *
 * Build it:  gcc -std=c17 -Wall -Wextra -Wpedantic -pthread FILE.c -o FILE
 * Run it:    ./FILE             or ./FILE --pause, which stops at the end, so that you can
 *                               look at the sockets in another terminal: ss -tuanp
 *
 * In front of each call stands the line of the session. It prints the number of the line
 * and what the call returned. A call that fails though it did not fail in the session ends
 * the program.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

"#;

const MAIN: &str = r#"
int main(int argc, char **argv)
{
    /* A line at a time, also into a pipe. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    /* To send on a connection that is broken is then an error, EPIPE, and not the end. */
    signal(SIGPIPE, SIG_IGN);
"#;

const END: &str = r#"
    if (argc > 1 && strcmp(argv[1], "--pause") == 0) {
        printf("all is done; the sockets stay as they are until you press ENTER\n");
        getchar();
    }
    return EXIT_SUCCESS;
}
"#;

/// Functions that the programs use, and what each is called.
const HELPERS: [(&str, &str); 15] = [
    (
        "tell",
        r#"/* Tells what a call returned. */
static void tell(int line, const char *function, long value)
{
    if (value == -1)
        printf("%d: %s = -1 %s (%s)\n", line, function, strerrorname_np(errno), strerror(errno));
    else
        printf("%d: %s = %ld\n", line, function, value);
}

"#,
    ),
    (
        "check",
        r#"/* Tells what a call returned, and ends the program if it failed. */
static void check(int line, const char *function, long value)
{
    tell(line, function, value);
    if (value == -1)
        exit(EXIT_FAILURE);
}

"#,
    ),
    (
        "tell_data",
        r#"/* Tells how many bytes came, and which: of many the first and the last. */
static void tell_data(int line, const char *function, const char *data, long count)
{
    if (count == -1) {
        tell(line, function, count);
        return;
    }
    printf("%d: %s = %ld \"", line, function, count);
    for (long i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)data[i];
        if (count > 48 && i == 24) {
            printf("\"...\"");
            i = count - 8;
            byte = (unsigned char)data[i];
        }
        if (byte == '\n')
            printf("\\n");
        else if (byte == '"' || byte == '\\')
            printf("\\%c", byte);
        else if (byte >= ' ' && byte <= '~')
            putchar(byte);
        else
            printf("\\x%02x", byte);
    }
    printf("\"\n");
}

"#,
    ),
    (
        "room",
        r#"/* Room for many bytes. */
static char *room(size_t size)
{
    char *bytes = malloc(size);
    if (bytes == NULL) {
        perror("malloc");
        exit(EXIT_FAILURE);
    }
    return bytes;
}

"#,
    ),
    (
        "struct address",
        r#"/* An address of any family, and how many bytes of it count. */
struct address {
    struct sockaddr_storage storage;
    socklen_t length;
};

"#,
    ),
    (
        "ipv4",
        r#"static struct address ipv4(const char *host, uint16_t port)
{
    struct address address = { .length = sizeof(struct sockaddr_in) };
    struct sockaddr_in *in = (struct sockaddr_in *)&address.storage;
    in->sin_family = AF_INET;
    in->sin_port = htons(port);
    if (inet_pton(AF_INET, host, &in->sin_addr) != 1) {
        fprintf(stderr, "%s is no IPv4 address\n", host);
        exit(EXIT_FAILURE);
    }
    return address;
}

"#,
    ),
    (
        "ipv6",
        r#"static struct address ipv6(const char *host, uint16_t port)
{
    struct address address = { .length = sizeof(struct sockaddr_in6) };
    struct sockaddr_in6 *in = (struct sockaddr_in6 *)&address.storage;
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(port);
    if (inet_pton(AF_INET6, host, &in->sin6_addr) != 1) {
        fprintf(stderr, "%s is no IPv6 address\n", host);
        exit(EXIT_FAILURE);
    }
    return address;
}

"#,
    ),
    (
        "unix_name",
        r#"/* A name of the UNIX domain: a path, or, behind a zero byte, a name in no file system. */
static struct address unix_name(const char *name, size_t size)
{
    struct address address = { .length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size) };
    struct sockaddr_un *un = (struct sockaddr_un *)&address.storage;
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, name, size);
    return address;
}

"#,
    ),
    (
        "address_of",
        r#"/* The address at which a socket can be reached. The kernel chose its port. */
static struct address address_of(int fd)
{
    struct address address = { .length = sizeof address.storage };
    if (getsockname(fd, (struct sockaddr *)&address.storage, &address.length) == -1) {
        perror("getsockname");
        exit(EXIT_FAILURE);
    }
    struct sockaddr_in *in = (struct sockaddr_in *)&address.storage;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address.storage;
    /* Bound to all addresses of the machine: it is reached at the loopback address. */
    if (address.storage.ss_family == AF_INET && in->sin_addr.s_addr == htonl(INADDR_ANY))
        in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (address.storage.ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
        in6->sin6_addr = in6addr_loopback;
    return address;
}

"#,
    ),
    (
        "random_bytes",
        r#"/* netlab's \(random:SIZE): each eight bytes are their own position, mixed by SplitMix64. */
static void random_bytes(char *to, uint64_t size, uint64_t offset)
{
    for (uint64_t i = 0; i < size; i++) {
        uint64_t at = offset + i;
        uint64_t z = (at / 8 ^ UINT64_C(KEY)) + UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        to[i] = (char)((z ^ z >> 31) >> at % 8 * 8);
    }
}

"#,
    ),
    (
        "send_all",
        r#"/* A send may take only a part: this sends until nothing is left. How much was sent, or -1. */
static ssize_t send_all(int fd, const char *data, size_t size)
{
    size_t sent = 0;
    do {
        ssize_t n = send(fd, data + sent, size - sent, 0);
        if (n == -1)
            return -1;
        sent += (size_t)n;
    } while (sent < size);
    return (ssize_t)sent;
}

"#,
    ),
    (
        "recv_exact",
        r#"/* A recv may bring less than was asked for: this receives until all is there, or no more comes. */
static ssize_t recv_exact(int fd, char *data, size_t size)
{
    size_t there = 0;
    do {
        ssize_t n = recv(fd, data + there, size - there, 0);
        if (n == -1)
            return -1;
        if (n == 0)
            break;
        there += (size_t)n;
    } while (there < size);
    return (ssize_t)there;
}

"#,
    ),
    (
        "recv_until",
        r#"/* Receives a byte at a time, so that nothing is taken that belongs to the next message. */
static ssize_t recv_until(int fd, char *data, size_t limit, const char *delimiter, size_t size)
{
    size_t there = 0;
    while (there < limit && (there < size || memcmp(data + there - size, delimiter, size) != 0)) {
        ssize_t n = recv(fd, data + there, 1, 0);
        if (n == -1)
            return -1;
        if (n == 0)
            break;
        there++;
    }
    return (ssize_t)there;
}

"#,
    ),
    (
        "recv_all",
        r#"/* Receives until the other end has ended its side: until a recv returns 0. */
static ssize_t recv_all(int fd, char *data, size_t limit)
{
    size_t there = 0;
    while (there < limit) {
        ssize_t n = recv(fd, data + there, limit - there, 0);
        if (n == -1)
            return -1;
        if (n == 0)
            break;
        there += (size_t)n;
    }
    return (ssize_t)there;
}

"#,
    ),
    (
        "struct job",
        r#"/* A call in the background, as `&` makes it: a thread, and what its call returned. */
struct job {
    pthread_t thread;
    long value;
    int error;
    char *data;
};

static void start(struct job *job, void *(*run)(void *))
{
    int error = pthread_create(&job->thread, NULL, run, NULL);
    if (error != 0) {
        fprintf(stderr, "pthread_create: %s\n", strerror(error));
        exit(EXIT_FAILURE);
    }
}

"#,
    ),
];

/// Whether a program needs a helper: the compiler warns of functions that nobody calls.
fn used(plan: &Plan, helper: &str) -> bool {
    let verb = |verb: &str| plan.calls().any(|call| call.verb == verb);
    let address = |test: fn(&Address) -> bool| {
        plan.any(|argument| matches!(argument, Argument::Address(address) if test(address)))
    };
    let random = |piece: &Piece| matches!(piece, Piece::Random { .. });
    let inet = |v4: bool| {
        plan.any(
            |argument| matches!(argument, Argument::Address(Address::Inet(inet)) if inet.is_ipv4() == v4),
        )
    };
    match helper {
        "tell" => plan.calls().any(|call| told(plan, call)),
        "check" => plan.calls().any(|call| call.failed.is_none() && !call.receives() && told(plan, call)),
        "tell_data" => plan.calls().any(|call| call.receives() && told(plan, call)),
        "room" => plan.calls().any(|call| allocates(call) || (call.receives() && is_job(plan, call))),
        "struct address" => plan.any(|argument| {
            matches!(argument, Argument::Address(_) | Argument::AddressOf(_) | Argument::AddressOut)
        }),
        "ipv4" => inet(true),
        "ipv6" => inet(false),
        "unix_name" => address(|address| address.unix().is_some()),
        "address_of" => plan.any(|argument| matches!(argument, Argument::AddressOf(_))),
        "random_bytes" => plan.calls().any(|call| call.data().is_some_and(|data| data.iter().any(random))),
        "struct job" => plan.steps.iter().any(|step| matches!(step.action, Action::Start(..))),
        loops => verb(&loops.replace('_', "-")),
    }
}

fn is_job(plan: &Plan, call: &Planned) -> bool {
    plan.steps.iter().any(|step| matches!(&step.action, Action::Start(_, job) if job.number == call.number))
}

/// Whether it is told what a call returned: not of a job that never ends.
fn told(plan: &Plan, call: &Planned) -> bool {
    let job = plan.steps.iter().find_map(|step| match &step.action {
        Action::Start(number, job) if job.number == call.number => Some(*number),
        _ => None,
    });
    job.is_none_or(|job| plan.joins(job))
}

/// Whether the bytes of a call stand in memory that is asked for.
fn allocates(call: &Planned) -> bool {
    let large = |argument: &Argument| match argument {
        Argument::Room(size) => *size > LARGE,
        Argument::Data(pieces) => !is_literal(pieces),
        _ => false,
    };
    call.arguments.iter().any(large) || matches!(call.until, Until::Found { limit, .. } if limit > LARGE)
}

fn is_literal(pieces: &[Piece]) -> bool {
    matches!(pieces, [] | [Piece::Bytes(_)])
}

/// A call in C: what comes before it, the call itself, what comes after.
struct Written {
    before: Vec<String>,
    call: String,
    /// The buffer with what was received.
    buffer: Option<String>,
    after: Vec<String>,
}

fn written(plan: &Plan, call: &Planned, job: Option<u32>) -> Written {
    let mut before = Vec::new();
    let mut after = Vec::new();
    let mut buffer = None;
    let mut arguments: Vec<String> = Vec::new();
    for argument in &call.arguments {
        match argument {
            Argument::Socket(socket) => arguments.push(plan.name(*socket).to_owned()),
            Argument::Descriptor(fd) => arguments.push(fd.to_string()),
            Argument::Number(number) => arguments.push(number.to_string()),
            Argument::Constant(_, name) => arguments.push(name.clone()),
            Argument::Address(_) | Argument::AddressOf(_) => {
                before.push(format!("struct address to = {};", address(plan, argument)));
                arguments.push("(struct sockaddr *)&to.storage, to.length".into());
            }
            Argument::AddressOut => {
                before.push("struct address from = { .length = sizeof from.storage };".into());
                arguments.push("(struct sockaddr *)&from.storage, &from.length".into());
            }
            Argument::Data(pieces) if is_literal(pieces) => {
                let bytes = pieces.first().map_or(&[][..], |piece| match piece {
                    Piece::Bytes(bytes) => bytes,
                    Piece::Random { .. } => &[],
                });
                arguments.push(format!("{}, {}", literal(bytes), bytes.len()));
            }
            Argument::Data(pieces) => {
                let size: u64 = pieces.iter().map(Piece::len).sum();
                before.push(format!("char *data = room({size});"));
                let mut at = 0;
                for piece in pieces {
                    before.push(match piece {
                        Piece::Bytes(bytes) => {
                            format!("memcpy(data + {at}, {}, {});", literal(bytes), bytes.len())
                        }
                        Piece::Random { size, offset } => {
                            format!("random_bytes(data + {at}, {size}, {offset});")
                        }
                    });
                    at += piece.len();
                }
                after.push("free(data);".into());
                arguments.push(format!("data, {size}"));
            }
            Argument::Room(size) => {
                let size = match &call.until {
                    Until::Received(size)
                    | Until::Found { limit: size, .. }
                    | Until::Ended { limit: size } => size,
                    Until::Returned | Until::AllSent => size,
                };
                let name = match job {
                    Some(job) => {
                        before.push(format!("job_{job}.data = room({size});"));
                        format!("job_{job}.data")
                    }
                    None if *size > LARGE => {
                        before.push(format!("char *buffer = room({size});"));
                        after.push("free(buffer);".into());
                        "buffer".into()
                    }
                    None => {
                        before.push(format!("char buffer[{}];", (*size).max(1)));
                        "buffer".into()
                    }
                };
                arguments.push(format!("{name}, {size}"));
                buffer = Some(name);
            }
            Argument::Integer(value) => arguments.push(format!("&(int){{ {value} }}, sizeof(int)")),
            Argument::Linger(seconds) => arguments.push(format!(
                "&(struct linger){{ .l_onoff = 1, .l_linger = {seconds} }}, sizeof(struct linger)"
            )),
            Argument::IntegerOut => {
                before.extend(["int value;".into(), "socklen_t size = sizeof value;".into()]);
                arguments.push("&value, &size".into());
            }
        }
    }
    let function = match &call.until {
        Until::Returned => call.function.clone(),
        _ => {
            // The loops ask for no flags.
            arguments.truncate(2);
            if let Until::Found { delimiter, .. } = &call.until {
                arguments.push(format!("{}, {}", literal(delimiter), delimiter.len()));
            }
            call.verb.replace('-', "_")
        }
    };
    let opens = call.opens.map(|socket| format!("{} = ", plan.name(socket))).unwrap_or_default();
    Written { before, call: format!("{opens}{function}({})", arguments.join(", ")), buffer, after }
}

fn address(plan: &Plan, argument: &Argument) -> String {
    match argument {
        Argument::AddressOf(socket) => format!("address_of({})", plan.name(*socket)),
        Argument::Address(Address::Inet(SocketAddr::V4(inet))) => {
            format!("ipv4(\"{}\", {})", inet.ip(), inet.port())
        }
        Argument::Address(Address::Inet(SocketAddr::V6(inet))) => {
            format!("ipv6(\"{}\", {})", inet.ip(), inet.port())
        }
        Argument::Address(Address::Unix(UnixAddress::Path(path))) => {
            // The zero byte at its end counts.
            format!("unix_name({}, {})", literal(path), path.len() + 1)
        }
        Argument::Address(Address::Unix(UnixAddress::Abstract(name))) => {
            let bytes = [&[0], name.as_slice()].concat();
            format!("unix_name({}, {})", literal(&bytes), bytes.len())
        }
        _ => "unix_name(\"\", 0)".into(),
    }
}

/// Bytes as C writes them. Octal, for three digits are the most that count there.
fn literal(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for byte in bytes {
        match byte {
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            // `??=` and the like are trigraphs.
            b'?' => text.push_str("\\?"),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => {
                let _ = write!(text, "\\{byte:03o}");
            }
        }
    }
    text.push('"');
    text
}

fn comment(text: &str) -> String {
    text.replace("*/", "* /").replace("/*", "/ *")
}

fn step(plan: &Plan, step: &Step) -> String {
    let mut text = String::new();
    if !step.line.is_empty() {
        let _ = writeln!(text, "\n    /* {}: {} */", step.number, comment(&step.line));
    }
    match &step.action {
        Action::Make(call) => text.push_str(&block(plan, call)),
        Action::Start(job, _) => {
            let _ = writeln!(text, "    start(&job_{job}, run_job_{job});");
        }
        Action::Join(job) => {
            if let Some(call) = plan.job(*job) {
                let _ = writeln!(text, "    pthread_join(job_{job}.thread, NULL);");
                let _ = writeln!(text, "    errno = job_{job}.error;");
                let teller = teller(call);
                let data = if call.receives() { format!("job_{job}.data, ") } else { String::new() };
                let _ = writeln!(
                    text,
                    "    {teller}({}, \"{}\", {data}job_{job}.value);",
                    call.number, call.verb
                );
            }
        }
        Action::Sleep(time) => {
            let (seconds, nanoseconds) = (time.as_secs(), time.subsec_nanos());
            let _ = writeln!(
                text,
                "    nanosleep(&(struct timespec){{ .tv_sec = {seconds}, .tv_nsec = {nanoseconds} }}, NULL);"
            );
        }
        Action::Note(note) => {
            let _ = writeln!(text, "    /* ({}) */", comment(note));
        }
    }
    text
}

fn teller(call: &Planned) -> &'static str {
    match (call.receives(), call.failed) {
        (true, _) => "tell_data",
        (false, None) => "check",
        (false, Some(_)) => "tell",
    }
}

fn block(plan: &Plan, call: &Planned) -> String {
    let written = written(plan, call, None);
    let mut lines = written.before;
    let (number, verb) = (call.number, &call.verb);
    if let Some(errno) = call.failed {
        lines.push(format!("/* In the session it failed: {}. */", c_name(errno)));
    }
    match &written.buffer {
        Some(buffer) => {
            lines.push(format!("ssize_t n = {};", written.call));
            lines.push(format!("tell_data({number}, \"{verb}\", {buffer}, n);"));
            if call.failed.is_none() {
                lines.extend(["if (n == -1)".into(), "    return EXIT_FAILURE;".into()]);
            }
        }
        None => lines.push(format!("{}({number}, \"{verb}\", {});", teller(call), written.call)),
    }
    lines.extend(written.after);
    // What needs variables of its own stands in braces.
    let plain = lines.len() == 1 || (lines.len() == 2 && call.failed.is_some());
    let mut text = String::new();
    let indent = if plain { "    " } else { "        " };
    if !plain {
        text.push_str("    {\n");
    }
    for line in lines {
        let _ = writeln!(text, "{indent}{line}");
    }
    if !plain {
        text.push_str("    }\n");
    }
    text
}

/// The function that the thread of a job runs.
fn job_function(plan: &Plan, step: &Step, job: u32, call: &Planned) -> String {
    let written = written(plan, call, Some(job));
    let mut lines = vec!["(void)unused;".to_owned()];
    lines.extend(written.before);
    lines.push(format!("job_{job}.value = {};", written.call));
    lines.push(format!("job_{job}.error = errno;"));
    lines.extend(written.after);
    lines.push("return NULL;".into());
    let mut text = format!(
        "\nstatic struct job job_{job};\n\n/* {}: {} */\nstatic void *run_job_{job}(void *unused)\n{{\n",
        step.number,
        comment(&step.line)
    );
    for line in lines {
        let _ = writeln!(text, "    {line}");
    }
    text.push_str("}\n");
    text
}
