//! Limits of the caller's network namespace that lessons run into.

use std::io;
use std::ops::RangeInclusive;

use super::procfs;

/// The longest listen queue that the kernel allows, whatever `listen` asks for.
///
/// # Errors
/// `/proc/sys/net/core/somaxconn` cannot be read.
pub fn somaxconn() -> io::Result<u32> {
    let path = "/proc/sys/net/core/somaxconn";
    let text = procfs::read(path)?;
    text.trim().parse().map_err(|_| procfs::malformed(path, &text))
}

/// The first port that every user may bind; those below need CAP_NET_BIND_SERVICE.
///
/// # Errors
/// `/proc/sys/net/ipv4/ip_unprivileged_port_start` cannot be read.
pub fn unprivileged_port_start() -> io::Result<u16> {
    let path = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
    let text = procfs::read(path)?;
    text.trim().parse().map_err(|_| procfs::malformed(path, &text))
}

/// The ports from which the kernel picks when a program leaves the choice to it
/// (port 0, or `connect` without `bind`). IPv6 uses the same.
///
/// # Errors
/// `/proc/sys/net/ipv4/ip_local_port_range` cannot be read.
pub fn ephemeral_ports() -> io::Result<RangeInclusive<u16>> {
    let path = "/proc/sys/net/ipv4/ip_local_port_range";
    let text = procfs::read(path)?;
    let mut ports = text.split_ascii_whitespace().map(str::parse);
    match (ports.next(), ports.next()) {
        (Some(Ok(first)), Some(Ok(last))) => Ok(first..=last),
        _ => Err(procfs::malformed(path, &text)),
    }
}

/// A number of `/proc/sys/net/core`, such as `rmem_max`: the largest SO_RCVBUF that an
/// ordinary user can set.
///
/// # Errors
/// The file cannot be read.
pub fn core(name: &str) -> io::Result<u32> {
    let path = format!("/proc/sys/net/core/{name}");
    let text = procfs::read(&path)?;
    text.trim().parse().map_err(|_| procfs::malformed(&path, &text))
}
