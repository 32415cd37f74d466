//! The tables of sockets in `/proc/PID/net`, as the kernel writes them: one line of text
//! for each socket (proc_pid_net(5)).
//!
//! Slow, and less than sock_diag tells, but readable by anyone without a program. Those of
//! a process are about its network namespace. Here a socket's line is only found and cut
//! into its fields; what they mean is for those who show them.

use super::procfs;
use std::io;
use std::net::{IpAddr, SocketAddr};

/// A socket's line in one of the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLine {
    /// The table's name in the folder `net`: `tcp6`.
    pub table: &'static str,
    /// The headings of the table, as they are written.
    pub header: String,
    /// The line, as it is written.
    pub line: String,
}

/// How a socket is known again in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// By its inode.
    Inode(u64),
    /// By its addresses: a socket without a descriptor has inode 0 there.
    Addresses(SocketAddr, SocketAddr),
}

/// Looks for a socket in one of the tables of a process's network namespace: `tcp`,
/// `tcp6`, `udp`, `udp6` or `unix`. `None` when it has no line there.
///
/// # Errors
/// The table cannot be read.
pub fn find(pid: u32, table: &'static str, key: Key) -> io::Result<Option<TableLine>> {
    let text = procfs::read(format!("/proc/{pid}/net/{table}"))?;
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default().trim_end().to_owned();
    let found = lines.find(|line| fits(table, line, key));
    Ok(found.map(|line| TableLine { table, header, line: line.trim_end().to_owned() }))
}

fn fits(table: &str, line: &str, key: Key) -> bool {
    let mut fields = line.split_ascii_whitespace();
    match key {
        Key::Inode(inode) => {
            let place = if table == "unix" { 6 } else { 9 };
            fields.nth(place) == Some(inode.to_string().as_str())
        }
        Key::Addresses(local, remote) => {
            let (_, own, other) = (fields.next(), fields.next(), fields.next());
            own == Some(hex(local).as_str()) && other == Some(hex(remote).as_str())
        }
    }
}

/// An address as these tables write it: each four bytes of it as one number of this
/// machine, and the port as a plain one.
pub fn hex(address: SocketAddr) -> String {
    let bytes = match address.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let (words, _) = bytes.as_chunks::<4>();
    let words: String = words.iter().map(|word| format!("{:08X}", u32::from_ne_bytes(*word))).collect();
    format!("{words}:{:04X}", address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TCP: &str = "   0: 0100007F:1E61 0100007F:9C40 06 00000000:00000000 03:000011E5 00000000     0        0 0 3 0000000015a12575";

    #[test]
    #[cfg(target_endian = "little")]
    fn addresses_are_written_as_the_kernel_does() {
        for (address, written) in [
            ("127.0.0.1:7777", "0100007F:1E61"),
            ("0.0.0.0:0", "00000000:0000"),
            ("[::1]:80", "00000000000000000000000001000000:0050"),
            ("[::ffff:127.0.0.1]:80", "0000000000000000FFFF00000100007F:0050"),
        ] {
            assert_eq!(hex(address.parse().unwrap()), written, "{address}");
        }
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn a_line_is_known_by_inode_or_addresses() {
        let place = |port| SocketAddr::from(([127, 0, 0, 1], port));
        assert!(fits("tcp", TCP, Key::Addresses(place(7777), place(40000))));
        assert!(!fits("tcp", TCP, Key::Addresses(place(40000), place(7777))));
        let unix = "00000000bf4a2f22: 00000003 00000000 00000000 0001 03  1073 @x";
        assert!(fits("unix", unix, Key::Inode(1073)) && !fits("unix", unix, Key::Inode(107)));
        assert!(!fits("tcp", "garbage", Key::Inode(0)));
    }
}
