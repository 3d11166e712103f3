"""Memory limits by control group, where this machine lets us make one (root, or a user with a group of its own).

Without one the limit is RLIMIT_AS per process, which bounds each process but not their sum.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fiverounds.errors import SandboxError

_PREFIX = "fiverounds-"
_ROOT = Path("/sys/fs/cgroup")
_VERSION_1 = ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.oom_control")
_VERSION_2 = ("memory.max", "memory.swap.max", "memory.events")


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Where memory groups can be made, and the names of its files."""

    folder: Path
    limit_file: str
    swap_file: str
    events_file: str


@cache
def hierarchy() -> Hierarchy | None:
    """The memory hierarchy we may use, found by really making a group; None when there is none."""
    ours = Path("/proc/self/cgroup")
    for candidate in candidates(ours.read_text(encoding="utf-8"), _ROOT) if ours.exists() else ():
        probe = candidate.folder / f"{_PREFIX}{os.getpid()}-probe"
        try:
            probe.mkdir(exist_ok=True)
        except OSError:
            continue
        usable = (probe / candidate.limit_file).exists()
        probe.rmdir()
        if usable:
            return candidate
    return None


def candidates(our_groups: str, root: Path) -> list[Hierarchy]:
    """Where `our_groups` (the text of /proc/self/cgroup) says that groups might be made, nearest first.

    In version 2 a group that holds processes cannot have limited children, so ours is only the first of several
    places: a folder above it may be given to us, or all of them when we are root.
    """
    found = []
    for line in our_groups.splitlines():
        _, controllers, path = line.split(":", 2)
        place = path.strip("/")
        if ".." in place.split("/"):  # our group is outside what our namespace shows
            continue
        if "memory" in controllers.split(","):
            found.append(Hierarchy(root / "memory" / place, *_VERSION_1))
        elif controllers == "" and (root / "cgroup.controllers").exists():
            folders = [root / place, *(root / place).parents]
            found += [
                Hierarchy(folder, *_VERSION_2) for folder in folders if folder.is_relative_to(root)
            ]
    return found


class MemoryGroup:
    """One group with a memory limit; `close` kills whatever is left in it.

    Raises:
        SandboxError: the kernel refuses the group or its limit.
    """

    def __init__(self, place: Hierarchy, limit_bytes: int) -> None:
        self._place = place
        self.folder = place.folder / f"{_PREFIX}{os.getpid()}-{uuid.uuid4().hex[:8]}"
        try:
            self.folder.mkdir()
            (self.folder / place.limit_file).write_text(str(limit_bytes), encoding="ascii")
        except OSError as error:
            with contextlib.suppress(OSError):
                self.folder.rmdir()
            raise SandboxError(
                f"no group with {limit_bytes} bytes of memory can be made: {error}"
            ) from error
        with contextlib.suppress(OSError):
            swap = limit_bytes if "memsw" in place.swap_file else 0
            (self.folder / place.swap_file).write_text(str(swap), encoding="ascii")

    @property
    def procs_file(self) -> Path:
        """Writing 0 here moves the writer into the group."""
        return self.folder / "cgroup.procs"

    def oom_killed(self) -> bool:
        """True when the kernel killed a process of the group for want of memory."""
        with contextlib.suppress(OSError):
            events = (self.folder / self._place.events_file).read_text(encoding="ascii")
            counts = dict(line.split() for line in events.splitlines())
            return int(counts.get("oom_kill", "0")) > 0
        return False

    def close(self) -> None:
        """Kill, then remove; a group that will not go is left for the next run's sweep."""
        for _ in range(100):
            with contextlib.suppress(OSError):
                for pid in map(int, self.procs_file.read_text(encoding="ascii").split()):
                    if (
                        pid > 0
                    ):  # 0 stands for one of another process namespace; to `kill` it means us
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, signal.SIGKILL)
            try:
                self.folder.rmdir()
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(0.01)
            else:
                return


def sweep() -> int:
    """Remove groups that dead runs left behind; the number removed."""
    place = hierarchy()
    removed = 0
    for folder in place.folder.glob(f"{_PREFIX}*") if place else ():
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            with contextlib.suppress(OSError):
                folder.rmdir()
                removed += 1
    return removed
