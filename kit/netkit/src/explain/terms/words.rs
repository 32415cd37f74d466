//! Sockets, descriptors, calls.

use super::{Term, term};

pub(super) static TERMS: &[Term] = &[
    term(
        "socket type",
        &[],
        "How data go: as a stream of bytes without borders (SOCK_STREAM: TCP), or as single messages (SOCK_DGRAM: UDP).",
        &["stream", "datagram", "socket"],
    ),
    term(
        "endpoint",
        &["end", "end point"],
        "One of the two sockets of a connection, or the address at which it is found.",
        &["socket", "four-tuple"],
    ),
    term(
        "descriptor",
        &["file descriptor", "fd"],
        "A small number by which a process names something that the kernel keeps for it: a file, a pipe, a socket. A new one is the lowest number that is free; 0, 1 and 2 are standard input, output and error.",
        &["fds", "close", "EBADF", "EMFILE"],
    ),
    term(
        "inode",
        &[],
        "The kernel's number for a file; a socket has one, too. Several descriptors can lead to one inode. /proc shows a process's sockets by it: socket:[12345].",
        &["descriptor", "cookie"],
    ),
    term(
        "cookie",
        &[],
        "A number that the kernel gives each socket and never uses twice. It stays the same when the socket has lost its descriptor, up to TIME-WAIT, so that netlab can follow it.",
        &["inode", "orphan"],
    ),
    term(
        "kernel",
        &[],
        "The core of the operating system. It alone touches the network; programs ask it with system calls.",
        &["system call"],
    ),
    term(
        "system call",
        &["syscall", "call"],
        "How a program asks the kernel for something: socket, bind, send. It returns a number; -1 means that it failed, and errno says why.",
        &["errno", "blocked"],
    ),
    term(
        "errno",
        &["error number"],
        "The number that says why a system call failed. Each has a name in C: ECONNREFUSED is 111 on Linux. `explain ECONNREFUSED` and `explain 111` tell what it means, from which call.",
        &["system call", "EADDRINUSE", "ECONNREFUSED", "ECONNRESET"],
    ),
    term(
        "signal",
        &[],
        "A short message from the kernel or a process to a process, such as SIGINT from Ctrl-C. It can end the process, or interrupt a call that waits: the call then fails with EINTR.",
        &["SIGPIPE", "EINTR"],
    ),
    term(
        "blocked",
        &["blocking"],
        "A call that cannot go on puts its thread to sleep until the kernel wakes it. It uses no processor time meanwhile. That is how recv waits for data and accept for a connection.",
        &["non-blocking", "EINTR", "cancel"],
    ),
    term(
        "non-blocking",
        &["nonblocking", "O_NONBLOCK"],
        "A socket that is set so never waits: a call that would have to wait fails with EAGAIN at once (connect with EINPROGRESS). The flag MSG_DONTWAIT does the same for one call.",
        &["EAGAIN", "EINPROGRESS", "readiness"],
    ),
    term(
        "readiness",
        &["ready"],
        "Whether a call on a socket would return at once: a receive because something is there (or the end, or an error), a send because there is room. poll tells it for many sockets at a time.",
        &["non-blocking", "blocked"],
    ),
    term(
        "server",
        &[],
        "The side that waits: it binds a known address, listens and accepts.",
        &["client", "bind", "listen", "accept"],
    ),
    term(
        "client",
        &[],
        "The side that begins: it connects to the server's address. It rarely binds; the kernel gives it a port.",
        &["server", "connect", "ephemeral port"],
    ),
    term(
        "peer",
        &["other end", "remote end"],
        "The other end of a connection; of a connected UDP socket the one address with which it exchanges datagrams.",
        &["getpeername", "connected UDP"],
    ),
    term(
        "stream",
        &["byte stream"],
        "Bytes in order without borders between messages: what was sent in two calls may arrive in one, and the other way round. TCP is a stream.",
        &["recv", "recv-exact", "datagram"],
    ),
    term(
        "datagram",
        &["message", "packet"],
        "A message that goes as a whole: each send is one, each receive takes one. It may be lost, doubled or overtaken on the way. What is longer than the room given to recv is cut off. UDP sends datagrams.",
        &["sendto", "recvfrom", "EMSGSIZE", "stream"],
    ),
    term(
        "job",
        &["background"],
        "A call that runs while the prompt goes on: `accept srv &`. `jobs` lists them, `wait` waits for one, `cancel` interrupts it.",
        &["jobs", "wait", "cancel"],
    ),
    term(
        "worker",
        &[],
        "The process of netlab that holds your sockets, so that the prompt can go on while a call is blocked. /proc/PID/fd of it shows just what you made.",
        &["descriptor", "blocked"],
    ),
    term(
        "inferred",
        &[],
        "Said of what nobody saw but what must have been: on loopback some states last for microseconds. netlab marks it, so that you can tell it from what was observed.",
        &["SYN-SENT", "loopback"],
    ),
    term(
        "namespace",
        &["network namespace"],
        "A network of its own inside one machine: own interfaces, addresses, ports. Containers use it; a port that is taken outside is free inside.",
        &["loopback", "port"],
    ),
];
