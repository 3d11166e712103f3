"""Real jails for tests: run something inside, look at what is left of it outside."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fiverounds.limits import MIB, Deadline, Limits
from fiverounds.sandbox import cgroup, process
from fiverounds.sandbox.base import Jail, Sandbox
from fiverounds.sandbox.process import ProcessResult
from fiverounds.sandbox.python import interpreter, interpreter_mounts

AS_ROOT = os.geteuid() == 0
HAS_GROUPS = cgroup.hierarchy() is not None
LIMITS = Limits(memory_bytes=512 * MIB, cpu_seconds=20, processes=64, file_size_bytes=16 * MIB)
SECONDS = 20.0
"""Long enough for a busy machine; nothing here is meant to last."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a jailed command ended."""

    result: ProcessResult
    memory_exceeded: bool

    @property
    def out(self) -> str:
        return self.result.stdout.decode()

    @property
    def err(self) -> str:
        return self.result.stderr.decode()

    @property
    def code(self) -> int | None:
        return self.result.exit_code


def run(argv: Sequence[str], seconds: float = SECONDS, **options: object) -> ProcessResult:
    """`process.run`, to the end: which must come soon after the deadline."""
    options.setdefault("output_bytes", MIB)

    async def bounded() -> ProcessResult:
        async with asyncio.timeout(seconds + SECONDS):
            return await process.run(argv, deadline=Deadline.after(seconds), **options)  # type: ignore[arg-type]

    return asyncio.run(bounded())


def jailed(
    sandbox: Sandbox, command: Sequence[str], jail: Jail | None = None, **options: object
) -> Ended:
    """Run a command in a jail of its own."""
    with sandbox.enter(jail or Jail(LIMITS)) as entered:
        result = run(entered.argv(command), **options)  # type: ignore[arg-type]
        return Ended(result, entered.memory_exceeded())


def python(code: str, *arguments: str) -> list[str]:
    """The command that runs some Python; its jail needs `interpreter_mounts()`."""
    return [interpreter(), "-I", "-c", code, *arguments]


def python_jail(workspace: Path | None = None, limits: Limits = LIMITS, **options: object) -> Jail:
    """A subject's jail with a Python in it."""
    mounts = (*interpreter_mounts(), *options.pop("mounts", ()))  # type: ignore[misc]
    return Jail(limits, workspace=workspace, mounts=mounts, **options)  # type: ignore[arg-type]


def succeed(ended: Ended) -> str:
    """What it printed, provided that it went well."""
    assert ended.code == 0, f"exit {ended.code}: {ended.err}{ended.out}"
    return ended.out


def until(condition: Callable[[], object], seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


class Sleepers:
    """Processes that can be told from all others of the machine by how long they mean to sleep."""

    def __init__(self) -> None:
        self.seconds = f"{86_400 + secrets.randbelow(10**6)}.{secrets.randbelow(10**9):09}1"

    @property
    def command(self) -> list[str]:
        return ["sleep", self.seconds]

    def pids(self) -> list[int]:
        """Those that run now, anywhere on this machine. Jails around them name them too, and count."""
        found = []
        for entry in os.listdir("/proc"):
            with contextlib.suppress(OSError):
                if (
                    entry.isdigit()
                    and self.seconds.encode() in Path("/proc", entry, "cmdline").read_bytes()
                ):
                    found.append(int(entry))
        return found

    def asleep(self) -> list[int]:
        """Those that are `sleep` itself."""
        found = []
        for pid in self.pids():
            with contextlib.suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text() == "sleep\n":
                    found.append(pid)
        return found


@contextlib.contextmanager
def sleepers() -> Iterator[Sleepers]:
    """Whatever a failed test left is killed."""
    made = Sleepers()
    try:
        yield made
    finally:
        process.kill_marked(made.seconds)


def deep(folder: Path, depth: int) -> None:
    """Folders in folders, with a file in the last: deeper than any path can say."""
    place = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=place)
        below = os.open("d", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
    os.close(os.open("bottom", os.O_WRONLY | os.O_CREAT, dir_fd=place))
    os.close(place)


def open_descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


def memory_groups() -> set[str]:
    """The control groups this process holds; a browser kept warm by other tests has one."""
    place = cgroup.hierarchy()
    return (
        {path.name for path in place.folder.glob(f"fiverounds-{os.getpid()}-*")} if place else set()
    )
