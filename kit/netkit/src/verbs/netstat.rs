//! `netstat`: the socket table.

use super::{Arguments, Group, Kind, Run, Verb, optional};
use crate::address::Address;
use crate::data::printable;
use crate::kernel::process;
use crate::kernel::sock_diag::{Protocol, SocketFact, SocketState, UdpState};
use crate::outcome::{Failure, Report};
use crate::render::{json, table::table};
use crate::session::Session;
use crate::session::ends::{End, Owner};
use serde_json::{Value, json};

/// The row of `netstat`.
pub(super) static VERB: Verb = Verb {
    name: "netstat",
    group: Group::Look,
    arguments: &[optional("-a", Kind::Word(&["-a"]))],
    summary: "Shows the socket table: queues, addresses, states.",
    details: "The columns are those of the system's netstat, and so are the names of the states. Without -a you \
              see the sockets of this session and the other ends of its connections; with -a all TCP and UDP \
              sockets of the machine. Of a listening socket, Recv-Q counts the connections that wait for accept, \
              and Send-Q is the most that may.",
    example: &["srv = socket tcp", "bind srv 127.0.0.1:0", "listen srv", "netstat"],
    run: Run::Session(run),
};

const HEADER: [&str; 7] =
    ["Proto", "Recv-Q", "Send-Q", "Local Address", "Foreign Address", "State", "Socket"];

fn run(session: &mut Session, arguments: &Arguments) -> Result<Report, Failure> {
    if arguments.word(0).is_some() {
        return everything(session);
    }
    // A socket without an address is in no table of the kernel, netstat's included.
    let ends: Vec<&End> = session.ends().iter().filter(|end| end.local.is_some()).collect();
    let rows = ends.iter().map(|end| {
        let queues = match end.accept_queue {
            Some(queue) => (queue.waiting, queue.limit),
            None => (end.unread, end.unacknowledged),
        };
        let who = match (&end.owner, end.fd) {
            (Owner::Session(Some(name)), Some(fd)) => format!("{fd} {name}"),
            (Owner::Session(None), Some(fd)) => fd.to_string(),
            (Owner::Closed(name), _) => format!("was {name}"),
            _ => end.label(),
        };
        row(session, end.protocol, queues, (end.local.as_ref(), end.remote.as_ref()), end.state, who)
    });
    let rows = headed(rows.collect());
    Ok(Report {
        lines: table(&rows),
        facts: json!({ "sockets": ends.into_iter().map(json::end).collect::<Value>() }),
    })
}

fn everything(session: &mut Session) -> Result<Report, Failure> {
    let all = session.all_sockets()?;
    let inodes: Vec<u64> = all.iter().filter_map(|fact| fact.inode).collect();
    let holders = process::holders_where(|inode| inodes.contains(&inode)).unwrap_or_default();
    let who = |fact: &SocketFact| {
        let holder = fact.inode.and_then(|inode| holders.holders.iter().find(|holder| holder.inode == inode));
        holder
            .map(|holder| format!("{}/{}", holder.pid, printable(&holder.program)))
            .unwrap_or_else(|| "-".into())
    };
    let rows = all.iter().map(|fact| {
        let queues = (fact.receive_queue, fact.send_queue);
        row(session, fact.protocol, queues, (Some(&fact.local), fact.remote.as_ref()), fact.state, who(fact))
    });
    let mut lines = table(&headed(rows.collect()));
    if holders.unreadable > 0 {
        lines.push(format!(
            "({} processes may not be looked into: their sockets show `-`)",
            holders.unreadable
        ));
    }
    Ok(Report { lines, facts: json!({ "sockets": all, "holders": holders }) })
}

fn headed(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    rows.sort();
    rows.insert(0, HEADER.map(String::from).to_vec());
    rows
}

fn row(
    session: &Session,
    protocol: Protocol,
    queues: (u32, u32),
    addresses: (Option<&Address>, Option<&Address>),
    state: SocketState,
    who: String,
) -> Vec<String> {
    let (local, remote) = addresses;
    let nowhere =
        if matches!(local, Some(Address::Inet(local)) if local.is_ipv6()) { "[::]:*" } else { "0.0.0.0:*" };
    let address = |address: Option<&Address>| {
        address.map(|address| session.names().address(address)).unwrap_or_else(|| nowhere.into())
    };
    let state = match state {
        SocketState::Tcp(state) => state.netstat_name(),
        SocketState::Udp(UdpState::Connected) => "ESTABLISHED",
        SocketState::Udp(UdpState::Unconnected) => "",
    };
    let protocol = protocol.to_string().to_ascii_lowercase();
    let (receive, send) = queues;
    vec![
        protocol,
        receive.to_string(),
        send.to_string(),
        address(local),
        address(remote),
        state.to_owned(),
        who,
    ]
}
