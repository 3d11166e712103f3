"""What a jail shows and allows, and the shape of a sandbox that builds one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from fiverounds.limits import Limits

WORK = "/work"
"""Where the workspace stands inside a subject's jail."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A host path shown inside. Read-only unless `writable`. `target` is absolute, inside the jail."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Jail:
    """What one command may see and use.

    A `subject` jail holds untrusted code: an unprivileged user, no network but loopback, system calls filtered,
    memory, processes, CPU and file sizes limited. A `supervisor` jail holds the bench's own code (an integration
    script, pytest, a browser): it has its own network and process tree too, and may start subject jails inside itself.
    """

    limits: Limits
    workspace: Path | None = None
    """Shown at /work (subject) or at its host path (supervisor)."""
    workspace_writable: bool = True
    mounts: tuple[Mount, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    network: Literal["private", "shared"] = "private"
    """`private`: a loopback of its own. `shared`: that of whoever starts it (the supervisor's, or the host's)."""
    role: Literal["subject", "supervisor"] = "subject"
    limit_address_space: bool = True
    """Without a control group, limit each process's address space instead. Not for browsers: they reserve terabytes."""


class Entered(Protocol):
    """A jail made ready; its commands may be started until it is left."""

    def argv(self, command: Sequence[str]) -> list[str]:
        """The full command line that runs `command` inside. Start it with an empty environment."""
        ...

    @property
    def host_mounts(self) -> tuple[Mount, ...]:
        """What a supervisor needs mounted so that `argv` of this jail works inside the supervisor."""
        ...

    def inside(self, target: str) -> str:
        """How a path of the jail (`/work/x`, a mount's target) is reached by the command: itself, except unconfined."""
        ...

    def memory_exceeded(self) -> bool:
        """True when the kernel killed something in the jail for want of memory."""
        ...


class Sandbox(Protocol):
    """Builds jails."""

    name: str

    def enter(self, jail: Jail) -> AbstractContextManager[Entered]:
        """Make a jail ready; leaving it kills whatever is left inside.

        The workspace and writable mounts of a subject jail are given to the subject's user.
        """
        ...
