//! The level `namespaces`.
//!
//! The process that plays a scenario makes namespaces of its own first ([`enter`]): one for the
//! network, with a loopback interface that leads nowhere else, and one for mounts, with a file
//! system of limited size for all that the programs write. The session's worker runs there, too.
//! Each program is then started by bubblewrap in further ones ([`launcher`]): it sees the
//! system's folders, read-only, and those that were named; no process but its own; it can
//! neither become another user nor make namespaces.

use super::confine::Order;
use super::limits::Limits;
use super::{FILES, Needs, STORAGE};
use netkit::session::launching::Launcher;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{ForkResult, Gid, Uid, chown, fork, getegid, geteuid, pipe2, setfsgid, setfsuid};
use nix::{fcntl::OFlag, sys::wait::waitpid};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process;

/// As whom programs run when the grader is root's: a user who owns nothing.
pub const NOBODY: u32 = 65534;

/// The number of the user within.
const USER: u32 = 1000;

/// Shared memory of one program, in bytes.
const SHARED: &str = "67108864";

/// Ways to bind something.
const READ: &str = "--ro-bind";
const WRITE: &str = "--bind";

/// Where the launcher is found within.
const CONFINE: &str = "/run/netlab-confine";

/// The folders of the system: programs, libraries, interpreters.
pub(super) const SYSTEM: &[&str] =
    &["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store", "/gnu/store"];

/// What programs of the system read in /etc: how libraries, names and times are found. All else
/// there is of no use to a submission.
pub(super) const ETC: &[&str] = &[
    "/etc/alternatives",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/protocols",
    "/etc/services",
];

/// A scenario's own file system: what is bound to a place in the programs' view.
#[derive(Debug)]
pub struct Room {
    place: PathBuf,
    user: Option<u32>,
    /// In which way it is bound, a copy that it can be bound from, and the path that it has for programs.
    bound: Vec<(&'static str, PathBuf, PathBuf)>,
}

impl Room {
    /// The folder in which the programs run.
    pub fn home(&self) -> PathBuf {
        self.place.join("home")
    }

    /// This program, where it is found without passing folders that are not everybody's.
    pub fn worker(&self) -> PathBuf {
        self.place.join("bound/confine")
    }
}

/// Makes the namespaces, with a file system of limited size at `place`. What is to be readable for
/// programs is bound there, so that they find it even if they may not pass the folders above.
///
/// # Errors
/// What this system does not allow, in its words.
pub fn enter(place: &Path, worker: &Path, needs: &Needs) -> io::Result<Room> {
    let about = |what: &str| {
        let what = what.to_owned();
        move |errno: nix::Error| io::Error::other(format!("{what}: {errno}"))
    };
    let user = map(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET)?;
    let storage = format!("size={STORAGE},nr_inodes={FILES},mode=0755");
    let none: Option<&str> = None;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).map_err(about("private mounts"))?;
    mount(
        Some("tmpfs"),
        place,
        Some("tmpfs"),
        MsFlags::MS_NOSUID | MsFlags::MS_NODEV,
        Some(storage.as_str()),
    )
    .map_err(about("a file system in memory"))?;
    let room = |path: &Path, own: PathBuf| -> io::Result<(PathBuf, PathBuf)> {
        if path.is_dir() {
            fs::create_dir(&own)?;
        } else {
            drop(File::create(&own)?);
        }
        mount(Some(path), &own, none, MsFlags::MS_BIND | MsFlags::MS_REC, none)
            .map_err(about(&format!("binding {}", path.display())))?;
        Ok((own, path.to_owned()))
    };
    for folder in ["home", "tmp", "bound"] {
        fs::create_dir(place.join(folder))?;
    }
    fs::set_permissions(place.join("tmp"), fs::Permissions::from_mode(0o1777))?;
    if let Some(user) = user {
        chown(&place.join("home"), Some(Uid::from_raw(user)), Some(Gid::from_raw(user)))?;
    }
    let mut bound = Vec::new();
    let ways = needs.readable.iter().map(|path| (READ, path));
    for (number, (way, path)) in ways.chain(needs.writable.iter().map(|path| (WRITE, path))).enumerate() {
        let (own, path) = room(path, place.join("bound").join(number.to_string()))?;
        bound.push((way, own, path));
    }
    let (own, _) = room(worker, place.join("bound/confine"))?;
    bound.push((READ, own, CONFINE.into()));
    raise_loopback()?;
    if let Some(user) = user {
        // What the session makes for programs is theirs, as it is where there is one user only. All that
        // this process needs besides, its rights give it.
        setfsgid(Gid::from_raw(user));
        setfsuid(Uid::from_raw(user));
    }
    Ok(Room { place: place.to_owned(), user, bound })
}

/// Makes namespaces, a user namespace among them, in which this process has all rights; as whom
/// programs are to run, if that is another user.
fn map(namespaces: CloneFlags) -> io::Result<Option<u32>> {
    let (uid, gid) = (geteuid(), getegid());
    let refused = |errno| io::Error::other(format!("user and network namespaces: {errno}"));
    if !uid.is_root() {
        unshare(namespaces).map_err(refused)?;
        // Not as root, which only a process with rights of its own could pass on to a further
        // namespace (user_namespaces(7), on CAP_SETFCAP).
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("{USER} {uid} 1"))?;
        fs::write("/proc/self/gid_map", format!("{USER} {gid} 1"))?;
        return Ok(None);
    }
    // Two users can be named only by a process that stays outside.
    let (mut told, tell) = {
        let (told, tell) = pipe2(OFlag::O_CLOEXEC)?;
        (File::from(told), File::from(tell))
    };
    let own = process::id();
    // SAFETY: this process has one thread only.
    match unsafe { fork() }? {
        ForkResult::Child => {
            drop(tell);
            let done = told.read_to_end(&mut Vec::new()).and_then(|_| {
                let map = format!("0 0 1\n{USER} {NOBODY} 1\n");
                fs::write(format!("/proc/{own}/uid_map"), &map)?;
                fs::write(format!("/proc/{own}/gid_map"), &map)
            });
            process::exit(i32::from(done.is_err()));
        }
        ForkResult::Parent { child } => {
            drop(told);
            let made = unshare(namespaces).map_err(refused);
            drop(tell);
            let mapped = waitpid(child, None)?;
            made?;
            if mapped != nix::sys::wait::WaitStatus::Exited(child, 0) {
                return Err(io::Error::other("user namespaces: the users cannot be mapped"));
            }
            Ok(Some(USER))
        }
    }
}

/// The loopback interface of a new network namespace is down at first.
fn raise_loopback() -> io::Result<()> {
    let socket = nix::sys::socket::socket(
        nix::sys::socket::AddressFamily::Inet,
        nix::sys::socket::SockType::Datagram,
        nix::sys::socket::SockFlag::SOCK_CLOEXEC,
        None,
    )?;
    // SAFETY: all zeroes is a valid ifreq: numbers, and a name that ends at once.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = from.cast_signed();
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: the request is an ifreq with name and flags, as the call reads it (netdevice(7)).
    let done = unsafe {
        libc::ioctl(std::os::fd::AsRawFd::as_raw_fd(&socket), libc::SIOCSIFFLAGS, &raw const request)
    };
    nix::errno::Errno::result(done)?;
    Ok(())
}

/// The command in front of each program's.
///
/// # Errors
/// Never: the order holds no path.
pub fn launcher(bubblewrap: &Path, room: &Room, limits: Limits) -> io::Result<Launcher> {
    let mut command: Vec<OsString> = vec![bubblewrap.into()];
    let mut add = |words: &[&dyn AsRef<std::ffi::OsStr>]| {
        command.extend(words.iter().map(|word| word.as_ref().to_owned()));
    };
    for flag in [
        "--unshare-user",
        "--unshare-pid",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--disable-userns",
        "--as-pid-1",
        "--die-with-parent",
    ] {
        add(&[&flag]);
    }
    let user = USER.to_string();
    add(&[&"--cap-drop", &"ALL", &"--uid", &user, &"--gid", &user, &"--hostname", &"lab"]);
    for folder in SYSTEM.iter().map(Path::new) {
        match fs::read_link(folder) {
            Ok(target) => add(&[&"--symlink", &target, &folder]),
            Err(_) if folder.is_dir() => add(&[&"--ro-bind", &folder, &folder]),
            Err(_) => {}
        }
    }
    for file in ETC {
        add(&[&"--ro-bind-try", file, file]);
    }
    add(&[&"--proc", &"/proc", &"--dev", &"/dev", &"--size", &SHARED, &"--tmpfs", &"/dev/shm"]);
    add(&[&"--remount-ro", &"/dev", &"--bind", &room.place.join("tmp"), &"/tmp"]);
    for (way, from, to) in &room.bound {
        add(&[way, from, to]);
    }
    let home = room.home();
    add(&[&"--bind", &home, &home, &"--remount-ro", &"/", &"--"]);
    command.extend(Order { limits, rules: None }.command(CONFINE.as_ref())?);
    Ok(Launcher { command, user: room.user })
}
