//! What the kernel makes of some values that it is given, and why.

use super::{SocketOption, decode::decode};
use crate::kernel::limits;

/// What is to be said when an option reads back otherwise than it was set. Nothing when it
/// does not.
pub fn remade(option: &SocketOption, asked: &[u8], got: &[u8]) -> Option<String> {
    // Given an interface, this one gives back an address only (ip(7)): nothing to compare.
    if option.name == "IP_MULTICAST_IF" && asked.len() != got.len() {
        return None;
    }
    let (asked, got) = (decode(option, asked), decode(option, got));
    if asked.words == got.words {
        return None;
    }
    let number = |c: &str| c.trim_matches(['[', ']']).parse::<i64>().ok();
    let why = match (number(&asked.c), number(&got.c)) {
        (Some(asked), Some(got)) => reason(option.name, asked, got),
        _ => reason(option.name, 0, 0),
    };
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    Some(format!("{}: asked {}, the kernel made {} of it{why}", option.name, asked.words, got.words))
}

/// Why, where the kernel's source or the manual says it.
fn reason(name: &str, asked: i64, got: i64) -> Option<String> {
    Some(match name {
        // sk_setsockopt in net/core/sock.c: the least of the value and the limit, doubled, and
        // not below SOCK_MIN_RCVBUF or SOCK_MIN_SNDBUF.
        "SO_RCVBUF" | "SO_SNDBUF" => {
            let setting = if name == "SO_RCVBUF" { "rmem_max" } else { "wmem_max" };
            let limit = limits::core(setting).ok().map(i64::from);
            match limit {
                _ if got == asked * 2 => "it doubles it for its own book-keeping".into(),
                Some(limit) if asked > limit && got == limit * 2 => {
                    format!("net.core.{setting} allows {limit}, and it doubles that for its own book-keeping")
                }
                _ if got > asked * 2 => "that is the least that it allows".into(),
                _ => return None,
            }
        }
        // secs_to_retrans in net/ipv4/tcp.c.
        "TCP_DEFER_ACCEPT" => {
            "it counts how often it sends its SYN,ACK again, which happens after 1, 3, 7, 15, ... seconds"
                .into()
        }
        // sock_set_timeout: usec_to_jiffies rounds up.
        "SO_RCVTIMEO" | "SO_SNDTIMEO" => "it rounds up to whole ticks of its clock".into(),
        "TCP_LINGER2" if asked > got => "it allows no more".into(),
        "TCP_LINGER2" => "0 stands for the system's value, net.ipv4.tcp_fin_timeout".into(),
        "IP_TTL" | "IPV6_UNICAST_HOPS" | "IP_MULTICAST_TTL" | "IPV6_MULTICAST_HOPS" if asked == -1 => {
            "-1 stands for the system's value".into()
        }
        // tcp_set_window_clamp: not below SOCK_MIN_RCVBUF / 2.
        "TCP_WINDOW_CLAMP" => "that is the least that it allows".into(),
        // do_tcp_getsockopt: without a connection the value that was set, with one what is in use.
        "TCP_MAXSEG" => {
            "on a connection the size in use is read back, which both ends and the way decide".into()
        }
        // __ip_sock_set_tos: the two lowest bits are TCP's own, for ECN.
        "IP_TOS" | "IPV6_TCLASS" => "TCP keeps the two lowest bits to itself, for congestion (ECN)".into(),
        "TCP_QUICKACK" => "it takes this as a wish, and goes on to decide by itself".into(),
        "TCP_THIN_DUPACK" => "the option is without effect since Linux 4.11".into(),
        _ => return None,
    })
}
