"""The system-call filter of subject jails, compiled once a run by libseccomp.

A deny list: what lets code look into or debug other processes, make namespaces or mounts, or reach rarely used
kernel surfaces (keyrings, BPF, io_uring, raw and exotic sockets). Everything else stays allowed, so that
ordinary Python, Go and browsers work.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

_DENIED = """
ptrace process_vm_readv process_vm_writev kcmp keyctl add_key request_key bpf perf_event_open userfaultfd
io_uring_setup io_uring_enter io_uring_register mount umount2 pivot_root chroot setns unshare move_mount open_tree
fsopen fsmount fsconfig fspick mount_setattr open_by_handle_at name_to_handle_at init_module finit_module
delete_module kexec_load kexec_file_load reboot swapon swapoff syslog acct quotactl iopl ioperm lookup_dcookie
pidfd_getfd
""".split()
_NEW_NAMESPACES = (
    0x00020000,  # mount
    0x02000000,  # cgroup
    0x04000000,  # uts
    0x08000000,  # ipc
    0x10000000,  # user
    0x20000000,  # pid
    0x40000000,  # net
)
_TYPING_INTO_TERMINALS = (0x5412, 0x541C)  # TIOCSTI TIOCLINUX
_INT = 0xFFFFFFFF
"""The kernel looks at 32 bits of such an argument: so must a filter, or junk above them leads past it."""
_SOCKET_FAMILIES = (16, 17, 29, 38, 40)  # NETLINK PACKET CAN ALG VSOCK


def write_filter(path: Path) -> None:
    """Compile the filter for this machine's architecture into `path` (a BPF program for `bwrap --seccomp`).

    Raises:
        OSError: libseccomp is not installed.
    """
    import pyseccomp  # type: ignore[import-untyped]  # loads libseccomp2 at import: only when a jail is built

    rules: Any = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
    denied = pyseccomp.ERRNO(errno.EPERM)
    for name in _DENIED:
        try:
            rules.add_rule(denied, name)
        except (RuntimeError, ValueError, OSError):
            continue  # a call this kernel or architecture does not know cannot be made either
    # glibc and Go fall back to clone(), whose flags a filter can see.
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    for flag in _NEW_NAMESPACES:
        rules.add_rule(denied, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    for request in _TYPING_INTO_TERMINALS:
        rules.add_rule(denied, "ioctl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, _INT, request))
    unsupported = pyseccomp.ERRNO(errno.EAFNOSUPPORT)
    for family in _SOCKET_FAMILIES:
        rules.add_rule(unsupported, "socket", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _INT, family))
    with path.open("wb") as file:
        rules.export_bpf(file)
