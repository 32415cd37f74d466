//! Addresses, ports, names.

use super::{Term, term};

pub(super) static TERMS: &[Term] = &[
    term(
        "address",
        &["socket address", "IP address"],
        "Where a socket is found: for IP an address of a machine and a port, 127.0.0.1:7777; for UNIX sockets a path or an abstract name.",
        &["port", "bind", "loopback", "wildcard address"],
    ),
    term(
        "port",
        &[],
        "A number from 0 to 65535 that tells the sockets of one machine apart. 0 asks the kernel to choose one. TCP and UDP ports are counted apart.",
        &["bind", "ephemeral port", "EADDRINUSE"],
    ),
    term(
        "ephemeral port",
        &["kernel-chosen port"],
        "The port that the kernel gives a socket that was not bound, from the range in /proc/sys/net/ipv4/ip_local_port_range.",
        &["port", "EADDRNOTAVAIL"],
    ),
    term(
        "privileged port",
        &["well-known port"],
        "A port below 1024: only the administrator may bind it, so that no user can pose as a service of the system. The limit is in /proc/sys/net/ipv4/ip_unprivileged_port_start.",
        &["EACCES", "bind"],
    ),
    term(
        "four-tuple",
        &["4-tuple"],
        "Both addresses and both ports of a connection. It names the connection: two connections differ in at least one of the four.",
        &["connection", "TIME-WAIT"],
    ),
    term(
        "loopback",
        &["127.0.0.1", "localhost", "::1"],
        "The network interface of a machine to itself: 127.0.0.1, and ::1 in IPv6. What is sent there never leaves the machine.",
        &["address", "interface"],
    ),
    term(
        "interface",
        &["network interface"],
        "Where a machine meets a network: lo is the loopback, eth0 a card. Each has addresses of its own.",
        &["loopback", "EADDRNOTAVAIL"],
    ),
    term(
        "route",
        &["default route"],
        "The kernel's rule which interface leads to which addresses. The default route is for all that no other names. Without a fitting one: ENETUNREACH.",
        &["ENETUNREACH", "interface"],
    ),
    term(
        "wildcard address",
        &["0.0.0.0", "INADDR_ANY", "::"],
        "0.0.0.0 (:: in IPv6): all addresses of this machine. A server bound to it can be reached at each of them. It is nothing to connect to.",
        &["bind", "address"],
    ),
    term(
        "IPv4",
        &[],
        "The Internet protocol with addresses of 32 bits: 127.0.0.1. Its sockets are of the family AF_INET.",
        &["AF_INET", "IPv6"],
    ),
    term(
        "IPv6",
        &[],
        "The Internet protocol with addresses of 128 bits: ::1. With a port they are written in brackets: [::1]:7777. Its sockets are of the family AF_INET6.",
        &["AF_INET6", "dual stack"],
    ),
    term(
        "dual stack",
        &["IPv4-mapped address"],
        "An IPv6 socket that talks IPv4 as well: the IPv4 address 127.0.0.1 then looks like ::ffff:127.0.0.1. The option IPV6_V6ONLY switches it off.",
        &["IPv6", "AF_INET6"],
    ),
    term(
        "address family",
        &["domain", "family"],
        "What kind of addresses a socket has: AF_INET (IPv4), AF_INET6 (IPv6), AF_UNIX (paths on this machine).",
        &["AF_INET", "AF_INET6", "AF_UNIX", "EAFNOSUPPORT"],
    ),
    term(
        "UNIX socket",
        &["UNIX domain socket", "local socket"],
        "A socket for processes of one machine. Its address is a path in the file system; bind makes a file there, and close does not remove it.",
        &["AF_UNIX", "abstract name", "ECONNREFUSED"],
    ),
    term(
        "abstract name",
        &["abstract address"],
        "A UNIX socket's address that is no file, written @NAME here. It is gone when the last socket that has it is closed. Linux alone has them.",
        &["UNIX socket"],
    ),
    term(
        "multicast",
        &["multicast group"],
        "Sending one datagram to all that have joined a group. IPv4's groups are 224.0.0.0 to 239.255.255.255.",
        &["broadcast", "UDP"],
    ),
    term(
        "broadcast",
        &["255.255.255.255"],
        "Sending one datagram to every machine of a network. The socket must have SO_BROADCAST set, to guard against doing it by mistake.",
        &["EACCES", "multicast"],
    ),
    term(
        "DNS",
        &["host name", "getaddrinfo"],
        "How names such as example.org become addresses. The library function getaddrinfo asks for them; the calls of sockets take addresses only.",
        &["address"],
    ),
    term(
        "network byte order",
        &["big endian", "htons"],
        "Numbers in headers stand with their highest byte first. In C, htons and ntohs turn a port round; netlab does it for you.",
        &["port"],
    ),
];
