//! Connections, segments, queues.

use super::{Term, term};

pub(super) static TERMS: &[Term] = &[
    term(
        "TCP",
        &[],
        "The protocol of connections: a stream of bytes in each direction, in order and without gaps, or else an error. `socket tcp` makes a socket for it.",
        &["stream", "handshake", "UDP"],
    ),
    term(
        "UDP",
        &[],
        "The protocol of single datagrams: no connection, no order, no promise that one arrives. `socket udp` makes a socket for it.",
        &["datagram", "connected UDP", "TCP"],
    ),
    term(
        "connected UDP",
        &["connected datagram socket"],
        "A UDP socket on which connect was called. Nothing is sent by that: the kernel notes the peer, send needs no address, only datagrams from the peer arrive, and ICMP errors are reported.",
        &["connect", "ICMP", "ECONNREFUSED"],
    ),
    term(
        "connection",
        &[],
        "What two TCP sockets have when the handshake is over. It is named by its four-tuple, and ends when both directions have ended, or by RST.",
        &["handshake", "four-tuple", "FIN", "RST"],
    ),
    term(
        "handshake",
        &["three-way handshake"],
        "How a connection is made: SYN from the client, SYN,ACK from the server, ACK from the client. The server's kernel does its part without the program, as soon as it listens.",
        &["SYN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED"],
    ),
    term(
        "segment",
        &[],
        "What TCP sends at a time: a header with flags (SYN, ACK, FIN, RST) and numbers, and perhaps bytes of the stream.",
        &["SYN", "FIN", "RST", "MSS"],
    ),
    term(
        "SYN",
        &[],
        "The first segment of a connection: it asks for one. Answered by SYN,ACK, and that by ACK: the three-way handshake.",
        &["handshake", "SYN-SENT"],
    ),
    term(
        "ACK",
        &["acknowledgement"],
        "The note in a segment that says up to which byte everything has arrived. What is not acknowledged is sent again.",
        &["send queue", "retransmission"],
    ),
    term(
        "FIN",
        &[],
        "The segment that says: no more bytes from me. The receiver reads it as a recv of 0 bytes, the end of the stream.",
        &["shutdown", "half-close", "end of stream"],
    ),
    term(
        "RST",
        &["reset"],
        "The segment that breaks a connection off at once. The receiver's calls fail with ECONNRESET. It answers a SYN that nobody listens for, and a close with unread data sends it.",
        &["ECONNRESET", "ECONNREFUSED", "SO_LINGER"],
    ),
    term(
        "retransmission",
        &["retransmit", "RTO"],
        "Sending again what was not acknowledged in time. Each time the kernel waits twice as long, for some 15 minutes on an established connection and two for a SYN; then the call fails with ETIMEDOUT.",
        &["ACK", "ETIMEDOUT"],
    ),
    term(
        "backlog",
        &["accept queue", "listen queue"],
        "How many connections that stand already may wait in a listener's accept queue until accept fetches them. When it is full, the kernel drops what completes a further handshake.",
        &["listen", "accept", "SYN queue"],
    ),
    term(
        "SYN queue",
        &["SYN backlog", "half-open connection"],
        "Connections of a listener whose handshake is not over yet: SYN-RECEIVED. When it is over they move to the accept queue.",
        &["SYN-RECEIVED", "backlog"],
    ),
    term(
        "receive queue",
        &["Recv-Q", "receive buffer"],
        "Bytes that the kernel has received and the process has not. When it is full, the other end must stop sending.",
        &["recv", "window", "SO_RCVBUF"],
    ),
    term(
        "send queue",
        &["Send-Q", "send buffer"],
        "Bytes that the process has handed over and the other end has not acknowledged. When it is full, send waits.",
        &["send", "SO_SNDBUF", "EAGAIN"],
    ),
    term(
        "window",
        &["receive window", "flow control"],
        "How many bytes the receiver still has room for; it says so in every segment. At 0 the sender must wait, and asks from time to time.",
        &["receive queue", "blocked"],
    ),
    term(
        "MSS",
        &["maximum segment size"],
        "The most bytes of the stream that one segment carries: what the network takes in a packet (MTU) less the headers, 1460 on Ethernet.",
        &["segment", "MTU"],
    ),
    term(
        "MTU",
        &[],
        "The longest packet that a network takes: 1500 bytes on Ethernet, 65536 on Linux's loopback.",
        &["MSS", "EMSGSIZE"],
    ),
    term(
        "Nagle",
        &["Nagle's algorithm"],
        "TCP's habit of holding a small segment back while an earlier one is not acknowledged, so that many small sends become fewer segments. TCP_NODELAY switches it off.",
        &["segment", "ACK"],
    ),
    term(
        "keep-alive",
        &["keepalive"],
        "A question that TCP sends on an idle connection (after two hours) to learn whether the other end is still there. SO_KEEPALIVE switches it on.",
        &["ETIMEDOUT"],
    ),
    term(
        "half-close",
        &[],
        "Ending one direction of a connection: shutdown(SHUT_WR) sends a FIN, and the other direction goes on. It says: that was my whole request.",
        &["shutdown", "FIN", "FIN-WAIT-2"],
    ),
    term(
        "end of stream",
        &["EOF", "end of file"],
        "A recv that returns 0: the other end has ended its side, and everything that it sent has been read.",
        &["FIN", "recv"],
    ),
    term(
        "orphan",
        &[],
        "A connection that was closed by its process but is not over: the kernel still sends what is queued and waits for the other end. It has no descriptor any more.",
        &["close", "FIN-WAIT-1", "FIN-WAIT-2", "LAST-ACK"],
    ),
    term(
        "short write",
        &["partial send"],
        "A send that takes fewer bytes than it was given and returns how many. The rest must be sent by another send, or it is lost.",
        &["send", "send-all"],
    ),
    term(
        "short read",
        &["partial receive"],
        "A recv that returns fewer bytes than there was room for: it returns what is there. One recv is not one send of the other side.",
        &["recv", "recv-exact", "stream"],
    ),
    term(
        "ICMP",
        &["port unreachable"],
        "Messages by which machines tell each other about packets that could not be delivered. 'Port unreachable' is what a UDP datagram to a port that nobody has brings back.",
        &["ECONNREFUSED", "EHOSTUNREACH", "connected UDP"],
    ),
    term(
        "urgent data",
        &["out-of-band"],
        "One byte of a TCP stream that is marked and can be received before those that are in front of it (MSG_OOB). Hardly used today.",
        &["MSG_OOB"],
    ),
];
