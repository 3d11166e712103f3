"""One measured window: a lean trace of presented frames, and where the time went."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, CDPSession
from playwright.async_api import Error as PlaywrightError

from fiverounds.assertions.fps import procs, trace
from fiverounds.assertions.fps.browser import FpsBrowser, ProbeBroken
from fiverounds.assertions.fps.model import Cost

BUFFER_KB = 16_384
FLUSH_LIMIT_S = 10.0
ASK_LIMIT_S = 2.0


@dataclass(slots=True)
class Window:
    """A stretch of the monotonic clock, which is also the clock of the trace, and what was traced in it."""

    session: CDPSession
    """Speaks to the browser as a whole; ends with the window."""
    start_s: float = 0.0
    end_s: float = 0.0
    events: list[Mapping[str, object]] = field(default_factory=list)

    def times(self) -> list[float]:
        """When pictures were shown in the window."""
        return trace.frame_times(self.events, self.start_s, self.end_s)

    def pace(self) -> trace.Pace:
        """How pictures followed each other in the window."""
        return trace.pace(self.times(), self.start_s, self.end_s)


@contextlib.asynccontextmanager
async def traced(browser: Browser) -> AsyncIterator[Window]:
    """Trace presented frames while inside. The events are there after leaving.

    The window is all the time inside, unless the caller sets its ends more narrowly.
    """
    # A session for each window: listeners of an old one would go on counting.
    session = await browser.new_browser_cdp_session()
    window = Window(session)
    done = asyncio.Event()
    lost = False

    def collect(part: dict[str, Any]) -> None:
        window.events.extend(part["value"])

    def finish(end: dict[str, Any]) -> None:
        nonlocal lost
        lost = bool(end.get("dataLossOccurred"))
        done.set()

    session.on("Tracing.dataCollected", collect)
    session.on("Tracing.tracingComplete", finish)
    config = {
        "recordMode": "recordUntilFull",
        "traceBufferSizeInKb": BUFFER_KB,
        "includedCategories": list(trace.CATEGORIES),
        "excludedCategories": ["*"],
    }
    try:
        await session.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": config})
        window.start_s = time.monotonic()
        try:
            yield window
        finally:
            # Also when the probe is cancelled: a trace left running would fail the next probe.
            window.end_s = window.end_s or time.monotonic()
            await session.send("Tracing.end")
            await asyncio.wait_for(done.wait(), FLUSH_LIMIT_S)
    except TimeoutError as error:
        raise ProbeBroken("the browser did not hand over its trace") from error
    finally:
        with contextlib.suppress(PlaywrightError):
            await session.detach()
    if lost:
        raise ProbeBroken("the browser lost part of its trace")


@dataclass(frozen=True, slots=True)
class _Reading:
    at_s: float
    metrics: dict[str, float]
    cores: dict[str, float]
    others: dict[procs.ProcessKey, float]


class CostMeter:
    """Reads the clocks of page, browser and machine at both ends of a window."""

    def __init__(self, browser: FpsBrowser, wide: CDPSession, page: CDPSession) -> None:
        self._browser = browser
        self._wide = wide
        self._page = page
        self._first: _Reading | None = None

    async def start(self) -> None:
        """Read at the beginning."""
        self._first = await self._read()

    async def stop(self) -> Cost:
        """Read at the end and compare. Figures that were not to be had are `None`."""
        first, last = self._first, await self._read()
        if first is None:
            return Cost()
        seconds = last.at_s - first.at_s

        def share(table: str, *names: str) -> float | None:
            before: dict[str, float] = getattr(first, table)
            after: dict[str, float] = getattr(last, table)
            found = [after[name] - before.get(name, 0.0) for name in names if name in after]
            return max(0.0, sum(found)) / seconds if found and before else None

        return Cost(
            script_share=share("metrics", "ScriptDuration"),
            task_share=share("metrics", "TaskDuration"),
            renderer_cores=share("cores", "renderer"),
            gpu_cores=share("cores", "GPU"),
            browser_cores=share("cores", *last.cores),
            external_cores=procs.cpu_seconds(first.others, last.others) / seconds,
        )

    async def _read(self) -> _Reading:
        metrics: dict[str, float] = {}
        cores: dict[str, float] = {}
        with contextlib.suppress(PlaywrightError, TimeoutError):
            answer = await asyncio.wait_for(self._page.send("Performance.getMetrics"), ASK_LIMIT_S)
            metrics = {item["name"]: float(item["value"]) for item in answer["metrics"]}
        with contextlib.suppress(PlaywrightError, TimeoutError):
            answer = await asyncio.wait_for(
                self._wide.send("SystemInfo.getProcessInfo"), ASK_LIMIT_S
            )
            for item in answer["processInfo"]:
                cores[item["type"]] = cores.get(item["type"], 0.0) + float(item["cpuTime"])
        # The driver that relays the protocol is ours, and so is everything under it.
        own = {process.pid for process in self._browser.processes()} | {self._browser.driver_pid()}
        return _Reading(time.monotonic(), metrics, cores, procs.cpu_times(own))
