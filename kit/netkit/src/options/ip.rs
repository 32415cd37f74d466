//! The options of IPv4, ip(7).

use super::Shape::{
    Bool, Bytes, Group, GroupAndSource, Int, Interface, InterfaceIndexSwapped, Named, PortRange,
};
use super::kind::Fits;
use super::{Level, SocketOption, Unit, both, get, names, set};

const L: Level = Level::Ip;
const IPV4: Fits = Fits::IPV4;
const UDP4: Fits = Fits::UDP4;

/// The rows.
pub(super) static OPTIONS: &[SocketOption] = &[
    set(L, "IP_ADD_MEMBERSHIP", libc::IP_ADD_MEMBERSHIP, Group, UDP4, "239.1.1.1 127.0.0.1", "Joins a multicast group: datagrams that are sent to the group's address and the socket's port reach it from now on."),
    set(L, "IP_ADD_SOURCE_MEMBERSHIP", libc::IP_ADD_SOURCE_MEMBERSHIP, GroupAndSource, UDP4, "239.1.1.2 127.0.0.1 127.0.0.1", "Joins a multicast group, but only for what one sender sends to it: GROUP SENDER INTERFACE."),
    both(L, "IP_BIND_ADDRESS_NO_PORT", libc::IP_BIND_ADDRESS_NO_PORT, Bool, IPV4, "1", "Whether bind to port 0 leaves the choice of the port to connect, which then needs it unique for this other end only.").fresh("off"),
    set(L, "IP_BLOCK_SOURCE", libc::IP_BLOCK_SOURCE, GroupAndSource, UDP4, "239.1.1.1 127.0.0.2 127.0.0.1", "Stops taking what one sender sends to a group that the socket has joined: GROUP SENDER INTERFACE."),
    get(L, "IP_CHECKSUM", 23, Bool, IPV4, "Whether datagrams come with the checksum of their payload, on sockets that ask for it.").fresh("off"),
    set(L, "IP_DROP_MEMBERSHIP", libc::IP_DROP_MEMBERSHIP, Group, UDP4, "239.1.1.1 127.0.0.1", "Leaves a multicast group that the socket has joined."),
    set(L, "IP_DROP_SOURCE_MEMBERSHIP", libc::IP_DROP_SOURCE_MEMBERSHIP, GroupAndSource, UDP4, "239.1.1.2 127.0.0.1 127.0.0.1", "Leaves a group that was joined for one sender: GROUP SENDER INTERFACE."),
    both(L, "IP_FREEBIND", libc::IP_FREEBIND, Bool, IPV4, "1", "Whether bind takes an address that no interface of this machine has, or has yet.").fresh("off"),
    both(L, "IP_LOCAL_PORT_RANGE", 51, PortRange, IPV4, "40000-40100", "From which ports the kernel chooses one for this socket, LOW-HIGH; 0-0: from the system's range.").fresh("0-0: the system's"),
    both(L, "IP_MINTTL", libc::IP_MINTTL, Int(Unit::Hops), IPV4, "1", "Packets that come with a lower TTL than this are dropped.").range(0, 255).fresh("0 hops"),
    get(L, "IP_MTU", libc::IP_MTU, Int(Unit::Bytes), IPV4, "The largest packet that the way to the other end takes, as far as is known; only of a connected socket.").moves(),
    both(L, "IP_MTU_DISCOVER", libc::IP_MTU_DISCOVER, Named(names::PATH_MTU), IPV4, "IP_PMTUDISC_DO", "What happens with a packet that is too long for a link on its way: cut into fragments (DONT), or refused with EMSGSIZE (DO), so that the size of the way is found out."),
    both(L, "IP_MULTICAST_ALL", libc::IP_MULTICAST_ALL, Bool, UDP4, "0", "Whether the socket gets the datagrams of every group that anyone on this machine has joined; off: only of those that it has joined itself.").fresh("on"),
    both(L, "IP_MULTICAST_IF", libc::IP_MULTICAST_IF, Interface, UDP4, "127.0.0.1", "The network interface by which multicast datagrams leave, by its address or name.").fresh("0.0.0.0: the kernel chooses"),
    both(L, "IP_MULTICAST_LOOP", libc::IP_MULTICAST_LOOP, Bool, UDP4, "0", "Whether multicast datagrams that this socket sends also come back to members on this machine.").fresh("on"),
    both(L, "IP_MULTICAST_TTL", libc::IP_MULTICAST_TTL, Int(Unit::Hops), UDP4, "2", "How many routers multicast datagrams may pass; 1: they stay in this network.").range(0, 255).also(-1).fresh("1 hop"),
    both(L, "IP_OPTIONS", libc::IP_OPTIONS, Bytes, IPV4, "\"\\x01\\x01\\x01\\x01\"", "Options that are put into the IP header of every packet, as bytes; hardly any network lets them pass today.").fresh("none"),
    both(L, "IP_PASSSEC", libc::IP_PASSSEC, Bool, UDP4, "1", "Whether datagrams come with the label that the system's security module gave them.").fresh("off"),
    both(L, "IP_PKTINFO", libc::IP_PKTINFO, Bool, IPV4, "1", "Whether datagrams come with the address that they were sent to and the interface that they came by.").fresh("off"),
    get(L, "IP_PROTOCOL", 52, Named(names::PROTOCOLS), IPV4, "The protocol that the socket was made for, as SO_PROTOCOL says it."),
    both(L, "IP_RECVERR", libc::IP_RECVERR, Bool, IPV4, "1", "Whether error messages from the network wait in a queue of their own, for recvmsg with MSG_ERRQUEUE; a UDP socket that is not connected then hears of errors, too.").fresh("off"),
    both(L, "IP_RECVERR_RFC4884", 26, Bool, IPV4, "1", "Whether errors that were received (IP_RECVERR) tell where in the returned packet further information begins.").fresh("off"),
    both(L, "IP_RECVFRAGSIZE", 25, Bool, UDP4, "1", "Whether datagrams that came in fragments come with the size of the largest one.").fresh("off"),
    both(L, "IP_RECVOPTS", libc::IP_RECVOPTS, Bool, IPV4, "1", "Whether datagrams come with the options of their IP header, as they arrived.").fresh("off"),
    both(L, "IP_RECVORIGDSTADDR", libc::IP_RECVORIGDSTADDR, Bool, UDP4, "1", "Whether datagrams come with the address that they were first sent to, before a firewall led them here.").fresh("off"),
    both(L, "IP_RECVTOS", libc::IP_RECVTOS, Bool, IPV4, "1", "Whether datagrams come with the TOS of their IP header.").fresh("off"),
    both(L, "IP_RECVTTL", libc::IP_RECVTTL, Bool, IPV4, "1", "Whether datagrams come with the TTL of their IP header.").fresh("off"),
    both(L, "IP_RETOPTS", libc::IP_RETOPTS, Bool, IPV4, "1", "Whether datagrams come with the options of their IP header, made ready for an answer.").fresh("off"),
    both(L, "IP_TOS", libc::IP_TOS, Named(names::TOS), IPV4, "IPTOS_LOWDELAY", "The TOS byte of every packet: what it asks of routers. Setting it sets SO_PRIORITY as well.").fresh("0"),
    both(L, "IP_TRANSPARENT", libc::IP_TRANSPARENT, Bool, IPV4, "1", "Whether the socket may use addresses that are not this machine's, as a transparent proxy does.").fresh("off").needs("CAP_NET_ADMIN or CAP_NET_RAW"),
    both(L, "IP_TTL", libc::IP_TTL, Int(Unit::Hops), IPV4, "32", "How many routers a packet may pass before it is thrown away (time to live).").range(1, 255).also(-1),
    set(L, "IP_UNBLOCK_SOURCE", libc::IP_UNBLOCK_SOURCE, GroupAndSource, UDP4, "239.1.1.1 127.0.0.2 127.0.0.1", "Takes again what IP_BLOCK_SOURCE has shut out: GROUP SENDER INTERFACE."),
    both(L, "IP_UNICAST_IF", libc::IP_UNICAST_IF, InterfaceIndexSwapped, IPV4, "lo", "The network interface by which datagrams to single machines leave.").fresh("none"),
];
