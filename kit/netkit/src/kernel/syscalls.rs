//! Names for the numbers of the system calls that socket programs sleep in.

/// The name of a system call of this machine's architecture, if it is in the
/// table: calls on sockets and descriptors, and those that wait.
pub fn name(number: i64) -> Option<&'static str> {
    let row = TABLE.iter().find(|(own, _)| *own == number)?;
    Some(row.1)
}

macro_rules! table {
    ($($(#[$when:meta])* $call:ident $name:literal,)*) => {
        const TABLE: &[(i64, &str)] = &[$($(#[$when])* (libc::$call as i64, $name),)*];
    };
}

// The older calls are missing where Linux came later: a C library makes
// `ppoll` out of `poll` there.
table! {
    SYS_socket "socket",
    SYS_socketpair "socketpair",
    SYS_bind "bind",
    SYS_listen "listen",
    SYS_accept "accept",
    SYS_accept4 "accept4",
    SYS_connect "connect",
    SYS_sendto "sendto",
    SYS_recvfrom "recvfrom",
    SYS_sendmsg "sendmsg",
    SYS_recvmsg "recvmsg",
    SYS_sendmmsg "sendmmsg",
    SYS_recvmmsg "recvmmsg",
    SYS_shutdown "shutdown",
    SYS_getsockname "getsockname",
    SYS_getpeername "getpeername",
    SYS_getsockopt "getsockopt",
    SYS_setsockopt "setsockopt",
    SYS_read "read",
    SYS_write "write",
    SYS_readv "readv",
    SYS_writev "writev",
    SYS_sendfile "sendfile",
    SYS_splice "splice",
    SYS_close "close",
    SYS_dup "dup",
    SYS_dup3 "dup3",
    SYS_fcntl "fcntl",
    SYS_ioctl "ioctl",
    SYS_flock "flock",
    #[cfg(target_arch = "x86_64")]
    SYS_poll "poll",
    SYS_ppoll "ppoll",
    #[cfg(target_arch = "x86_64")]
    SYS_select "select",
    SYS_pselect6 "pselect6",
    #[cfg(target_arch = "x86_64")]
    SYS_epoll_wait "epoll_wait",
    SYS_epoll_pwait "epoll_pwait",
    SYS_epoll_pwait2 "epoll_pwait2",
    SYS_io_uring_enter "io_uring_enter",
    SYS_futex "futex",
    SYS_nanosleep "nanosleep",
    SYS_clock_nanosleep "clock_nanosleep",
    #[cfg(target_arch = "x86_64")]
    SYS_pause "pause",
    SYS_rt_sigsuspend "rt_sigsuspend",
    SYS_rt_sigtimedwait "rt_sigtimedwait",
    SYS_wait4 "wait4",
    SYS_waitid "waitid",
    SYS_restart_syscall "restart_syscall",
}
