//! Names for numbers: sockets by their names, kernel-chosen ports by the socket that has them.

use crate::address::{Address, UnixAddress};
use crate::data::{self, Known, Stream};
use crate::kernel::sock_diag::Protocol;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

/// How addresses are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// As numbers: what a person at a terminal wants to compare with other tools.
    Numbers,
    /// A port that the kernel chose by the name of its socket, `127.0.0.1:<c>`, so that
    /// the same script gives the same text on every run.
    Names,
}

/// What a session calls things.
#[derive(Debug, Clone)]
pub struct Names {
    naming: Naming,
    seed: u64,
    /// Ports that the student typed: they are shown as typed.
    typed: BTreeSet<u16>,
    /// Ports that the kernel chose, and the name of the socket it chose them for. TCP's ports
    /// and UDP's are apart: the kernel may choose the same number for one of each.
    chosen: BTreeMap<(Protocol, u16), String>,
    /// Ports of addresses that a line gave a name to. They go before those above: a program may
    /// use one socket or a new one each time, and the text is to be the same.
    called: BTreeMap<(Protocol, u16), String>,
    /// Abstract names of the UNIX domain that the kernel chose, and the socket's name.
    chosen_names: BTreeMap<Vec<u8>, String>,
    nonces: BTreeSet<String>,
}

impl Names {
    /// No names yet.
    pub fn new(naming: Naming, seed: u64) -> Self {
        Self {
            naming,
            seed,
            typed: BTreeSet::new(),
            chosen: BTreeMap::new(),
            called: BTreeMap::new(),
            chosen_names: BTreeMap::new(),
            nonces: BTreeSet::new(),
        }
    }

    /// How addresses are written.
    pub fn naming(&self) -> Naming {
        self.naming
    }

    /// Notes a port that stands in a line.
    pub fn typed(&mut self, port: u16) {
        if port != 0 {
            self.typed.insert(port);
        }
    }

    /// Whether a port stood in a line.
    pub fn is_typed(&self, port: u16) -> bool {
        self.typed.contains(&port)
    }

    /// Notes that the kernel has a port for a socket. The first name stays: the other
    /// end of a connection must not be called anew when its socket is.
    pub fn has_port(&mut self, protocol: Protocol, port: u16, name: &str) {
        if port == 0 || self.typed.contains(&port) || self.chosen.contains_key(&(protocol, port)) {
            return;
        }
        let taken = |name: &str| self.chosen.values().any(|chosen| chosen == name);
        let mut unique = name.to_owned();
        let mut count = 1;
        while taken(&unique) {
            count += 1;
            unique = format!("{name}.{count}");
        }
        self.chosen.insert((protocol, port), unique);
    }

    /// Notes what a line calls a port that is none of the session's own sockets'. Another port
    /// that was called so loses the name.
    pub fn call_port(&mut self, protocol: Protocol, port: u16, name: &str) {
        self.called.retain(|_, other| other != name);
        if !self.typed.contains(&port) {
            self.called.insert((protocol, port), name.to_owned());
        }
    }

    /// Notes the address of a socket: the kernel may have chosen it.
    pub fn has_address(&mut self, protocol: Protocol, address: &Address, name: &str) {
        match address {
            Address::Inet(address) => self.has_port(protocol, address.port(), name),
            // What autobind gives: five hexadecimal digits (unix(7)).
            Address::Unix(UnixAddress::Abstract(bytes))
                if bytes.len() == 5 && bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) =>
            {
                self.chosen_names.entry(bytes.clone()).or_insert_with(|| name.to_owned());
            }
            Address::Unix(_) => {}
        }
    }

    /// A nonce of the session; from now on it is known in data.
    pub fn nonce(&mut self, label: &str) -> String {
        self.nonces.insert(label.to_owned());
        data::nonce(self.seed, label)
    }

    /// The random stream of the session.
    pub fn stream(&self) -> Stream {
        Stream::new(self.seed)
    }

    /// An address as it is shown, of whatever kind of socket: where both have its port, that
    /// of TCP.
    pub fn address(&self, address: &Address) -> String {
        self.address_of(None, address)
    }

    /// The address of this kind of socket as it is shown.
    pub fn address_of(&self, protocol: impl Into<Option<Protocol>>, address: &Address) -> String {
        let protocols = match protocol.into() {
            Some(protocol) => vec![protocol],
            None => vec![Protocol::Tcp, Protocol::Udp],
        };
        let name = |port| {
            let has = |protocol: &Protocol| {
                let key = (*protocol, port);
                self.called.get(&key).or_else(|| self.chosen.get(&key))
            };
            protocols.iter().find_map(has)
        };
        let chosen = address.port().and_then(name);
        match (address, chosen) {
            (Address::Inet(address), Some(name)) if self.naming == Naming::Names => {
                format!("{}:<{name}>", host(address))
            }
            (Address::Unix(UnixAddress::Unnamed), _) => "unnamed".into(),
            (Address::Unix(UnixAddress::Abstract(name)), _) if self.naming == Naming::Names => {
                match self.chosen_names.get(name) {
                    Some(socket) => format!("unix:@<{socket}>"),
                    None => address.to_string(),
                }
            }
            _ => address.to_string(),
        }
    }

    /// What is shown by name in data.
    pub fn known(&self) -> Known {
        let mut texts: Vec<(Vec<u8>, String)> = self
            .nonces
            .iter()
            .map(|label| {
                let name = if label.is_empty() { "nonce".into() } else { format!("nonce:{label}") };
                (data::nonce(self.seed, label).into_bytes(), name)
            })
            .collect();
        if self.naming == Naming::Names {
            // Of two names for one port the first that is found is shown.
            let ports = self.called.iter().chain(&self.chosen);
            texts.extend(ports.flat_map(|((_, port), name)| {
                ["127.0.0.1", "[::1]"].map(|host| (format!("{host}:{port}").into_bytes(), name.clone()))
            }));
        }
        Known { texts, stream: Some(self.stream()) }
    }

    /// Bytes as a literal of the language, and in a few words what was left out.
    pub fn data(&self, bytes: &[u8], width: usize) -> String {
        let shown = data::show(bytes, &self.known(), width);
        match shown.rest {
            0 => shown.literal,
            rest => format!("{}... and {rest} bytes more", shown.literal),
        }
    }
}

fn host(address: &SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_shown_by_who_has_them() {
        let mut names = Names::new(Naming::Names, 1);
        names.typed(7777);
        for (port, name) in [(7777, "srv"), (40001, "c"), (40001, "later"), (40002, "c")] {
            names.has_port(Protocol::Tcp, port, name);
        }
        for (port, shown) in [
            (7777, "127.0.0.1:7777"),
            (40001, "127.0.0.1:<c>"),
            (40002, "127.0.0.1:<c.2>"),
            (9, "127.0.0.1:9"),
        ] {
            assert_eq!(names.address(&SocketAddr::from(([127, 0, 0, 1], port)).into()), shown);
        }
        assert_eq!(names.data(b"at 127.0.0.1:40001.", 80), "\"at \\(c).\"");
        let numbers = Names { naming: Naming::Numbers, ..names };
        assert_eq!(numbers.address(&SocketAddr::from(([127, 0, 0, 1], 40001)).into()), "127.0.0.1:40001");
    }

    #[test]
    fn a_port_of_tcp_is_not_one_of_udp() {
        let mut names = Names::new(Naming::Names, 1);
        names.has_port(Protocol::Udp, 40001, "u");
        let address = Address::from(SocketAddr::from(([127, 0, 0, 1], 40001)));
        assert_eq!(names.address(&address), "127.0.0.1:<u>");
        assert_eq!(names.address_of(Protocol::Tcp, &address), "127.0.0.1:40001");
        names.has_port(Protocol::Tcp, 40001, "c");
        let shown = [Protocol::Tcp, Protocol::Udp].map(|protocol| names.address_of(protocol, &address));
        assert_eq!(shown, ["127.0.0.1:<c>", "127.0.0.1:<u>"]);
    }
}
