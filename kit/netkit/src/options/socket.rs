//! The options of every socket, socket(7).

use super::Shape::{
    Address, Bool, Bytes, Credentials, Errno, Flags, Int, InterfaceIndex, Linger, Long, MemoryInfo, Named,
    Text, Timeval,
};
use super::kind::Fits;
use super::{Level, SocketOption, Unit, both, get, names, set};

const L: Level = Level::Socket;
const ANY: Fits = Fits::ANY;

/// The rows.
pub(super) static OPTIONS: &[SocketOption] = &[
    get(L, "SO_ACCEPTCONN", libc::SO_ACCEPTCONN, Bool, ANY, "Whether the socket listens.").fresh("off"), both(L, "SO_BINDTODEVICE", libc::SO_BINDTODEVICE, Text, Fits::INET, "lo", "The only network interface whose packets reach this socket, and by which its packets leave.").fresh("none"),
    both(L, "SO_BINDTOIFINDEX", libc::SO_BINDTOIFINDEX, InterfaceIndex, Fits::INET, "lo", "The same as SO_BINDTODEVICE, by the number of the interface.").fresh("none"),
    both(L, "SO_BROADCAST", libc::SO_BROADCAST, Bool, ANY, "1", "Whether a datagram may be sent to all machines of a network at once, at its broadcast address; without it, that fails with EACCES.").fresh("off"),
    both(L, "SO_BUF_LOCK", libc::SO_BUF_LOCK, Flags(names::BUFFER_LOCKS), ANY, "SOCK_RCVBUF_LOCK", "Which of SO_SNDBUF and SO_RCVBUF have been set: their size is no longer adapted by the kernel.").fresh("0").moves(),
    both(L, "SO_BUSY_POLL", libc::SO_BUSY_POLL, Int(Unit::Microseconds), ANY, "0", "How long a call that finds nothing asks the network card again and again before it goes to sleep.").range(0, i32::MAX),
    set(L, "SO_BUSY_POLL_BUDGET", libc::SO_BUSY_POLL_BUDGET, Int(Unit::Times), ANY, "8", "How many packets such asking (SO_BUSY_POLL) takes at most at a time.").needs("CAP_NET_ADMIN"),
    get(L, "SO_BPF_EXTENSIONS", libc::SO_BPF_EXTENSIONS, Int(Unit::Plain), ANY, "Which extensions filters for SO_ATTACH_FILTER may use: a number that the kernel's version says."),
    get(L, "SO_COOKIE", libc::SO_COOKIE, Long(Unit::Plain), ANY, "The kernel's own number for the socket: it stays the same for all of its life and is never given again.").moves(),
    both(L, "SO_DEBUG", libc::SO_DEBUG, Bool, ANY, "1", "Whether the kernel writes notes about this socket, which it hardly does any more.").fresh("off").needs("CAP_NET_ADMIN"),
    get(L, "SO_DOMAIN", libc::SO_DOMAIN, Named(names::DOMAINS), ANY, "The family of addresses that the socket was made for."),
    both(L, "SO_DONTROUTE", libc::SO_DONTROUTE, Bool, ANY, "1", "Whether packets go only to machines of a network that this one is itself part of, and through no router.").fresh("off"),
    get(L, "SO_ERROR", libc::SO_ERROR, Errno, ANY, "The error that waits on the socket: of a connect that did not block, for example, or told by a message from the network.").fresh("0: no error").consumed(),
    both(L, "SO_INCOMING_CPU", libc::SO_INCOMING_CPU, Int(Unit::Plain), ANY, "0", "The processor that has last taken in a packet for this socket, counted from 0; -1 before that.").moves(),
    get(L, "SO_INCOMING_NAPI_ID", libc::SO_INCOMING_NAPI_ID, Int(Unit::Plain), ANY, "The number of the network card's queue from which the last packet came; 0 if that is not known.").moves(),
    both(L, "SO_KEEPALIVE", libc::SO_KEEPALIVE, Bool, ANY, "1", "Whether a TCP connection on which nothing moves is probed now and then, so that a dead other end is noticed (TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT say when).").fresh("off"),
    both(L, "SO_LINGER", libc::SO_LINGER, Linger, ANY, "0", "What close does with data not yet sent: off sends them in the background, a number of seconds makes close wait for it, and 0 seconds throws them away and breaks the connection off with RST.").fresh("off"),
    both(L, "SO_LOCK_FILTER", libc::SO_LOCK_FILTER, Bool, ANY, "0", "Whether the attached filter can no longer be changed; once on, it cannot be switched off.").fresh("off"),
    both(L, "SO_MARK", libc::SO_MARK, Int(Unit::Plain), ANY, "7", "A number that every packet of this socket carries inside the machine, for its firewall and routing.").fresh("0").needs("CAP_NET_ADMIN or CAP_NET_RAW"),
    both(L, "SO_MAX_PACING_RATE", libc::SO_MAX_PACING_RATE, Long(Unit::BytesPerSecond), ANY, "1000000", "The highest rate at which the kernel sends what it was given."),
    get(L, "SO_MEMINFO", libc::SO_MEMINFO, MemoryInfo, ANY, "How much of the kernel's memory the socket uses, and how much it may use.").moves(),
    get(L, "SO_NETNS_COOKIE", 71, Long(Unit::Plain), ANY, "The kernel's number for the network namespace that the socket is in.").moves(),
    both(L, "SO_NO_CHECK", libc::SO_NO_CHECK, Bool, ANY, "1", "Whether UDP over IPv4 sends datagrams without a checksum.").fresh("off"),
    both(L, "SO_NOFCS", libc::SO_NOFCS, Bool, ANY, "1", "Whether the network card leaves out the checksum of frames; only raw packet sockets heed it.").fresh("off"),
    both(L, "SO_OOBINLINE", libc::SO_OOBINLINE, Bool, ANY, "1", "Whether the urgent byte of TCP (MSG_OOB) stays in its place in the stream, in place of beside it.").fresh("off"),
    both(L, "SO_PASSCRED", libc::SO_PASSCRED, Bool, Fits::UNIX, "1", "Whether each message comes with the process, user and group that sent it (SCM_CREDENTIALS).").fresh("off"),
    both(L, "SO_PASSSEC", libc::SO_PASSSEC, Bool, Fits::UNIX, "1", "Whether each message comes with the sender's label of the system's security module (SCM_SECURITY).").fresh("off"),
    both(L, "SO_PEEK_OFF", libc::SO_PEEK_OFF, Int(Unit::Bytes), ANY, "0", "From which byte on a recv with MSG_PEEK looks; -1: from the first that waits.").fresh("-1 bytes"),
    get(L, "SO_PEERCRED", libc::SO_PEERCRED, Credentials, Fits::UNIX, "The process, user and group at the other end, as they were when it connected."),
    get(L, "SO_PEERGROUPS", libc::SO_PEERGROUPS, Bytes, Fits::UNIX_STREAM, "The further groups of the user at the other end, four bytes each."),
    get(L, "SO_PEERNAME", libc::SO_PEERNAME, Address, ANY, "The address of the other end, as getpeername gives it.").moves(), get(L, "SO_PEERSEC", libc::SO_PEERSEC, Text, Fits::UNIX_STREAM.or(Fits::TCP), "The other end's label of the system's security module, where it has one."),
    both(L, "SO_PREFER_BUSY_POLL", libc::SO_PREFER_BUSY_POLL, Bool, ANY, "0", "Whether asking the network card (SO_BUSY_POLL) comes before being interrupted by it.").fresh("off"),
    both(L, "SO_PRIORITY", libc::SO_PRIORITY, Int(Unit::Plain), ANY, "4", "How urgent the packets of this socket are when several wait to leave the machine: 0 to 6.").fresh("0"),
    get(L, "SO_PROTOCOL", libc::SO_PROTOCOL, Named(names::PROTOCOLS), ANY, "The protocol that the socket was made for."),
    both(L, "SO_RCVBUF", libc::SO_RCVBUF, Int(Unit::Bytes), ANY, "65536", "How much memory the receive queue may take; what is set is doubled, for the kernel's own book-keeping.").moves(),
    set(L, "SO_RCVBUFFORCE", libc::SO_RCVBUFFORCE, Int(Unit::Bytes), ANY, "65536", "SO_RCVBUF without the limit of net.core.rmem_max.").needs("CAP_NET_ADMIN"),
    both(L, "SO_RCVLOWAT", libc::SO_RCVLOWAT, Int(Unit::Bytes), ANY, "10", "How many bytes must wait before poll says POLLIN and a recv that blocks is woken.").fresh("1 byte"),
    both(L, "SO_RCVTIMEO", libc::SO_RCVTIMEO, Timeval, ANY, "2s", "How long a call that receives (or accepts) waits before it fails with EAGAIN; 0: for ever.").fresh("0: no limit"),
    both(L, "SO_RESERVE_MEM", libc::SO_RESERVE_MEM, Int(Unit::Bytes), ANY, "0", "How much of the kernel's memory is set aside for this socket alone.").fresh("0 bytes"),
    both(L, "SO_REUSEADDR", libc::SO_REUSEADDR, Bool, ANY, "1", "Whether bind may take an address that connections in TIME-WAIT still use; for UDP also one that other sockets with this option have.").fresh("off"),
    both(L, "SO_REUSEPORT", libc::SO_REUSEPORT, Bool, Fits::INET, "1", "Whether several sockets of one user may be bound to the same address, if all have this option: the kernel shares what comes among them.").fresh("off"),
    both(L, "SO_RXQ_OVFL", libc::SO_RXQ_OVFL, Bool, ANY, "1", "Whether datagrams come with the number of those that were dropped because the receive queue was full.").fresh("off"),
    both(L, "SO_SELECT_ERR_QUEUE", libc::SO_SELECT_ERR_QUEUE, Bool, ANY, "1", "Whether poll reports a message in the error queue as POLLPRI, too.").fresh("off"),
    both(L, "SO_SNDBUF", libc::SO_SNDBUF, Int(Unit::Bytes), ANY, "65536", "How much memory the send queue may take; what is set is doubled, for the kernel's own book-keeping.").moves(),
    set(L, "SO_SNDBUFFORCE", libc::SO_SNDBUFFORCE, Int(Unit::Bytes), ANY, "65536", "SO_SNDBUF without the limit of net.core.wmem_max.").needs("CAP_NET_ADMIN"),
    get(L, "SO_SNDLOWAT", libc::SO_SNDLOWAT, Int(Unit::Bytes), ANY, "How much room the send queue needs before poll says POLLOUT; Linux does not let it be changed.").fresh("1 byte"),
    both(L, "SO_SNDTIMEO", libc::SO_SNDTIMEO, Timeval, ANY, "2s", "How long a call that sends (or connects) waits before it fails with EAGAIN (connect: EINPROGRESS); 0: for ever.").fresh("0: no limit"),
    both(L, "SO_TIMESTAMP", libc::SO_TIMESTAMP, Bool, ANY, "1", "Whether datagrams come with the time at which they arrived, in microseconds.").fresh("off"),
    both(L, "SO_TIMESTAMPING", libc::SO_TIMESTAMPING, Flags(names::TIMESTAMPING), ANY, "SOF_TIMESTAMPING_RX_SOFTWARE|SOF_TIMESTAMPING_SOFTWARE", "Which moments of a packet's way are noted, and told with it.").fresh("0"),
    both(L, "SO_TIMESTAMPNS", libc::SO_TIMESTAMPNS, Bool, ANY, "1", "Whether datagrams come with the time at which they arrived, in nanoseconds.").fresh("off"),
    both(L, "SO_TXREHASH", 74, Named(names::REHASH), Fits::TCP, "SOCK_TXREHASH_ENABLED", "Whether a TCP connection that stalls tries another of several ways through the network."),
    get(L, "SO_TYPE", libc::SO_TYPE, Named(names::TYPES), ANY, "The type that the socket was made with."),
    both(L, "SO_WIFI_STATUS", libc::SO_WIFI_STATUS, Bool, ANY, "1", "Whether it is told if a frame that was sent by radio was acknowledged.").fresh("off"),
    both(L, "SO_ZEROCOPY", libc::SO_ZEROCOPY, Bool, Fits::INET, "1", "Whether send with MSG_ZEROCOPY may take the bytes from the program's memory without copying them first.").fresh("off"),
];
