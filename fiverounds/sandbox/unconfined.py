"""`sandbox: none`: commands run as you, with your files and your network. Only when asked for by name.

Limits of time, output, CPU and file size still hold; nothing else is contained.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from fiverounds.sandbox.base import WORK, Jail, Mount

WARNING = (
    "sandbox: none: generated code runs as you, with your files, your network and no memory limit"
)
_LAUNCH = 'cd "$1" || exit 125; shift; exec env -i "$@"'


@dataclass(frozen=True, slots=True)
class UnconfinedJail:
    """Looks like a jail, contains nothing."""

    jail: Jail

    def argv(self, command: Sequence[str]) -> list[str]:
        """See `Entered`."""
        limits = self.jail.limits
        folder = str(self.jail.workspace or "/tmp")
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": folder,
            "LANG": "C.UTF-8",
            "TMPDIR": "/tmp",
        }
        named = [
            f"{name}={value}" for name, value in (environment | dict(self.jail.environment)).items()
        ]
        rlimits = [
            "prlimit",
            f"--cpu={limits.cpu_seconds}",
            f"--fsize={limits.file_size_bytes}",
            "--core=0",
            "--",
        ]
        if self.jail.role == "supervisor":
            rlimits = []
        return ["/bin/sh", "-c", _LAUNCH, "sh", folder, *named, *rlimits, *command]

    @property
    def host_mounts(self) -> tuple[Mount, ...]:
        """Everything is visible anyway."""
        return ()

    def inside(self, target: str) -> str:
        """Mounts cannot be moved: their targets stand for their sources."""
        places = [(mount.target, str(mount.source)) for mount in self.jail.mounts]
        if self.jail.workspace:
            places.append((WORK, str(self.jail.workspace)))
        for place, source in sorted(places, key=lambda pair: -len(pair[0])):
            if target == place or target.startswith(place + "/"):
                return source + target[len(place) :]
        return target

    def memory_exceeded(self) -> bool:
        """Not known."""
        return False


class Unconfined:
    """No sandbox."""

    name = "none"

    def __init__(self) -> None:
        print(f"warning: {WARNING}", file=sys.stderr)

    def close(self) -> None:
        """Nothing to remove."""

    @contextmanager
    def enter(self, jail: Jail) -> Iterator[UnconfinedJail]:
        """See `Sandbox.enter`."""
        yield UnconfinedJail(jail)
