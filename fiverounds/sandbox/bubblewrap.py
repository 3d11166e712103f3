"""Jails made by bubblewrap: namespaces, read-only system, dropped privileges, system-call filter, limits.

As root, bubblewrap builds the mounts itself and the command runs as a throw-away unprivileged user without any
capability; as an ordinary user a user namespace does the same. Either way the command's own user cannot become
another, sees only what the jail names, and dies with us.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from fiverounds.errors import SandboxError, SetupError
from fiverounds.limits import Limits
from fiverounds.sandbox import cgroup, mounts, process, seccomp
from fiverounds.sandbox.base import WORK, Jail, Mount
from fiverounds.sandbox.users import give, throwaway_users

INSTALL_HINT = "install it: sudo apt-get install bubblewrap util-linux"
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": mounts.HOME,
    "USER": "user",
    "LOGNAME": "user",
    "LANG": "C.UTF-8",
    "TMPDIR": "/tmp",
}
_LAUNCH = (
    # $1: cgroup.procs or empty, $2: system-call filter or empty. `env -i` because the jail's first process
    # keeps its environment readable in /proc, whatever bubblewrap clears for the command.
    'set -e; [ -z "$1" ] || echo 0 > "$1"; [ -z "$2" ] || exec 9< "$2"; shift 2; exec /usr/bin/env -i "$@"'
)


@dataclass(frozen=True)
class BubblewrapJail:
    """A jail that is ready."""

    jail: Jail
    uid: int | None
    """The throw-away user; None where a user namespace takes its place."""
    group: cgroup.MemoryGroup | None
    folder: Path
    """Files of ours that jails are made with."""
    mark: str
    """Stands in the command line of every process that holds a jail of this one open."""

    def argv(self, command: Sequence[str]) -> list[str]:
        """The full command line; see `Entered`."""
        subject = self.jail.role == "subject"
        procs = str(self.group.procs_file) if self.group else ""
        launch = ["/bin/sh", "-c", _LAUNCH, "sh", procs]
        launch.append(str(self.folder / "filter.bpf") if subject else "")
        return [
            *launch,
            _tool("bwrap"),
            *self._namespaces,
            *mounts.options(self.jail, self.folder),
            *(["--seccomp", "9"] if subject else []),
            "--",
            *(self._drop if subject else []),
            *self._environment,
            *command,
        ]

    @property
    def host_mounts(self) -> tuple[Mount, ...]:
        """Everything `argv` refers to on the host, at the same place."""
        paths = [(self.folder, False)]
        if self.group:
            paths.append((self.group.folder, True))
        if self.jail.workspace:
            paths.append((self.jail.workspace, self.jail.workspace_writable))
        paths += [(mount.source, mount.writable) for mount in self.jail.mounts]
        return tuple(Mount(path, str(path), writable) for path, writable in paths)

    def inside(self, target: str) -> str:
        """Mount targets are real inside."""
        return target

    def memory_exceeded(self) -> bool:
        """The kernel's own count."""
        return self.group is not None and self.group.oom_killed()

    @cached_property
    def _namespaces(self) -> list[str]:
        options = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
        options += ["--die-with-parent", "--new-session", "--hostname", "sandbox"]
        options += ["--unsetenv", self.mark]  # has no effect but to be found by
        if self.jail.network == "private":
            options.append("--unshare-net")
        if self.uid is None:
            options += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
            if self.jail.role == "subject":
                options += ["--disable-userns", "--cap-drop", "ALL"]
        elif self.jail.role == "subject":
            options += ["--cap-drop", "ALL"]
            for needed_by_setpriv in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
                options += ["--cap-add", needed_by_setpriv]
        return options

    @property
    def _drop(self) -> list[str]:
        limits = self.jail.limits
        rlimits = [
            _tool("prlimit"),
            f"--nproc={limits.processes}",
            f"--cpu={limits.cpu_seconds}",
            f"--fsize={limits.file_size_bytes}",
            "--nofile=1024",
            "--core=0",
        ]
        if self.group is None and self.jail.limit_address_space:
            rlimits.append(f"--as={limits.memory_bytes}")
        rlimits.append("--")
        if self.uid is None:
            return rlimits
        identity = [f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups"]
        privileges = ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
        return [_tool("setpriv"), *identity, *privileges, *rlimits]

    @property
    def _environment(self) -> list[str]:
        """Only after the drop: until then neither a variable nor a folder of the command's may have a say.

        A workspace private to the subject's user is closed even to a root without capabilities.
        """
        folder = WORK if self.jail.role == "subject" else str(self.jail.workspace)
        change = ["-C", folder] if self.jail.workspace else []
        values = _ENVIRONMENT | dict(self.jail.environment)
        return [
            "/usr/bin/env",
            "-i",
            *change,
            *(f"{name}={value}" for name, value in values.items()),
        ]


class Bubblewrap:
    """Makes jails; one instance a run."""

    name = "bubblewrap"

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="fiverounds-jail-"))
        self._folder.chmod(0o755)
        for path, text in mounts.OWN_NETWORK.items():
            (self._folder / Path(path).name).write_text(text, encoding="ascii")
        try:
            seccomp.write_filter(self._folder / "filter.bpf")
        except (ImportError, OSError, RuntimeError) as error:
            self.close()
            raise SetupError(
                f"the system-call filter cannot be built: {error}",
                "sudo apt-get install libseccomp2",
            ) from error

    def close(self) -> None:
        """Remove the files that jails were made with."""
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def enter(self, jail: Jail) -> Iterator[BubblewrapJail]:
        """See `Sandbox.enter`.

        Raises:
            SandboxError: something cannot be shown as asked, or the kernel refuses the memory limit.
        """
        _check_mounts(jail)
        users = throwaway_users()
        uid = secrets.choice(users) if users else None
        if jail.role == "subject" and uid is not None:
            for folder in [
                *([jail.workspace] if jail.workspace else []),
                *(mount.source for mount in jail.mounts if mount.writable),
            ]:
                give(folder, uid)
        place = cgroup.hierarchy()
        memory_bytes = jail.limits.memory_bytes * (1 if jail.role == "subject" else 2)
        group = cgroup.MemoryGroup(place, memory_bytes) if place else None
        mark = f"fiverounds-{secrets.token_hex(8)}"
        try:
            yield BubblewrapJail(jail, uid, group, self._folder, mark)
        finally:
            if group:
                group.close()
            else:
                process.kill_marked(mark)


def _check_mounts(jail: Jail) -> None:
    workspace = jail.workspace
    for path in [*([workspace] if workspace else []), *(mount.source for mount in jail.mounts)]:
        if not path.exists():
            raise SandboxError(f"{path} cannot be shown in a jail: it is not there")
    if workspace is None or jail.role != "subject":
        return
    for mount in jail.mounts:
        target = PurePosixPath(mount.target)
        below = target.relative_to(WORK).parts if target.is_relative_to(WORK) else ()
        # bubblewrap would follow a link of the subject's, which could then put something else in its place.
        if any(workspace.joinpath(*below[: n + 1]).is_symlink() for n in range(len(below))):
            raise SandboxError(f"{mount.target} cannot be mounted: a symlink is in its way")


def problem() -> SetupError | None:
    """Why bubblewrap cannot be used on this machine, with the mend; None when it works (really tried)."""
    for name in ("bwrap", "setpriv", "prlimit"):
        if shutil.which(name, path=process.BARE_ENVIRONMENT["PATH"]) is None:
            return SetupError(f"{name} is not installed", INSTALL_HINT)
    try:
        sandbox = Bubblewrap()
    except SetupError as error:
        return error
    try:
        with sandbox.enter(Jail(Limits())) as entered:
            code, output = process.capture(entered.argv(["true"]))
    finally:
        sandbox.close()
    if code == 0:
        return None
    return SetupError(
        f"bubblewrap is installed but cannot make a jail here: {output.strip()[:200]}",
        "allow user namespaces (Ubuntu: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0; "
        "others: sudo sysctl user.max_user_namespaces=15000), or run as root, "
        "or accept no isolation with `sandbox: none`",
    )


def _tool(name: str) -> str:
    return shutil.which(name, path=process.BARE_ENVIRONMENT["PATH"]) or f"/usr/bin/{name}"
