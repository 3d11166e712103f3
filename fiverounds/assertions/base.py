"""What an assertion is given and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from fiverounds.limits import Deadline, Limits
from fiverounds.results import AssertionResult
from fiverounds.sandbox.base import Sandbox


class Services:
    """Things worth keeping between trials (a warm browser, a build cache): opened on first use, closed with the run."""

    def __init__(self) -> None:
        self._open: dict[str, Any] = {}
        self._starting: dict[str, asyncio.Lock] = {}
        self._stack = AsyncExitStack()

    async def get(self, name: str, start: Callable[[AsyncExitStack], Awaitable[Any]]) -> Any:
        """The service of that name; `start(stack)` makes it and pushes its clean-up."""
        async with self._starting.setdefault(name, asyncio.Lock()):
            if name not in self._open:
                self._open[name] = await start(self._stack)
            return self._open[name]

    def forget(self, name: str) -> None:
        """Drop a service that broke, so that the next use starts a new one."""
        self._open.pop(name, None)

    async def close(self) -> None:
        """Stop everything that was started."""
        self._open.clear()
        await self._stack.aclose()


@dataclass(frozen=True, slots=True)
class Context:
    """One assertion on one attempt."""

    trial_id: str
    assertion_id: str
    bench_root: Path
    workspace: Path
    """A copy of the attempt's files, made for this assertion alone.

    Free of symlinks, special files, `__pycache__` and `.git`.
    """
    starting_files: Path | None
    """The round's starting workspace in the bench, if it has one."""
    evidence: Path
    """Existing folder for files to keep; results name them relative to `evidence_base`."""
    evidence_base: Path
    scratch: Path
    """Private folder of this assertion, removed afterwards; the subject never sees it unless mounted."""
    limits: Limits
    deadline: Deadline
    sandbox: Sandbox
    services: Services
    toolchains: tuple[str, ...] = ()

    def evidence_name(self, path: Path) -> str:
        """How results name a kept file."""
        return path.relative_to(self.evidence_base).as_posix()


class Assertion(Protocol):
    """One check of what came out."""

    exclusive: bool
    """True when nothing else may load the machine meanwhile (frame rates)."""

    async def run(self, context: Context) -> AssertionResult:
        """Judge. Raises AssertionBroken when the assertion itself cannot run; never for what the subject did."""
        ...
