//! Kinds of sockets, as options tell them apart.

/// A set of kinds of sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fits(u8);

impl Fits {
    /// TCP over IPv4.
    pub const TCP4: Self = Self(1);
    /// TCP over IPv6.
    pub const TCP6: Self = Self(2);
    /// UDP over IPv4.
    pub const UDP4: Self = Self(4);
    /// UDP over IPv6.
    pub const UDP6: Self = Self(8);
    /// A stream between processes of one machine.
    pub const UNIX_STREAM: Self = Self(16);
    /// Datagrams between processes of one machine.
    pub const UNIX_DATAGRAM: Self = Self(32);
    /// TCP.
    pub const TCP: Self = Self::TCP4.or(Self::TCP6);
    /// UDP.
    pub const UDP: Self = Self::UDP4.or(Self::UDP6);
    /// IPv4.
    pub const IPV4: Self = Self::TCP4.or(Self::UDP4);
    /// IPv6.
    pub const IPV6: Self = Self::TCP6.or(Self::UDP6);
    /// Everything on the internet.
    pub const INET: Self = Self::TCP.or(Self::UDP);
    /// UNIX sockets.
    pub const UNIX: Self = Self::UNIX_STREAM.or(Self::UNIX_DATAGRAM);
    /// All sockets.
    pub const ANY: Self = Self::INET.or(Self::UNIX);

    /// Both sets together.
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether no socket is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of the other set is in this one.
    pub fn includes(self, other: Self) -> bool {
        other.0 != 0 && self.0 & other.0 == other.0
    }

    /// The kind of a socket, from its domain, type and protocol as socket(2) takes them.
    /// Empty for a kind that no option of the table belongs to.
    pub fn of(domain: i32, kind: i32, protocol: i32) -> Self {
        match (domain, kind, protocol) {
            (libc::AF_INET, _, libc::IPPROTO_TCP) => Self::TCP4,
            (libc::AF_INET6, _, libc::IPPROTO_TCP) => Self::TCP6,
            (libc::AF_INET, _, libc::IPPROTO_UDP) => Self::UDP4,
            (libc::AF_INET6, _, libc::IPPROTO_UDP) => Self::UDP6,
            (libc::AF_UNIX, libc::SOCK_STREAM | libc::SOCK_SEQPACKET, _) => Self::UNIX_STREAM,
            (libc::AF_UNIX, _, _) => Self::UNIX_DATAGRAM,
            _ => Self(0),
        }
    }

    /// The sockets of the set, in words.
    pub fn words(self) -> String {
        const NAMES: [(Fits, &str); 13] = [
            (Fits::ANY, "every socket"),
            (Fits::INET, "TCP and UDP sockets"),
            (Fits::TCP, "TCP sockets"),
            (Fits::UDP, "UDP sockets"),
            (Fits::UNIX, "UNIX sockets"),
            (Fits::IPV4, "sockets of AF_INET"),
            (Fits::IPV6, "sockets of AF_INET6"),
            (Fits::TCP4, "TCP sockets of AF_INET"),
            (Fits::TCP6, "TCP sockets of AF_INET6"),
            (Fits::UDP4, "UDP sockets of AF_INET"),
            (Fits::UDP6, "UDP sockets of AF_INET6"),
            (Fits::UNIX_STREAM, "UNIX stream sockets"),
            (Fits::UNIX_DATAGRAM, "UNIX datagram sockets"),
        ];
        let mut left = self.0;
        let mut words = Vec::new();
        for (set, name) in NAMES {
            if left != 0 && left & set.0 == set.0 {
                words.push(name);
                left &= !set.0;
            }
        }
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::Fits;

    #[test]
    fn sets_are_told_in_words() {
        for (set, words) in [
            (Fits::ANY, "every socket"),
            (Fits::INET, "TCP and UDP sockets"),
            (Fits::TCP.or(Fits::UNIX_STREAM), "TCP sockets, UNIX stream sockets"),
            (Fits::UDP4, "UDP sockets of AF_INET"),
        ] {
            assert_eq!(set.words(), words);
        }
        assert!(Fits::INET.includes(Fits::TCP6) && !Fits::TCP.includes(Fits::UDP4));
        assert!(!Fits::ANY.includes(Fits::of(libc::AF_NETLINK, libc::SOCK_RAW, 0)));
    }
}
