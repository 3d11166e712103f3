"""What a jail shows, as options of bubblewrap: a system, a private /tmp, the workspace, what the jail names."""

from __future__ import annotations

from pathlib import Path

from fiverounds.limits import MIB
from fiverounds.sandbox.base import WORK, Jail

HOME = "/home/user"
_SYSTEM = (
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/etc/mime.types",
    "/etc/localtime",
)
_NETWORK = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/ssl",
    "/etc/ca-certificates",
)
OWN_NETWORK = {
    "/etc/hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "/etc/nsswitch.conf": "hosts: files\n",
}
"""Without them `localhost` is a name that nobody knows."""


def options(jail: Jail, files: Path) -> list[str]:
    """The mounts of a jail, in order; `files` holds what stands for `OWN_NETWORK`."""
    subject = jail.role == "subject"
    options = ["--ro-bind", "/usr", "/usr"]
    for link in ("bin", "sbin", "lib", "lib64", "lib32"):
        if Path("/", link).is_symlink():
            options += ["--symlink", f"usr/{link}", f"/{link}"]
        elif Path("/", link).is_dir():
            options += ["--ro-bind", f"/{link}", f"/{link}"]
    options += _parents("/etc/hosts")
    for path in _SYSTEM + (_NETWORK if jail.network == "shared" else ()):
        options += ["--ro-bind-try", path, path]
    for path in OWN_NETWORK if jail.network == "private" else ():
        options += ["--ro-bind", str(files / Path(path).name), path]
    options += ["--proc", "/proc", "--dev", "/dev", *_tmpfs("/dev/shm", 256)]
    if subject:
        # Otherwise one process writes another's memory through /proc/PID/mem. A supervisor needs a whole
        # /proc, or the kernel refuses the one of the jail inside it.
        options += ["--remount-ro", "/proc", "--remount-ro", "/dev"]
    options += [*_tmpfs("/tmp", 1024), *_parents(HOME), *_tmpfs(HOME, 64)]
    options += _workspace(jail)
    for mount in jail.mounts:
        options += _bind(mount.source, mount.target, mount.writable)
    return [*options, "--chdir", "/tmp", "--remount-ro", "/"]


def _workspace(jail: Jail) -> list[str]:
    if jail.workspace is None:
        return []
    target = WORK if jail.role == "subject" else str(jail.workspace)
    return _bind(jail.workspace, target, jail.workspace_writable)


def _parents(target: str) -> list[str]:
    """Make the folders above a mount point by hand: those bubblewrap makes are closed to all but root."""
    options = []
    for parent in reversed(Path(target).parents[:-1]):
        if not parent.is_relative_to("/usr"):
            options += ["--perms", "0755", "--dir", str(parent)]
    return options


def _bind(source: Path, target: str, writable: bool) -> list[str]:
    return [*_parents(target), "--bind" if writable else "--ro-bind", str(source), target]


def _tmpfs(target: str, mebibytes: int) -> list[str]:
    return ["--perms", "1777", "--size", str(mebibytes * MIB), "--tmpfs", target]
