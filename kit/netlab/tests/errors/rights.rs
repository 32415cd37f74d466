//! What an ordinary user may not do, and a machine that cannot be reached.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

/// netlab without some of the administrator's rights: of an ordinary user it has none of them.
fn ordinary(rights: &str) -> Command {
    let program = env!("CARGO_BIN_EXE_netlab");
    if !nix::unistd::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args([format!("--bounding-set={rights}"), format!("--inh-caps={rights}")]).arg(program);
    command
}

/// Runs a script whose last line fails, in a folder; looks for phrases in what it shows.
fn check(mut command: Command, folder: &Path, script: &str, phrases: &[&str]) {
    std::fs::write(folder.join("script"), script).unwrap();
    let Ok(output) = command.arg("script").current_dir(folder).output() else {
        return println!("skipped: needs setpriv, or an ordinary user");
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let last = script.lines().last().unwrap();
    let (_, shown) =
        text.rsplit_once(&format!("> {last}\n")).unwrap_or_else(|| panic!("not reached:\n{text}"));
    for phrase in phrases {
        assert!(shown.contains(phrase), "`{phrase}` is not in\n{text}");
    }
}

#[test]
fn a_port_that_is_kept_for_the_system() {
    let first = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap();
    if first.trim().parse::<u16>().unwrap() <= 80 {
        return println!("skipped: needs a system that keeps port 80 for the administrator");
    }
    let home = tempfile::tempdir().unwrap();
    check(
        ordinary("-net_bind_service"),
        home.path(),
        "c = socket tcp\nbind c 127.0.0.1:80\n",
        &["EACCES (Permission denied)", "port 80 is below", "`bind c 127.0.0.1:7777`"],
    );
}

#[test]
fn a_path_that_may_not_be_used() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name);
    let allow = |name: &str, mode| {
        std::fs::set_permissions(path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    std::fs::create_dir(path("closed")).unwrap();
    std::fs::create_dir(path("fixed")).unwrap();
    let _listener = UnixListener::bind(path("server")).unwrap();
    allow("closed", 0o000);
    allow("fixed", 0o555);
    allow("server", 0o444);
    for (line, phrase) in [
        ("bind c unix:closed/s", "you may not go through the folder closed (its rights are ---------)"),
        ("bind c unix:fixed/s", "you may not make one in the folder fixed (its rights are r-xr-xr-x)"),
        (
            "connect c unix:server",
            "to connect is to write, and you may not write to server (its rights are r--r--r--)",
        ),
    ] {
        check(
            ordinary("-dac_override,-dac_read_search"),
            home.path(),
            &format!("c = socket unix\n{line}\n"),
            &["EACCES (Permission denied)", phrase, "in a folder of your own"],
        );
    }
    // Else the folder could not be removed by an ordinary user.
    allow("closed", 0o755);
}

#[test]
fn a_machine_that_cannot_be_reached() {
    let home = tempfile::tempdir().unwrap();
    let prepare = "ip link set lo up && ip route add unreachable 192.0.2.0/24 && exec \"$@\"";
    let unshare = |program: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--net", "sh", "-c", prepare, "sh", program]);
        command
    };
    if !unshare("true").output().is_ok_and(|output| output.status.success()) {
        return println!("skipped: needs unshare, ip and user namespaces");
    }
    check(
        unshare(env!("CARGO_BIN_EXE_netlab")),
        home.path(),
        "c = socket tcp\nconnect c 192.0.2.1:80\n",
        &[
            "EHOSTUNREACH (No route to host)",
            "a router said that it cannot be reached",
            "127.0.0.1 is this machine",
        ],
    );
}
