//! System calls that no lab needs and that a hostile program likes: looking into other processes,
//! mounting, new namespaces, memory that no limit counts, interfaces to much of the kernel.

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};
use std::collections::BTreeMap;
use std::io;

/// Refused with EPERM.
const REFUSED: &[libc::c_long] = &[
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_mount_setattr,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_chroot,
    libc::SYS_open_by_handle_at,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_acct,
    libc::SYS_swapon,
    libc::SYS_reboot,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
];

/// As if the kernel had no such call (ENOSYS): a program that asks has another way. Memory of
/// memfd and System V belongs to no process, so that no limit counts it.
const MISSING: &[libc::c_long] = &[
    libc::SYS_io_uring_setup,
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_shmget,
    libc::SYS_msgget,
    libc::SYS_semget,
    // Its flags are in memory, where a filter cannot look; the C library goes on with clone.
    libc::SYS_clone3,
];

/// The filters, one after the other.
///
/// # Errors
/// When this machine's processor has none.
pub fn filters() -> io::Result<Vec<BpfProgram>> {
    let rules = |calls: &[libc::c_long]| calls.iter().map(|call| (*call, Vec::new())).collect();
    let mut refused: BTreeMap<i64, Vec<SeccompRule>> = rules(REFUSED);
    let new_namespaces = u64::from(
        (libc::CLONE_NEWUSER
            | libc::CLONE_NEWNS
            | libc::CLONE_NEWNET
            | libc::CLONE_NEWPID
            | libc::CLONE_NEWIPC)
            .cast_unsigned(),
    );
    let clone: Result<Vec<SeccompRule>, _> = (0..u64::BITS)
        .map(|bit| 1 << bit)
        .filter(|bit| new_namespaces & bit != 0)
        .map(|bit| {
            let set = SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(bit), bit);
            SeccompRule::new(vec![set?])
        })
        .collect();
    refused.insert(libc::SYS_clone, clone.map_err(io::Error::other)?);
    let filter = |rules, errno: i32| {
        let arch = std::env::consts::ARCH.try_into()?;
        let action = SeccompAction::Errno(errno.cast_unsigned());
        SeccompFilter::new(rules, SeccompAction::Allow, action, arch)?.try_into()
    };
    let made: Result<Vec<BpfProgram>, seccompiler::BackendError> =
        [filter(refused, libc::EPERM), filter(rules(MISSING), libc::ENOSYS)].into_iter().collect();
    made.map_err(io::Error::other)
}
