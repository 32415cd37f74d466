//! What can be named at the moment: what completion, hints and colours know of the session.

use netkit::options::kind::Fits;
use netkit::session::Session;
use netkit::session::ends::{End, Owner};
use std::collections::BTreeMap;

/// What can be named at the moment.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The open sockets, by descriptor.
    pub sockets: Vec<End>,
    /// Sockets that were closed, and that the kernel keeps.
    pub closed: Vec<End>,
    /// What kind of socket each descriptor is, as options tell them apart.
    pub kinds: BTreeMap<i32, Fits>,
    /// The programs' names.
    pub programs: Vec<String>,
    /// The relays: name, and what each leads to.
    pub relays: Vec<(String, String)>,
    /// The servers that answer by rule.
    pub responders: Vec<String>,
    /// Addresses that were given a name.
    pub named: Vec<(String, String)>,
    /// The jobs that have not returned: number and line.
    pub jobs: Vec<(u32, String)>,
    /// Addresses that were typed, the last one first.
    pub addresses: Vec<String>,
}

impl Known {
    /// What a session knows now.
    pub fn of(session: &Session) -> Self {
        let kind = |end: &End| Some((end.fd?, session.kind_of(end.fd?)?));
        Self {
            kinds: session.ends().iter().filter_map(kind).collect(),
            sockets: session.ends().iter().filter(|end| end.fd.is_some()).cloned().collect(),
            closed: session.ends().iter().filter(|end| was_closed(end)).cloned().collect(),
            programs: session.programs().names().map(str::to_owned).collect(),
            relays: session
                .relays()
                .iter()
                .map(|(name, relay)| (name.clone(), relay.server.clone()))
                .collect(),
            responders: session.responders().keys().cloned().collect(),
            named: session.named_addresses().map(|(name, at)| (name.to_owned(), at.to_string())).collect(),
            jobs: session.jobs().map(|(number, job)| (number, job.line.clone())).collect(),
            addresses: Vec::new(),
        }
    }

    /// The open socket that a word names, by any of its descriptors.
    pub fn socket(&self, word: &str) -> Option<&End> {
        let named = |end: &End, fd: i32| end.label_of(fd) == word || fd.to_string() == word;
        self.sockets.iter().find(|end| end.fds().into_iter().any(|fd| named(end, fd)))
    }

    /// What the relay of this name leads to.
    pub fn leads_to(&self, relay: &str) -> Option<&str> {
        self.relays.iter().find(|(name, _)| name == relay).map(|(_, server)| server.as_str())
    }

    /// What kind of socket a word names.
    pub fn kind(&self, word: &str) -> Option<Fits> {
        self.kinds.get(&self.socket(word)?.fd?).copied()
    }

    /// Whether a word names something that is there.
    pub fn names(&self, word: &str) -> bool {
        self.socket(word).is_some()
            || self.programs.iter().any(|program| program == word)
            || self.responders.iter().any(|responder| responder == word)
            || self.relays.iter().chain(&self.named).any(|(name, _)| name == word)
    }
}

fn was_closed(end: &End) -> bool {
    matches!(end.owner, Owner::Closed(_))
}

/// A socket in a few words: `TCP LISTEN 127.0.0.1:7777`.
pub fn about(end: &End) -> String {
    let mut words = format!("{} {}", end.protocol, end.state);
    if let Some(local) = end.local.as_ref().filter(|_| end.has_address()) {
        words.push_str(&format!(" {local}"));
    }
    words
}

/// A session with a listener `srv` (3), a connection `c` (5), a fresh TCP socket (6) and a UDP
/// socket `u` (7) with an address; a program, a relay `link` to u, a server `auto` that
/// answers by rule, and two jobs.
#[cfg(test)]
pub fn example() -> Known {
    use netkit::address::Address;
    use netkit::kernel::sock_diag::{AcceptQueue, Protocol, SocketState, UdpState};
    use netkit::kernel::state::TcpState;
    let end = |fd: i32, name: Option<&str>, state: SocketState, port: u16| End {
        cookie: u64::from(fd.unsigned_abs()),
        owner: Owner::Session(name.map(str::to_owned)),
        fd: Some(fd),
        also: Vec::new(),
        protocol: if matches!(state, SocketState::Udp(_)) { Protocol::Udp } else { Protocol::Tcp },
        local: Some(Address::Inet(std::net::SocketAddr::from(([127, 0, 0, 1], port)))),
        remote: None,
        state,
        unread: 0,
        unacknowledged: 0,
        accept_queue: None,
        timer: None,
        shutdown: None,
        unix: None,
    };
    let mut srv = end(3, Some("srv"), SocketState::Tcp(TcpState::Listen), 7777);
    srv.accept_queue = Some(AcceptQueue { waiting: 0, limit: 8 });
    let time_wait = end(8, None, SocketState::Tcp(TcpState::TimeWait), 40001);
    Known {
        sockets: vec![
            srv,
            end(5, Some("c"), SocketState::Tcp(TcpState::Established), 40000),
            end(6, None, SocketState::Tcp(TcpState::Closed), 0),
            end(7, Some("u"), SocketState::Udp(UdpState::Unconnected), 5353),
        ],
        closed: vec![End { owner: Owner::Closed("old".into()), fd: None, ..time_wait }],
        kinds: BTreeMap::from([(3, Fits::TCP4), (5, Fits::TCP4), (6, Fits::TCP4), (7, Fits::UDP4)]),
        programs: vec!["server".into()],
        relays: vec![("link".into(), "u".into())],
        responders: vec!["auto".into()],
        named: vec![("who".into(), "127.0.0.1:40002".into())],
        jobs: vec![(1, "accept srv &".into()), (2, "recv c 5 &".into())],
        addresses: vec!["127.0.0.1:7777".into()],
    }
}
