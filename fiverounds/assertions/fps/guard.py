"""Two watchers beside every probe: is the page's main thread still there, and how much memory does the browser hold."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from fiverounds.assertions.fps import procs
from fiverounds.assertions.fps.browser import FpsBrowser
from fiverounds.assertions.fps.model import Trouble
from fiverounds.assertions.fps.record import Alarm, Recorder

PING_EVERY_S = 0.5
MEMORY_EVERY_S = 0.2
FEW_LINES = 20


async def watch_main_thread(
    session: CDPSession, alarm: Alarm, recorder: Recorder, limit_s: float
) -> None:
    """Ring when the page's main thread has not answered for `limit_s`."""
    while True:
        lines = recorder.lines
        try:
            ping = session.send("Runtime.evaluate", {"expression": "0"})
            await asyncio.wait_for(ping, limit_s)
        except TimeoutError:
            # A thread that hangs does not write: the answer only stands behind all those lines.
            writes = recorder.lines - lines > FEW_LINES
            alarm.ring(Trouble.CONSOLE_FLOOD if writes else Trouble.MAIN_THREAD_HANG)
            return
        except PlaywrightError:
            pass  # asked between two documents
        await asyncio.sleep(PING_EVERY_S)


@dataclass(slots=True)
class MemoryWatch:
    """The largest memory seen so far; rings above the limit."""

    browser: FpsBrowser
    alarm: Alarm
    limit_mb: int
    peak_mb: int = 0

    async def run(self) -> None:
        """Look until cancelled. The list of processes is renewed now and then: it costs more than their memory."""
        looks = 0
        processes = self.browser.processes()
        while True:
            if looks % 5 == 0:
                processes = self.browser.processes()
            looks += 1
            self.peak_mb = max(self.peak_mb, procs.private_memory_mb(processes))
            if self.peak_mb > self.limit_mb:
                self.alarm.ring(Trouble.MEMORY)
                return
            await asyncio.sleep(MEMORY_EVERY_S)
