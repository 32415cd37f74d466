//! What a program's new process does to itself between fork and exec: system calls only, which take
//! no lock and no memory.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;
use std::io;

/// In the new process: be killed when the one that started it ends, even if that was killed
/// itself and could clear up nothing; and inherit the standard streams alone, so that the
/// first descriptor that the program opens is 3.
pub(super) fn prepare(unprivileged: bool, data_limit: Option<u64>) -> io::Result<()> {
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
    if unprivileged {
        drop_capabilities();
    }
    if let Some(bytes) = data_limit {
        // A process may not have more than it inherits.
        let (_, most) = getrlimit(Resource::RLIMIT_DATA)?;
        let bytes = bytes.min(most);
        setrlimit(Resource::RLIMIT_DATA, bytes, bytes)?;
    }
    // SAFETY: the descriptors stay open until exec, whoever uses them meanwhile. It fails
    // only on a kernel that does not have the call (before 5.11); then they are inherited.
    unsafe { libc::close_range(3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC as libc::c_int) };
    Ok(())
}

/// Takes all capabilities out of the set that exec chooses from, so that even a program of root's
/// has none afterwards. Who is not root has none to lose, and may not do this (EPERM).
fn drop_capabilities() {
    // There are 41 so far; the kernel refuses a number that it does not know (EINVAL).
    for capability in 0..64 as libc::c_ulong {
        let none: libc::c_ulong = 0;
        // SAFETY: the call takes numbers only.
        if unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, none, none, none) } == -1 {
            break;
        }
    }
    let (clear, none) = (libc::PR_CAP_AMBIENT_CLEAR_ALL as libc::c_ulong, 0 as libc::c_ulong);
    // SAFETY: as above.
    unsafe { libc::prctl(libc::PR_CAP_AMBIENT, clear, none, none, none) };
}
