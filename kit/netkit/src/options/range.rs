//! Which values an option takes, where the kernel says so: `do_tcp_setsockopt` in net/ipv4/tcp.c,
//! `do_ip_setsockopt` in net/ipv4/ip_sockglue.c, `do_ipv6_setsockopt` in net/ipv6/ipv6_sockglue.c.
//! A test asks the kernel on both sides of each border.

/// From which value to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueRange {
    /// The least.
    pub from: i32,
    /// The greatest; `i32::MAX` is no limit of the option's own.
    pub to: i32,
    /// One outside of it that is taken, too: it gives the choice back to the system.
    pub also: Option<i32>,
}

impl ValueRange {
    /// Whether a value is taken.
    pub fn takes(self, value: i32) -> bool {
        (self.from..=self.to).contains(&value) || self.also == Some(value)
    }

    /// `1 to 127`; `88 to 32767, or 0`.
    pub fn words(self) -> String {
        let also = self.also.map(|value| format!(", or {value}")).unwrap_or_default();
        match self.to {
            i32::MAX => format!("{} or more{also}", self.from),
            to => format!("{} to {to}{also}", self.from),
        }
    }
}
