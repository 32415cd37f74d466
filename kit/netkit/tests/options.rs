//! The table of options against the kernel: what it says can be read is read, what it says can
//! be set is set, and a new socket has the values that it names.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is the report")]
#![allow(clippy::print_stdout, reason = "what this kernel lacks is worth knowing")]

use netkit::options::decode::decode;
use netkit::options::encode::encode;
use netkit::options::kind::Fits;
use netkit::options::{self, SocketOption};
use netkit::worker::call::Value;
use nix::errno::Errno;
use socket2::{Domain, Protocol, Socket, Type};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;

/// Every kind of socket, with a new one of it.
fn kinds() -> Vec<(Fits, Socket)> {
    let make = |domain, kind, protocol| Socket::new(domain, kind, protocol);
    let mut kinds = vec![
        (Fits::TCP4, make(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).unwrap()),
        (Fits::UDP4, make(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).unwrap()),
        (Fits::UNIX_STREAM, make(Domain::UNIX, Type::STREAM, None).unwrap()),
        (Fits::UNIX_DATAGRAM, make(Domain::UNIX, Type::DGRAM, None).unwrap()),
    ];
    let tcp6 = make(Domain::IPV6, Type::STREAM, Some(Protocol::TCP));
    let udp6 = make(Domain::IPV6, Type::DGRAM, Some(Protocol::UDP));
    match (tcp6, udp6) {
        (Ok(tcp6), Ok(udp6)) => kinds.extend([(Fits::TCP6, tcp6), (Fits::UDP6, udp6)]),
        _ => println!("skipped: needs IPv6"),
    }
    kinds
}

fn get(socket: &Socket, option: &SocketOption) -> Result<Vec<u8>, Errno> {
    let mut bytes = match option.get(0).arguments.pop() {
        Some(Value::Memory(room)) => room.bytes,
        other => panic!("{other:?}"),
    };
    let mut length = bytes.len() as libc::socklen_t;
    // SAFETY: both pointers are to locals of the sizes that the call is told.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            option.level.number(),
            option.number,
            bytes.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    Errno::result(result)?;
    bytes.truncate(length as usize);
    Ok(bytes)
}

fn set(socket: &Socket, option: &SocketOption, bytes: &[u8]) -> Result<(), Errno> {
    // SAFETY: the pointer is to a slice of the length that the call is told.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            option.level.number(),
            option.number,
            bytes.as_ptr().cast(),
            bytes.len() as libc::socklen_t,
        )
    };
    Errno::result(result).map(drop)
}

/// The example of a row, as words. A string in it stands for its bytes.
fn example(option: &SocketOption) -> Vec<Vec<u8>> {
    let line = format!("x {}", option.example);
    let line = netkit::language::parse(&line).unwrap().unwrap();
    line.arguments.iter().map(|word| word.text().unwrap().as_bytes().to_vec()).collect()
}

/// What an option's socket must have gone through before it can be read or set.
fn prepare(socket: &Socket, option: &SocketOption, kind: Fits) {
    let loopback = |kind: Fits| -> SocketAddr {
        if Fits::IPV6.includes(kind) { "[::1]:9".parse().unwrap() } else { "127.0.0.1:9".parse().unwrap() }
    };
    match option.name {
        // Only of a connected socket. A datagram socket is connected without anyone's answer.
        "IP_MTU" | "IPV6_MTU" | "SO_PEERNAME" if Fits::UDP.includes(kind) => {
            socket.connect(&loopback(kind).into()).unwrap();
        }
        "IP_DROP_MEMBERSHIP" => join(socket, "IP_ADD_MEMBERSHIP"),
        "IP_BLOCK_SOURCE" => join(socket, "IP_ADD_MEMBERSHIP"),
        "IP_UNBLOCK_SOURCE" => {
            join(socket, "IP_ADD_MEMBERSHIP");
            join(socket, "IP_BLOCK_SOURCE");
        }
        "IP_DROP_SOURCE_MEMBERSHIP" => join(socket, "IP_ADD_SOURCE_MEMBERSHIP"),
        "IPV6_DROP_MEMBERSHIP" | "IPV6_LEAVE_GROUP" => join(socket, "IPV6_JOIN_GROUP"),
        _ => {}
    }
}

fn join(socket: &Socket, name: &str) {
    let option = options::find(name).unwrap();
    let value = encode(option, &example(option)).unwrap();
    set(socket, option, &value.bytes).unwrap();
}

/// Whether an option cannot be tried here, and why. Anything else that fails is a fault of the table.
fn needs(option: &SocketOption, kind: Fits, error: Errno) -> Option<&'static str> {
    match (option.name, error) {
        (_, Errno::EPERM) if option.needs.is_some() => Some("a capability"),
        (_, Errno::ENOPROTOOPT) => Some("kernel option"),
        ("SO_PEERNAME" | "IP_MTU" | "IPV6_MTU" | "TCP_ULP", Errno::ENOTCONN) if !Fits::UDP.includes(kind) => {
            Some("a connection")
        }
        ("IPV6_ADDRFORM", Errno::ENOTCONN) => Some("a connection"),
        ("SO_PEERGROUPS", Errno::ENODATA) => Some("a connection"),
        ("TCP_ULP", Errno::ENOENT) | ("SO_RESERVE_MEM", Errno::EOPNOTSUPP) => Some("kernel option"),
        ("TCP_TIMESTAMP", Errno::EPERM) => Some("a socket under repair"),
        _ => None,
    }
}

#[test]
fn what_can_be_read_is_read_and_what_can_be_set_is_set() {
    let mut faults = Vec::new();
    let mut tried = 0;
    for option in options::all() {
        for (kind, socket) in kinds() {
            if !option.fits.includes(kind) {
                continue;
            }
            prepare(&socket, option, kind);
            let mut note = |what: &str, error: Errno| match needs(option, kind, error) {
                Some(needs) => println!("skipped: {} {what} needs {needs}", option.name),
                None => faults.push(format!("{what} {} of {}: {error}", option.name, kind.words())),
            };
            if option.readable() {
                tried += 1;
                match get(&socket, option) {
                    Ok(bytes) => assert!(!decode(option, &bytes).words.is_empty(), "{}", option.name),
                    Err(error) => note("get", error),
                }
            }
            if option.writable() {
                tried += 1;
                let value = encode(option, &example(option)).unwrap_or_else(|wrong| panic!("{wrong:?}"));
                if let Err(error) = set(&socket, option, &value.bytes) {
                    note("set", error);
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    println!("{tried} gets and sets");
    assert!(tried > 300, "only {tried} were tried");
}

#[test]
fn ranges_end_where_the_kernels_do() {
    for (kind, socket) in kinds() {
        for option in options::all().filter(|option| option.fits.includes(kind)) {
            let Some(range) = option.range else { continue };
            let outside = [range.from.checked_sub(1), range.to.checked_add(1)].into_iter().flatten();
            for value in outside.filter(|value| !range.takes(*value)) {
                let refused = set(&socket, option, &value.to_ne_bytes());
                assert_eq!(refused, Err(Errno::EINVAL), "{} {value}", option.name);
            }
            for value in [range.from, range.to].into_iter().chain(range.also) {
                let taken = set(&socket, option, &value.to_ne_bytes());
                assert_ne!(taken, Err(Errno::EINVAL), "{} {value}", option.name);
            }
        }
    }
}

#[test]
fn a_new_socket_has_the_values_of_the_table() {
    let mut faults = Vec::new();
    for option in options::all().filter(|option| option.readable()) {
        let Some(fresh) = option.fresh else { continue };
        for (kind, socket) in kinds().into_iter().filter(|(kind, _)| option.fits.includes(*kind)) {
            // What cannot be read is a matter of the other test.
            let Ok(bytes) = get(&socket, option) else { continue };
            let words = decode(option, &bytes).words;
            if words != fresh {
                faults.push(format!("{} of {} is {words}, not {fresh}", option.name, kind.words()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn names_are_unique_and_sentences_whole() {
    for option in options::all() {
        let same = options::all().filter(|other| other.name == option.name).count();
        assert_eq!(same, 1, "{}", option.name);
        assert!(option.meaning.ends_with('.'), "{}: {}", option.name, option.meaning);
        assert_eq!(option.example.is_empty(), !option.writable(), "{}", option.name);
    }
}

/// What the manual names and the table leaves out, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    (
        "SO_ATTACH_FILTER SO_ATTACH_BPF SO_ATTACH_REUSEPORT_CBPF SO_ATTACH_REUSEPORT_EBPF SO_DETACH_BPF SO_DETACH_FILTER SO_GET_FILTER",
        "its value is a program",
    ),
    ("SO_BSDCOMPAT", "gone from the kernel"),
    (
        "IP_HDRINCL IP_NODEFRAG IP_ROUTER_ALERT IPV6_ROUTER_ALERT IPV6_CHECKSUM",
        "raw sockets, which need a privilege",
    ),
    (
        "IP_IPSEC_POLICY IP_XFRM_POLICY IPV6_IPSEC_POLICY IPV6_XFRM_POLICY",
        "keys of IPsec, which need a privilege",
    ),
    (
        "IPV6_AUTHHDR IPV6_DSTOPTS IPV6_HOPOPTS IPV6_RTHDR IPV6_RTHDRDSTOPTS IPV6_NEXTHOP IPV6_PKTINFO IPV6_HOPLIMIT IPV6_PKTOPTIONS IPV6_FLOWLABEL_MGR",
        "headers for sendmsg, or a privilege",
    ),
    (
        "IPV6_2292DSTOPTS IPV6_2292HOPLIMIT IPV6_2292HOPOPTS IPV6_2292PKTINFO IPV6_2292PKTOPTIONS IPV6_2292RTHDR",
        "older forms",
    ),
    ("IPV6_PATHMTU", "IPV6_MTU says the same"),
    ("IPV6_JOIN_ANYCAST IPV6_LEAVE_ANYCAST", "addresses of routers, which need a privilege"),
    ("IP_MSFILTER IP_MSFILTER_SIZE", "the options for single senders do the same"),
    ("IP_RCVDSTADDR IP_RECVIF IP_ORIGDSTADDR IPV6_ORIGDSTADDR", "not of Linux, or the name of a message"),
    (
        "TCP_MD5SIG TCP_COOKIE_TRANSACTIONS TCP_QUEUE_SEQ TCP_REPAIR_OPTIONS TCP_REPAIR_QUEUE TCP_SYNQ_HSIZE",
        "keys, repair, or gone",
    ),
    ("UDP_ENCAP_ESPINUDP UDP_ENCAP_ESPINUDP_NON_IKE UDP_ENCAP_L2TPINUDP", "values"),
];

#[test]
fn every_option_of_the_manual_is_there_or_left_out_for_a_reason() {
    let mut pages = 0;
    for page in ["socket", "ip", "ipv6", "tcp", "udp"] {
        let output =
            std::process::Command::new("zcat").arg(format!("/usr/share/man/man7/{page}.7.gz")).output();
        let Some(text) = output.ok().filter(|output| output.status.success()) else { continue };
        pages += 1;
        let text = String::from_utf8_lossy(&text.stdout).into_owned();
        let words = text.split(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit() && c != '_');
        let names = words.filter(|word| {
            let levels = ["SO_", "IP_", "IPV6_", "TCP_", "UDP_"];
            levels.iter().any(|start| word.starts_with(start) && word.len() > start.len())
                && !["SO_EE_", "IP_PMTUDISC_"].iter().any(|start| word.starts_with(start))
        });
        for name in names {
            let left_out = LEFT_OUT.iter().any(|(names, _)| names.split(' ').any(|other| other == name));
            assert!(options::find(name).is_some() != left_out, "{name} of {page}(7)");
        }
    }
    if pages == 0 {
        println!("skipped: needs the manual's pages");
    }
}
