//! What both benches need: a session, and a machine full of sockets.
#![allow(dead_code, reason = "each bench is a program of its own, and uses a part of this")]

use netkit::session::names::Naming;
use netkit::session::{Options, Session};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// A session as the prompt has it. Its worker is this program, started again.
pub fn session() -> Session {
    let worker = std::env::current_exe().expect("this program");
    Session::start(Options::new(worker, Naming::Numbers)).expect("a session starts")
}

/// Many sockets: connections over loopback, both ends of each.
pub struct Crowd {
    ends: Vec<TcpStream>,
}

impl Crowd {
    /// As many sockets as asked for, or as the limit on open descriptors allows.
    pub fn of(sockets: usize) -> Self {
        let server = TcpListener::bind("127.0.0.1:0").expect("a server");
        let address = server.local_addr().expect("an address");
        let mut ends = Vec::with_capacity(sockets);
        while ends.len() + 2 <= sockets {
            let Ok(client) = TcpStream::connect(address) else { break };
            let Ok((accepted, _)) = server.accept() else { break };
            ends.extend([client, accepted]);
        }
        // Room for what is measured.
        ends.truncate(ends.len().saturating_sub(64).max(2));
        Self { ends }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The two addresses of one of them.
    pub fn someone(&self) -> (SocketAddr, SocketAddr) {
        let one = &self.ends[self.ends.len() / 2];
        (one.local_addr().expect("an address"), one.peer_addr().expect("an address"))
    }
}
