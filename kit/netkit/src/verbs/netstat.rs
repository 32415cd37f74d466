//! `netstat`: the socket table.

use super::{Arguments, Group, Kind, Run, Verb, optional};
use crate::address::Address;
use crate::data::printable;
use crate::explain::phrases;
use crate::kernel::process;
use crate::kernel::sock_diag::{Protocol, SocketFact, SocketState, Timer, UdpState, UnixState};
use crate::kernel::state::TcpState;
use crate::outcome::{Failure, Report};
use crate::render::{amount, json, table::table};
use crate::session::Session;
use crate::session::ends::{End, Owner};
use serde_json::{Value, json};

/// The row of `netstat`.
pub(super) static VERB: Verb = Verb {
    name: "netstat",
    group: Group::Look,
    arguments: &[
        optional("WHICH", Kind::Word(&[])),
        optional("WHICH", Kind::Word(&[])),
        optional("WHICH", Kind::Word(&[])),
    ],
    summary: "Shows the socket table: queues, addresses, states.",
    details: "The columns are those of the system's netstat, and so are the names of the states. You see the \
              sockets of this session and the other ends of its connections, also those that no descriptor \
              belongs to: not yet accepted, closed but not yet over, in TIME-WAIT. With -a it is all TCP and UDP \
              sockets of the machine, with `-a unix` all those of the UNIX domain (u_str, u_dgr and u_seq are its \
              types stream, datagram and seqpacket). WHICH may also be tcp, udp, unix, a state or a port: \
              `netstat -a LISTEN`, `netstat :7777`. Of a listening socket Recv-Q counts the connections that wait for accept, and \
              Send-Q is the most that may, as in ss; the system's netstat says 0 there, and leaves out TCP \
              sockets that only have a port. Of a UDP socket of another process Recv-Q is the memory that its datagrams \
              take, as in the system's netstat.",
    example: &["srv = socket tcp", "bind srv 127.0.0.1:0", "listen srv", "netstat", "netstat tcp LISTEN"],
    run: Run::Session(run),
};

/// Which sockets are wanted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Which {
    /// All of the machine.
    all: bool,
    protocol: Option<Protocol>,
    /// The UNIX domain.
    unix: bool,
    state: Option<TcpState>,
    port: Option<u16>,
}

impl Which {
    fn read<'a>(words: impl Iterator<Item = &'a str>) -> Result<Self, Failure> {
        let mut which = Self::default();
        for word in words {
            if word == "-a" {
                which.all = true;
            } else if word.eq_ignore_ascii_case("unix") {
                which.unix = true;
            } else if let Some(protocol) = [Protocol::Tcp, Protocol::Udp]
                .into_iter()
                .find(|protocol| protocol.to_string().eq_ignore_ascii_case(word))
            {
                which.protocol = Some(protocol);
            } else if let Ok(port) = word.trim_start_matches(':').parse() {
                which.port = Some(port);
            } else if let Ok(state) = word.parse() {
                which.state = Some(state);
            } else {
                return Err(Failure::new(format!("netstat cannot choose sockets by `{word}`"))
                    .next("it can by `-a` (all of the machine), `tcp`, `udp`, `unix`, a state such as `LISTEN`, or a port such as `:7777`"));
            }
        }
        Ok(which)
    }

    fn takes(&self, row: &Row) -> bool {
        let has = |address: &Option<Address>, port| address.as_ref().and_then(Address::port) == Some(port);
        // A machine has hundreds of UNIX sockets: they are shown when they are meant.
        let domain = if self.unix { row.protocol.is_unix() } else { !self.all || !row.protocol.is_unix() };
        let is = |state: TcpState| match row.state.tcp() {
            // BOUND has the same name as CLOSED.
            Some(own) => own.name() == state.name(),
            None => state == TcpState::Listen && row.state.listens(),
        };
        domain
            && self.protocol.is_none_or(|protocol| protocol == row.protocol)
            && self.state.is_none_or(is)
            && self.port.is_none_or(|port| has(&row.local, port) || has(&row.remote, port))
    }
}

/// A socket's row, before it is put into words.
struct Row {
    protocol: Protocol,
    receive: u32,
    send: u32,
    local: Option<Address>,
    remote: Option<Address>,
    state: SocketState,
    timer: Option<Timer>,
    who: String,
}

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    let which = Which::read((0..VERB.arguments.len()).filter_map(|place| arguments.word(place)))?;
    if which.all {
        return everything(session, &which);
    }
    // A socket without an address is in no table of the kernel, netstat's included.
    let with_address = session.ends().iter().filter(|end| end.local.is_some() || end.unix.is_some());
    let ends = with_address.map(|end| (end, of_end(end))).filter(|(_, row)| which.takes(row));
    let (ends, rows): (Vec<&End>, Vec<Row>) = ends.unzip();
    Ok(Report {
        lines: lines(session, &rows),
        facts: json!({ "sockets": ends.into_iter().map(json::end).collect::<Value>() }),
    })
}

fn of_end(end: &End) -> Row {
    let (receive, send) = match end.accept_queue {
        Some(queue) => (queue.waiting, queue.limit),
        None => (end.unread, end.unacknowledged),
    };
    let who = match (&end.owner, end.fd) {
        (Owner::Session(_), Some(_)) => {
            let named = |fd| match end.label_of(fd) {
                label if label == fd.to_string() => label,
                label => format!("{fd} {label}"),
            };
            end.fds().into_iter().map(named).collect::<Vec<_>>().join(", ")
        }
        (Owner::Closed(name), _) => format!("was {name}"),
        _ => end.label(),
    };
    let End { protocol, local, remote, state, timer, .. } = end.clone();
    Row { protocol, receive, send, local, remote, state, timer, who }
}

fn everything(session: &mut Session, which: &Which) -> Result<Report, Failure> {
    let all = session.all_sockets()?;
    let (facts, mut rows): (Vec<&SocketFact>, Vec<Row>) =
        all.iter().map(|fact| (fact, of_fact(fact))).filter(|(_, row)| which.takes(row)).unzip();
    let inodes: Vec<u64> = facts.iter().filter_map(|fact| fact.inode).collect();
    let holders = process::holders_where(|inode| inodes.contains(&inode)).unwrap_or_default();
    for (row, fact) in rows.iter_mut().zip(&facts) {
        let holder = fact.inode.and_then(|inode| holders.holders.iter().find(|holder| holder.inode == inode));
        row.who = holder
            .map_or_else(|| "-".into(), |holder| format!("{}/{}", holder.pid, printable(&holder.program)));
    }
    let mut lines = lines(session, &rows);
    if holders.unreadable > 0 {
        lines.push(format!(
            "({} processes may not be looked into: their sockets show `-`)",
            holders.unreadable
        ));
    }
    Ok(Report { lines, facts: json!({ "sockets": facts, "holders": holders }) })
}

fn of_fact(fact: &SocketFact) -> Row {
    Row {
        protocol: fact.protocol,
        receive: fact.receive_queue,
        send: fact.send_queue,
        local: Some(fact.local.clone()),
        remote: fact.remote.clone(),
        state: fact.state,
        timer: fact.timer,
        who: String::new(),
    }
}

fn lines(session: &Session, rows: &[Row]) -> Vec<String> {
    let mut cells: Vec<[String; 8]> = rows.iter().map(|row| cells(session, row)).collect();
    cells.sort();
    let timer = if cells.iter().any(|row| !row[TIMER].is_empty()) { "Timer" } else { "" };
    let header = ["Proto", "Recv-Q", "Send-Q", "Local Address", "Foreign Address", "State", "Socket", timer];
    cells.insert(0, header.map(String::from));
    table(&cells.into_iter().map(Vec::from).collect::<Vec<_>>())
}

const TIMER: usize = 7;

fn cells(session: &Session, row: &Row) -> [String; 8] {
    let v6 = row.local.as_ref().and_then(Address::inet).is_some_and(|address| address.is_ipv6());
    let address = |address: &Option<Address>| match address {
        Some(address) => session.names().address_of(row.protocol, address),
        None if row.protocol.is_unix() => "*".into(),
        None if v6 => "[::]:*".into(),
        None => "0.0.0.0:*".into(),
    };
    let state = match row.state {
        SocketState::Tcp(state) => state.netstat_name(),
        SocketState::Udp(UdpState::Connected) => "ESTABLISHED",
        SocketState::Udp(UdpState::Unconnected) | SocketState::Unix(UnixState::Unconnected) => "",
        SocketState::Unix(UnixState::Connected) => "CONNECTED",
        SocketState::Unix(UnixState::Listening) => "LISTENING",
    };
    let protocol = match row.protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        // As ss has it.
        Protocol::UnixStream => "u_str",
        Protocol::UnixDatagram => "u_dgr",
        Protocol::UnixSeqpacket => "u_seq",
    };
    let numbers = session.shows_numbers();
    let timer = row.timer.filter(|_| numbers);
    let timer = timer.and_then(|timer| phrases::timer(&timer, row.protocol, row.state, true));
    [
        format!("{protocol}{}", if v6 { "6" } else { "" }),
        amount(row.receive, numbers),
        amount(row.send, numbers),
        address(&row.local),
        address(&row.remote),
        state.to_owned(),
        row.who.clone(),
        timer.unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_chosen_by_words_in_any_order() {
        let read = |line: &str| Which::read(line.split_whitespace());
        let which = Which {
            all: true,
            protocol: Some(Protocol::Tcp),
            state: Some(TcpState::Listen),
            ..Which::default()
        };
        assert_eq!(read("LISTEN -a tcp"), Ok(which));
        assert_eq!(read(":80"), Ok(Which { port: Some(80), ..Which::default() }));
        assert_eq!(read("80"), read(":80"));
        assert_eq!(read(""), Ok(Which::default()));
        assert!(read("xyzzy").is_err() && read("70000").is_err());
    }
}
