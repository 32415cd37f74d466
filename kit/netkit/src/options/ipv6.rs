//! The options of IPv6, ipv6(7).

use super::Shape::{Bool, Flags, Group6, Int, InterfaceIndex, InterfaceIndexSwapped, Named};
use super::kind::Fits;
use super::{Level, SocketOption, Unit, both, names, set};

const L: Level = Level::Ipv6;
const IPV6: Fits = Fits::IPV6;
const UDP6: Fits = Fits::UDP6;

/// The rows.
pub(super) static OPTIONS: &[SocketOption] = &[
    both(L, "IPV6_ADDR_PREFERENCES", libc::IPV6_ADDR_PREFERENCES, Flags(names::SOURCES), IPV6, "IPV6_PREFER_SRC_PUBLIC", "Which of this machine's addresses is taken as the sender's, where it has several."),
    set(L, "IPV6_ADDRFORM", libc::IPV6_ADDRFORM, Named(names::DOMAINS), IPV6, "AF_INET", "Makes a socket of AF_INET of one that is connected to an IPv4 address written as ::ffff:a.b.c.d."),
    set(L, "IPV6_ADD_MEMBERSHIP", libc::IPV6_ADD_MEMBERSHIP, Group6, UDP6, "ff02::1234 lo", "Joins a multicast group; Linux's older name for IPV6_JOIN_GROUP."),
    both(L, "IPV6_AUTOFLOWLABEL", libc::IPV6_AUTOFLOWLABEL, Bool, IPV6, "1", "Whether the kernel marks the packets of one connection with a flow label, so that routers send them one way."),
    both(L, "IPV6_DONTFRAG", libc::IPV6_DONTFRAG, Bool, IPV6, "1", "Whether a datagram that is too long for the interface is refused with EMSGSIZE, in place of cut into fragments.").fresh("off"),
    set(L, "IPV6_DROP_MEMBERSHIP", libc::IPV6_DROP_MEMBERSHIP, Group6, UDP6, "ff02::1234 lo", "Leaves a multicast group; Linux's older name for IPV6_LEAVE_GROUP."),
    both(L, "IPV6_FLOWINFO", libc::IPV6_FLOWINFO, Bool, IPV6, "1", "Whether datagrams come with the flow label of their IP header.").fresh("off"),
    both(L, "IPV6_FLOWINFO_SEND", libc::IPV6_FLOWINFO_SEND, Bool, IPV6, "1", "Whether the flow label in an address that is given to connect or sendto is used.").fresh("off"),
    both(L, "IPV6_FREEBIND", libc::IPV6_FREEBIND, Bool, IPV6, "1", "Whether bind takes an address that no interface of this machine has, or has yet.").fresh("off"),
    set(L, "IPV6_JOIN_GROUP", libc::IPV6_ADD_MEMBERSHIP, Group6, UDP6, "ff02::1234 lo", "Joins a multicast group: datagrams that are sent to the group's address and the socket's port reach it from now on."),
    set(L, "IPV6_LEAVE_GROUP", libc::IPV6_DROP_MEMBERSHIP, Group6, UDP6, "ff02::1234 lo", "Leaves a multicast group that the socket has joined."),
    both(L, "IPV6_MINHOPCOUNT", libc::IPV6_MINHOPCOUNT, Int(Unit::Hops), IPV6, "1", "Packets that come with a lower hop limit than this are dropped.").range(0, 255).fresh("0 hops"),
    both(L, "IPV6_MTU", libc::IPV6_MTU, Int(Unit::Bytes), IPV6, "1280", "The largest packet that is sent; what is read is what the way to the other end takes, and only of a connected socket.").range(1280, i32::MAX).also(0).moves(),
    both(L, "IPV6_MTU_DISCOVER", libc::IPV6_MTU_DISCOVER, Named(names::PATH_MTU6), IPV6, "IPV6_PMTUDISC_DO", "What happens with a packet that is too long for a link on its way: cut into fragments (DONT), or refused with EMSGSIZE (DO)."),
    both(L, "IPV6_MULTICAST_ALL", libc::IPV6_MULTICAST_ALL, Bool, UDP6, "0", "Whether the socket gets the datagrams of every group that anyone on this machine has joined; off: only of those that it has joined itself.").fresh("on"),
    both(L, "IPV6_MULTICAST_HOPS", libc::IPV6_MULTICAST_HOPS, Int(Unit::Hops), UDP6, "2", "How many routers multicast datagrams may pass; 1: they stay in this network.").range(0, 255).also(-1).fresh("1 hop"),
    both(L, "IPV6_MULTICAST_IF", libc::IPV6_MULTICAST_IF, InterfaceIndex, UDP6, "lo", "The network interface by which multicast datagrams leave.").fresh("none"),
    both(L, "IPV6_MULTICAST_LOOP", libc::IPV6_MULTICAST_LOOP, Bool, UDP6, "0", "Whether multicast datagrams that this socket sends also come back to members on this machine.").fresh("on"),
    both(L, "IPV6_RECVDSTOPTS", libc::IPV6_RECVDSTOPTS, Bool, IPV6, "1", "Whether datagrams come with the options that are meant for their receiver.").fresh("off"),
    both(L, "IPV6_RECVERR", libc::IPV6_RECVERR, Bool, IPV6, "1", "Whether error messages from the network wait in a queue of their own, for recvmsg with MSG_ERRQUEUE.").fresh("off"),
    both(L, "IPV6_RECVERR_RFC4884", 31, Bool, IPV6, "1", "Whether errors that were received (IPV6_RECVERR) tell where in the returned packet further information begins.").fresh("off"),
    both(L, "IPV6_RECVFRAGSIZE", 77, Bool, IPV6, "1", "Whether datagrams that came in fragments come with the size of the largest one.").fresh("off"),
    both(L, "IPV6_RECVHOPLIMIT", libc::IPV6_RECVHOPLIMIT, Bool, IPV6, "1", "Whether datagrams come with the hop limit of their IP header.").fresh("off"),
    both(L, "IPV6_RECVHOPOPTS", libc::IPV6_RECVHOPOPTS, Bool, IPV6, "1", "Whether datagrams come with the options that are meant for every router.").fresh("off"),
    both(L, "IPV6_RECVORIGDSTADDR", 74, Bool, IPV6, "1", "Whether datagrams come with the address that they were first sent to, before a firewall led them here.").fresh("off"),
    both(L, "IPV6_RECVPATHMTU", libc::IPV6_RECVPATHMTU, Bool, IPV6, "1", "Whether the socket is told when the largest packet that the way takes has changed.").fresh("off"),
    both(L, "IPV6_RECVPKTINFO", libc::IPV6_RECVPKTINFO, Bool, IPV6, "1", "Whether datagrams come with the address that they were sent to and the interface that they came by.").fresh("off"),
    both(L, "IPV6_RECVRTHDR", libc::IPV6_RECVRTHDR, Bool, IPV6, "1", "Whether datagrams come with the header that says by which routers they went.").fresh("off"),
    both(L, "IPV6_RECVTCLASS", libc::IPV6_RECVTCLASS, Bool, IPV6, "1", "Whether datagrams come with the traffic class of their IP header.").fresh("off"),
    both(L, "IPV6_TCLASS", libc::IPV6_TCLASS, Int(Unit::Plain), IPV6, "32", "The traffic class of every packet, which is IPv6's TOS byte.").range(0, 255).also(-1).fresh("0"),
    both(L, "IPV6_TRANSPARENT", libc::IPV6_TRANSPARENT, Bool, IPV6, "1", "Whether the socket may use addresses that are not this machine's, as a transparent proxy does.").fresh("off").needs("CAP_NET_ADMIN or CAP_NET_RAW"),
    both(L, "IPV6_UNICAST_HOPS", libc::IPV6_UNICAST_HOPS, Int(Unit::Hops), IPV6, "32", "How many routers a packet may pass before it is thrown away.").range(0, 255).also(-1),
    both(L, "IPV6_UNICAST_IF", libc::IPV6_UNICAST_IF, InterfaceIndexSwapped, IPV6, "lo", "The network interface by which datagrams to single machines leave.").fresh("none"),
    both(L, "IPV6_V6ONLY", libc::IPV6_V6ONLY, Bool, IPV6, "1", "Whether the socket speaks IPv6 only; off, a server at :: serves IPv4 as well, whose addresses it sees as ::ffff:a.b.c.d."),
];
