from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from fiverounds.assertions.base import Context, Services
from fiverounds.limits import Deadline, Limits
from fiverounds.sandbox.unconfined import Unconfined


class Starter:
    """Starts numbered services and writes down what became of them."""

    def __init__(self) -> None:
        self.log: list[str] = []

    async def start(self, stack: AsyncExitStack) -> str:
        name = f"service {len(self.log)}"
        self.log.append(f"+{name}")
        await asyncio.sleep(0)  # a browser does not start in an instant
        stack.callback(self.log.append, f"-{name}")
        return name


def test_a_service_is_started_once_and_stopped_with_the_run() -> None:
    async def scene() -> None:
        services, starter = Services(), Starter()
        assert await services.get("browser", starter.start) == "service 0"
        assert await services.get("browser", starter.start) == "service 0"
        assert starter.log == ["+service 0"]
        await services.close()
        assert starter.log == ["+service 0", "-service 0"]

    asyncio.run(scene())


def test_two_who_ask_at_once_get_the_same() -> None:
    async def scene() -> None:
        services, starter = Services(), Starter()
        asked = [services.get("browser", starter.start) for _ in range(5)]
        assert set(await asyncio.gather(*asked)) == {"service 0"}
        await services.close()

    asyncio.run(scene())


def test_a_service_may_need_another() -> None:
    async def scene() -> None:
        services, starter = Services(), Starter()

        async def start(stack: AsyncExitStack) -> str:
            return "on " + await services.get("base", starter.start)

        assert await services.get("upper", start) == "on service 0"
        await services.close()

    asyncio.run(scene())


def test_what_broke_is_started_anew_and_still_cleaned_up() -> None:
    async def scene() -> None:
        services, starter = Services(), Starter()
        await services.get("browser", starter.start)
        services.forget("browser")
        services.forget("never started")
        assert await services.get("browser", starter.start) == "service 1"
        await services.close()
        assert starter.log[2:] == ["-service 1", "-service 0"]

    asyncio.run(scene())


def test_a_start_that_fails_may_be_tried_again() -> None:
    async def fail(stack: AsyncExitStack) -> None:
        raise OSError("no browser")

    async def scene() -> None:
        services, starter = Services(), Starter()
        with pytest.raises(OSError, match="no browser"):
            await services.get("browser", fail)
        assert await services.get("browser", starter.start) == "service 0"
        await services.close()

    asyncio.run(scene())


def test_evidence_is_named_from_the_attempts_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    context = Context(
        trial_id="p/r/q/1",
        assertion_id="fps",
        bench_root=tmp_path,
        workspace=tmp_path,
        starting_files=None,
        evidence=tmp_path / "evidence/fps",
        evidence_base=tmp_path,
        scratch=tmp_path,
        limits=Limits(),
        deadline=Deadline.after(1),
        sandbox=Unconfined(),
        services=Services(),
    )
    assert context.evidence_name(tmp_path / "evidence/fps/shot.png") == "evidence/fps/shot.png"
