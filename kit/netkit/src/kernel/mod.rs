//! What the Linux kernel says about sockets, descriptors and threads.
//!
//! Facts only: nothing here makes a socket do anything, prints, or decides what
//! a fact means for a lesson. Every fact is plain data that can be sent to
//! another process (postcard) or written as JSON.
//!
//! | part | answers | source in the kernel |
//! | --- | --- | --- |
//! | [`state`] | what are the states of TCP called? | `include/net/tcp_states.h` |
//! | [`sock_diag`] | which sockets are there, in which state, with what in their queues? | netlink, sock_diag(7) |
//! | [`queues`] | what is queued in, and which socket is, this descriptor of mine? | ioctl, fstat, getsockopt |
//! | [`tcp_info`] | what has TCP measured and counted of a connection? | getsockopt, sock_diag |
//! | [`memory`] | how much memory do a socket's buffers take, how much may they? | getsockopt, sock_diag |
//! | [`proc_net`] | what does the kernel write of a socket in its tables? | `/proc/PID/net/{tcp,tcp6,udp,udp6,unix}` |
//! | [`process`] | which descriptors has a process, who holds a socket? | `/proc/PID/fd`, `/proc/PID/stat` |
//! | [`thread`] | is a thread asleep inside a system call, and in which? | `/proc/PID/task/TID/{stat,syscall,wchan}` |
//! | [`syscalls`] | what is the system call with this number called? | libc |
//! | [`limits`] | how long may a listen queue be, which ports does the kernel pick from? | `/proc/sys/net` |
//!
//! Three keys join these facts. A descriptor's **inode** is the one in a
//! [`sock_diag::SocketFact`] and in the links of `/proc/PID/fd`. The **cookie**
//! is never used twice while the system runs, so it also tells a socket from a
//! later one with the same addresses. The **four-tuple** is the only key that
//! works before `accept` and after `close`, when no descriptor exists and the
//! inode is absent.
//!
//! All of it is about the network namespace of the *calling* process: a netlink
//! socket belongs to the namespace it was opened in.

pub mod limits;
pub mod memory;
pub mod proc_net;
pub mod process;
mod procfs;
pub mod queues;
pub mod sock_diag;
pub mod state;
pub mod syscalls;
pub mod tcp_info;
pub mod thread;
