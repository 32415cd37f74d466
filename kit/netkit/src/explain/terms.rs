//! The words of the field: TCP's states, and what the tool's own texts speak of.

/// A word and what it means.
#[derive(Debug)]
pub struct Term {
    /// The word.
    pub name: &'static str,
    /// Other words for it.
    pub also: &'static [&'static str],
    /// What it means, in a few sentences.
    pub meaning: &'static str,
}

/// The term of this name, in any case, with `-`, `_` or a space between its parts.
pub fn find(name: &str) -> Option<&'static Term> {
    let plain = |text: &str| text.to_ascii_lowercase().replace(['_', ' '], "-");
    let name = plain(name);
    TERMS.iter().find(|term| plain(term.name) == name || term.also.iter().any(|also| plain(also) == name))
}

const fn term(name: &'static str, also: &'static [&'static str], meaning: &'static str) -> Term {
    Term { name, also, meaning }
}

/// All terms: first the states (RFC 9293, section 3.3.2), then the others.
pub static TERMS: &[Term] = &[
    term(
        "CLOSED",
        &["close"],
        "No connection: a socket that is new, bound but idle, or done. Next: listen makes it LISTEN, connect makes it SYN-SENT.",
    ),
    term(
        "LISTEN",
        &["listening"],
        "The socket waits for connections. It carries no data itself: for each connection the kernel makes another socket, which accept hands out.",
    ),
    term(
        "SYN-SENT",
        &[],
        "connect has sent a SYN and waits for the answer: SYN,ACK makes it ESTABLISHED, RST means refused. On loopback it lasts for microseconds.",
    ),
    term(
        "SYN-RECEIVED",
        &["SYN-RECV", "SYN-RCVD"],
        "The server's kernel has answered a SYN with SYN,ACK and waits for the last ACK of the handshake. No descriptor belongs to it yet.",
    ),
    term(
        "ESTABLISHED",
        &["ESTAB"],
        "The connection stands, and both ends may send. The server's end is in this state even before accept: the kernel shakes hands by itself.",
    ),
    term(
        "FIN-WAIT-1",
        &["FIN-WAIT1"],
        "This end has ended its side (shutdown or close) and sent a FIN, which is not acknowledged yet. If it lasts, the other end does not read and has no room.",
    ),
    term(
        "FIN-WAIT-2",
        &["FIN-WAIT2"],
        "The FIN is acknowledged: this end is done sending, and waits for the other's FIN. It may still receive. The other end is in CLOSE-WAIT.",
    ),
    term(
        "CLOSE-WAIT",
        &[],
        "The other end has ended its side; this one has not. It may still send. A server that stays here forgot to close.",
    ),
    term("CLOSING", &[], "Both ends sent a FIN at the same time, and neither has been acknowledged yet."),
    term(
        "LAST-ACK",
        &[],
        "Both sides have ended; this end sent its FIN second and waits for the last ACK. On loopback it lasts for microseconds.",
    ),
    term(
        "TIME-WAIT",
        &[],
        "The end that closed first keeps the four-tuple for 60 seconds on Linux, so that late segments of this connection are not taken for one of a new connection. No descriptor belongs to it, but its address cannot be bound without SO_REUSEADDR.",
    ),
    term(
        "socket",
        &[],
        "An end point for communication, made by the kernel. A process knows it by a descriptor; the network knows it by its address.",
    ),
    term(
        "descriptor",
        &["file descriptor", "fd"],
        "A small number by which a process names something that the kernel keeps for it: a file, a pipe, a socket. A new one is the lowest number that is free; 0, 1 and 2 are standard input, output and error.",
    ),
    term(
        "port",
        &[],
        "A number from 0 to 65535 that tells the sockets of one machine apart. 0 asks the kernel to choose one.",
    ),
    term(
        "four-tuple",
        &["4-tuple"],
        "Both addresses and both ports of a connection. It names the connection: two connections differ in at least one of the four.",
    ),
    term(
        "backlog",
        &["accept queue", "listen queue"],
        "How many connections that stand already may wait in a listener's accept queue until accept fetches them. When it is full, the kernel drops what completes a further handshake.",
    ),
    term(
        "receive queue",
        &["Recv-Q"],
        "Bytes that the kernel has received and the process has not. When it is full, the other end must stop sending.",
    ),
    term(
        "send queue",
        &["Send-Q"],
        "Bytes that the process has handed over and the other end has not acknowledged. When it is full, send waits.",
    ),
    term(
        "half-close",
        &[],
        "Ending one direction of a connection: shutdown(SHUT_WR) sends a FIN, and the other direction goes on. It says: that was my whole request.",
    ),
    term(
        "FIN",
        &[],
        "The segment that says: no more bytes from me. The receiver reads it as a recv of 0 bytes, the end of the stream.",
    ),
    term(
        "RST",
        &["reset"],
        "The segment that breaks a connection off at once. The receiver's calls fail with ECONNRESET. It answers a SYN that nobody listens for, and a close with unread data sends it.",
    ),
    term(
        "SYN",
        &[],
        "The first segment of a connection: it asks for one. Answered by SYN,ACK, and that by ACK: the three-way handshake.",
    ),
    term(
        "end of stream",
        &["EOF"],
        "A recv that returns 0: the other end has ended its side, and everything that it sent has been read.",
    ),
    term(
        "short write",
        &["partial send"],
        "A send that takes fewer bytes than it was given and returns how many. The rest must be sent by another send, or it is lost.",
    ),
    term(
        "blocked",
        &["blocking"],
        "A call that cannot go on puts its thread to sleep until the kernel wakes it. It uses no processor time meanwhile.",
    ),
    term(
        "loopback",
        &["127.0.0.1", "localhost"],
        "The network interface of a machine to itself: 127.0.0.1. What is sent there never leaves the machine.",
    ),
    term(
        "ephemeral port",
        &["kernel-chosen port"],
        "The port that the kernel gives a socket that was not bound, from the range in /proc/sys/net/ipv4/ip_local_port_range.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::state::TcpState;

    #[test]
    fn every_state_is_explained() {
        for state in TcpState::ALL {
            assert!(find(state.name()).is_some(), "{state}");
        }
        assert!(find("time_wait").is_some() && find("Accept Queue").is_some() && find("nonsense").is_none());
    }
}
