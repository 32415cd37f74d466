//! Lab 01: a port that the program has no right to, and a socket that has not the usual number.
//!
//! Programs that are graded have no capability, even if the grader is root's. But some machines
//! reserve no ports, containers among them: nothing is refused there, and nothing can be judged.

use super::stand::{Stand, Stop, failed, trouble};
use netkit::data::{Known, show};
use netkit::kernel::limits::unprivileged_port_start;
use netkit::session::program::Program;
use std::fs;

/// CAP_NET_BIND_SERVICE, the number of the right to ports that are reserved (capabilities(7)).
const NET_BIND_SERVICE: u32 = 10;

/// Has the program bind to a reserved port, once for TCP and once for UDP.
pub fn reserved_port(stand: &mut Stand) -> Result<(), Stop> {
    if let Some(missing) = missing(stand)? {
        stand.step(format!("skipped: needs {missing}"));
        return Ok(());
    }
    for kind in ["tcp", "udp"] {
        stand.step(format!("binds to port 1 of {kind}, without the right to it"));
        stand.line(&format!("p = start sockets {kind} 127.0.0.1:1"), "it starts")?;
        stand.line("wait p", "it ends, since it cannot bind")?;
        let ending = stand.session().programs().find("p").and_then(Program::ending);
        let code = ending.and_then(|status| status.code());
        if code != Some(1) {
            let actual =
                code.map_or("it was ended by a signal".to_owned(), |code| format!("exit code {code}"));
            return Err(failed("exit code 1", actual));
        }
        let words = "Permission denied";
        let expected = format!("one line with \"{words}\" on standard error");
        stand.line(&format!("output p one-line stderr \"{words}\""), &expected)?;
        stand.line("output p lacks stdout \"bound\"", "no address on standard output")?;
        stand.note(expected);
    }
    Ok(())
}

/// Starts the program with descriptor 3 open already, so that its socket gets another number.
pub fn another_number(stand: &mut Stand) -> Result<(), Stop> {
    stand.step("starts with descriptor 3 open already, as `sockets tcp 3</dev/null` in a shell");
    // A shell opens it, and becomes the program: the process stays the same.
    let mut line = r#"p = start sh -c "exec \"$@\" 3</dev/null" sh"#.to_owned();
    for word in stand.words("sockets")? {
        line.push(' ');
        line.push_str(&show(word.as_bytes(), &Known::default(), usize::MAX).literal);
    }
    line.push_str(" tcp 127.0.0.1:0");
    stand.line(&line, "it starts")?;
    stand.line("wait p BOUND", "it makes a socket, and binds it")?;
    stand.step("its lines are compared with what the kernel shows");
    stand.line(r#"output p line stdout "pid \(pid:p)""#, "`pid N`, the number of its process")?;
    stand.line(r#"output p line stdout "fd \(fd:p)""#, "`fd N`, the number of its socket, which is not 3")?;
    Ok(())
}

/// What is missing for a port to be refused, if anything is.
fn missing(stand: &mut Stand) -> Result<Option<String>, Stop> {
    let first = unprivileged_port_start().map_err(trouble("looking which ports are reserved"))?;
    if first <= 1 {
        return Ok(Some("a machine that reserves ports (net.ipv4.ip_unprivileged_port_start)".to_owned()));
    }
    stand.step("makes a socket, for its rights to be looked at");
    stand.line("p = start sockets tcp", "it starts")?;
    stand.line("wait p SOCKET", "it makes a socket")?;
    let status = fs::read_to_string(format!("/proc/{}/status", stand.pid("p")?))
        .map_err(trouble("reading a program's rights"))?;
    stand.line("stop p SIGKILL", "it ends")?;
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let effective = effective.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()).unwrap_or_default();
    let has_right = effective & (1 << NET_BIND_SERVICE) != 0;
    Ok(has_right.then(|| "a machine on which root can start programs without capabilities".to_owned()))
}
