from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from typing import Any

import pytest

from fiverounds.engine.quiet import QuietMachine


def play(scene: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(10):
            await scene

    asyncio.run(bounded())


async def settle() -> None:
    """Let everybody run who can."""
    for _ in range(10):
        await asyncio.sleep(0)


class Stage:
    """Holders of the lock, who leave when told to; who is inside is written down."""

    def __init__(self) -> None:
        self.machine = QuietMachine()
        self.inside: list[str] = []
        self._leave: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def enter(self, name: str) -> None:
        """`m…` measures, everybody else is ordinary work."""
        self._leave[name] = asyncio.Event()
        self._tasks[name] = asyncio.create_task(self._hold(name))
        await settle()

    async def leave(self, name: str) -> None:
        self._leave[name].set()
        await settle()

    async def cancel(self, name: str) -> None:
        self._tasks[name].cancel()
        await settle()
        assert self._tasks[name].cancelled()

    async def _hold(self, name: str) -> None:
        lock = self.machine.exclusive() if name.startswith("m") else self.machine.shared()
        async with lock:
            self.inside.append(name)
            try:
                await self._leave[name].wait()
            finally:
                self.inside.remove(name)


def test_ordinary_work_shares() -> None:
    async def scene() -> None:
        stage = Stage()
        for name in "abc":
            await stage.enter(name)
        assert stage.inside == ["a", "b", "c"]
        for name in "bac":
            await stage.leave(name)
        assert stage.inside == []

    play(scene())


def test_a_measurement_is_alone() -> None:
    async def scene() -> None:
        stage = Stage()
        await stage.enter("a")
        await stage.enter("m1")
        assert stage.inside == ["a"]
        await stage.leave("a")
        assert stage.inside == ["m1"]
        await stage.enter("b")
        await stage.enter("m2")
        assert stage.inside == ["m1"]
        await stage.leave("m1")
        assert stage.inside == ["m2"]
        await stage.leave("m2")
        assert stage.inside == ["b"]

    play(scene())


def test_a_waiting_measurement_goes_before_later_work() -> None:
    async def scene() -> None:
        stage = Stage()
        for name in ("a", "m", "b"):
            await stage.enter(name)
        assert stage.inside == ["a"]
        await stage.leave("a")
        assert stage.inside == ["m"]
        await stage.leave("m")
        assert stage.inside == ["b"]

    play(scene())


def test_a_measurement_that_gives_up_waiting_holds_nobody_back() -> None:
    async def scene() -> None:
        stage = Stage()
        for name in ("a", "m", "b"):
            await stage.enter(name)
        await stage.cancel("m")
        assert stage.inside == ["a", "b"]
        await stage.leave("a")
        await stage.enter("m2")
        await stage.leave("b")
        assert stage.inside == ["m2"]

    play(scene())


def test_whoever_is_cancelled_inside_leaves() -> None:
    async def scene() -> None:
        stage = Stage()
        for name in ("a", "b", "m"):
            await stage.enter(name)
        await stage.cancel("a")
        await stage.cancel("b")
        assert stage.inside == ["m"]
        await stage.enter("c")
        await stage.cancel("m")
        assert stage.inside == ["c"]

    play(scene())


def test_an_exception_inside_leaves_as_well() -> None:
    async def scene() -> None:
        machine = QuietMachine()
        for lock in (machine.exclusive, machine.shared, machine.exclusive):
            with pytest.raises(KeyError):
                async with lock():
                    raise KeyError

    play(scene())


@pytest.mark.parametrize("seed", range(20))
def test_the_rules_hold_whatever_happens(seed: int) -> None:
    """Tasks that come, hold and are cancelled at random: never two where one must be alone, and all get their turn."""
    chance = random.Random(seed)
    inside: list[bool] = []

    async def holder(machine: QuietMachine, alone: bool) -> None:
        async with machine.exclusive() if alone else machine.shared():
            inside.append(alone)
            try:
                assert not any(inside) or len(inside) == 1
                for _ in range(chance.randrange(4)):
                    await asyncio.sleep(0)
            finally:
                inside.remove(alone)

    async def scene() -> None:
        machine = QuietMachine()
        tasks = []
        for _ in range(60):
            tasks.append(asyncio.create_task(holder(machine, chance.random() < 0.3)))
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
            if chance.random() < 0.3:
                chance.choice(tasks).cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert not [result for result in results if isinstance(result, AssertionError)]
        async with machine.exclusive():
            pass

    play(scene())
