"""A lock between work that may share the machine and measurements that need it alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class QuietMachine:
    """Any number of `shared` holders, or one `exclusive` holder. A waiting exclusive holder goes first.

    Leaving awaits nothing, so that no cancellation, however timed, can leave the lock held.
    """

    def __init__(self) -> None:
        self._shared = 0
        self._exclusive = False
        self._wanted = 0
        self._sleepers: list[asyncio.Future[None]] = []

    @asynccontextmanager
    async def shared(self) -> AsyncIterator[None]:
        """Ordinary work."""
        await self._until(lambda: not self._exclusive and not self._wanted)
        self._shared += 1
        try:
            yield
        finally:
            self._shared -= 1
            self._wake()

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """A measurement: nothing of ours runs beside it."""
        self._wanted += 1
        try:
            await self._until(lambda: not self._exclusive and not self._shared)
            self._exclusive = True
        finally:
            self._wanted -= 1
            self._wake()
        try:
            yield
        finally:
            self._exclusive = False
            self._wake()

    async def _until(self, free: Callable[[], bool]) -> None:
        while not free():
            sleeper = asyncio.get_running_loop().create_future()
            self._sleepers.append(sleeper)
            await sleeper

    def _wake(self) -> None:
        """Everybody looks again, in the order they came."""
        sleepers, self._sleepers = self._sleepers, []
        for sleeper in sleepers:
            if not sleeper.done():
                sleeper.set_result(None)
