//! Addresses that cannot be had, and destinations that cannot be reached.

use crate::{check, support, with_pair};
use std::net::{TcpListener, UdpSocket};

#[test]
fn an_address_in_use_names_its_holder() {
    check(
        "srv = socket tcp\nbind srv 127.0.0.1:0\nlisten srv\nother = socket tcp\nbind other srv",
        &["EADDRINUSE (Address already in use)", "is held by this session's srv (LISTEN)"],
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let this = format!("is held by process {} (", std::process::id());
    check(&format!("c = socket tcp\nbind c {address}"), &["EADDRINUSE", &this, "(LISTEN)"]);
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = udp.local_addr().unwrap();
    check(&format!("c = socket udp\nbind c {address}"), &["EADDRINUSE", &this, "(unconnected)"]);
}

#[test]
fn time_wait_is_in_the_way() {
    // The server's end ended first, and srv is gone: only TIME-WAIT holds the address.
    let rest = "shutdown conn WR\nshutdown c WR\nwait conn TIME-WAIT\nclose srv\nagain = socket tcp\n";
    let script = with_pair(&format!("{rest}bind again conn"));
    check(&script, &["is held by this session's conn (TIME-WAIT)", "On Linux both must have it"]);
    let late = with_pair(&format!("{rest}setsockopt again SO_REUSEADDR 1\nbind again conn"));
    check(&late, &["SO_REUSEADDR is set on again, but that is not enough"]);
    let early = "other = socket tcp\nsetsockopt other SO_REUSEADDR 1\n";
    check(&format!("{early}{script}"), &["`setsockopt again SO_REUSEADDR 1`, then bind again"]);
}

#[test]
fn two_that_would_listen() {
    let reuse = |name: &str| format!("{name} = socket tcp\nsetsockopt {name} SO_REUSEADDR 1\n");
    let script = format!("{}bind a 127.0.0.1:0\n{}bind b a\nlisten a\nlisten b", reuse("a"), reuse("b"));
    check(&script, &["EADDRINUSE", "is held by this session's a (LISTEN)", "only one listen"]);
    check(
        &format!("{}bind a 127.0.0.1:0\nlisten a\n{}bind b a", reuse("a"), reuse("b")),
        &["SO_REUSEADDR would not help", "`close a`"],
    );
}

#[test]
fn destinations_that_cannot_be() {
    check("c = socket tcp\nconnect c 127.0.0.1:0", &["ECONNREFUSED", "port 0 is nobody's"]);
    check("u = socket udp\nsendto u \"x\" 127.0.0.1:0", &["EINVAL", "port 0 is nobody's"]);
    check(
        "u = socket udp\nsendto u \"x\" 255.255.255.255:9",
        &["EACCES", "means every machine", "`setsockopt u SO_BROADCAST 1`"],
    );
    check("c = socket tcp\nconnect c 224.0.0.1:9", &["ENETUNREACH", "lo (127.0.0.1)", "multicast"]);
    check(
        "u = socket udp\nbind u 127.0.0.1:0\nsendto u \"x\" 192.0.2.1:9",
        &["EINVAL", "from which only this machine can be reached"],
    );
    check(
        "c = socket tcp\nconnect c [::1]:9",
        &["EAFNOSUPPORT", "c is a socket of AF_INET, and [::1]:9 is an address of AF_INET6"],
    );
    check("c = socket tcp\nbind c unix:/nosuch/x", &["is an address of AF_UNIX"]);
    check("c = socket tcp\nbind c 192.0.2.1:0", &["EADDRNOTAVAIL", "`ip address` lists the addresses"]);
    // At a terminal they are listed.
    let home = tempfile::tempdir().unwrap();
    let mut terminal = support::terminal::Terminal::start(120, home.path(), &["--no-color"], &[]);
    terminal.awaits_prompt("");
    terminal.enters("c = socket tcp", "= 3");
    terminal.enters("bind c 192.0.2.1:0", "127.0.0.1 (lo)");
}

#[test]
fn refused_says_what_is_missing() {
    check(
        "c = socket tcp\nsrv = socket tcp\nbind srv 127.0.0.1:0\nconnect c srv",
        &["ECONNREFUSED (Connection refused)", "srv is bound to it, but does not listen", "`listen srv`"],
    );
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    check(&format!("c = socket tcp\nconnect c {free}"), &["nothing listens at", "answered the SYN with RST"]);
}

#[test]
fn udp_hears_of_it_late() {
    let script =
        "u = socket udp\nbind u 127.0.0.1:0\nv = socket udp\nconnect v u\nclose u\nsend v \"x\"\nrecv v 9";
    check(script, &["ECONNREFUSED", "ICMP: port unreachable"]);
}

#[test]
fn a_listener_of_ipv6_only_is_told_to_a_client_of_ipv4() {
    if netkit::lesson::chapters::missing("ipv6").is_some() {
        println!("skipped: needs IPv6");
        return;
    }
    check(
        "srv = socket tcp6\nsetsockopt srv IPV6_V6ONLY 1\nbind srv [::]:0\nlisten srv\nc = socket tcp\nconnect c srv",
        &["ECONNREFUSED", "a socket of IPv6", "`getsockopt srv IPV6_V6ONLY` tells"],
    );
}
