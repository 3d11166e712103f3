"""One look at one page: load, settle, measure, look, leave. What the page does wrong becomes part of the result."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, CDPSession, Page
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from fiverounds.assertions.fps import look
from fiverounds.assertions.fps.browser import FpsBrowser, ProbeBroken
from fiverounds.assertions.fps.content import content, moved_pixels, still
from fiverounds.assertions.fps.guard import MemoryWatch, watch_main_thread
from fiverounds.assertions.fps.meter import CostMeter, traced
from fiverounds.assertions.fps.model import Cost, Pause, ProbeRequest, ProbeResult, Trouble
from fiverounds.assertions.fps.record import Alarm, Recorder
from fiverounds.assertions.fps.serve import FileServer, page_url
from fiverounds.assertions.fps.trace import Pace

OPEN_LIMIT_S = 20.0
FIRST_PAINT_S = 0.3
"""Pictures this soon after the page was loaded are its first paint, not movement."""
SECOND_LOOK_S = 1.0
"""A page that shows no movement while settling gets this much longer before it is clicked."""
AFTER_CLICK_S = 0.5
STILL_WINDOW_S = 2.0
"""Longest window for a page that does not move even after the click."""
SPARE_S = 20.0
"""Beyond all planned waits; after this the page is given up."""
LEAVE_LIMIT_S = 2.0
_LIKE_THE_BROWSERS_END = {Trouble.PAGE_CLOSED, Trouble.RENDERER_CRASH}


async def probe(browser: FpsBrowser, request: ProbeRequest) -> ProbeResult:
    """Look at one page. Raises `ProbeBroken` when browser or driver broke, never for what the page does."""
    if request.read(request.page) is None:
        return ProbeResult(trouble=Trouble.PAGE_MISSING)
    async with browser.exclusive() as running:
        return await _Visit(browser, running, request).run()


@dataclass(slots=True)
class _Visit:
    """One probe under way, and what it has found so far."""

    browser: FpsBrowser
    running: Browser
    request: ProbeRequest
    began: float = field(default_factory=time.monotonic)
    detail: str = ""
    load_s: float | None = None
    clicked: str | None = None
    pace: Pace | None = None
    cost: Cost = field(default_factory=Cost)
    before_png: bytes | None = None
    after_png: bytes | None = None
    cast: look.Cast | None = None
    pause_pngs: list[bytes | None] = field(default_factory=list)
    work: asyncio.Task[Trouble | None] | None = None
    clean: bool = False
    """True when the work ended by itself, so that the browser can be used again."""

    async def run(self) -> ProbeResult:
        alarm = Alarm()
        recorder = Recorder(alarm)
        memory = MemoryWatch(self.browser, alarm, self.request.memory_limit_mb)
        watchers = [asyncio.create_task(memory.run())]
        context: BrowserContext | None = None
        try:
            async with asyncio.timeout(OPEN_LIMIT_S):
                context, page, session = await self._open(recorder)
            limit = self.request.hang_limit_s
            watchers.append(asyncio.create_task(watch_main_thread(session, alarm, recorder, limit)))
            self.work = asyncio.create_task(self._work(page, session))
            trouble = await self._guarded(self.work, alarm)
        except (PlaywrightError, TimeoutError) as error:
            raise ProbeBroken(f"the browser opened no page: {error}") from error
        finally:
            recorder.close()
            for watcher in watchers:
                watcher.cancel()
            await asyncio.shield(self._leave(context))
        return await asyncio.to_thread(self._result, trouble, recorder, memory.peak_mb)

    async def _open(self, recorder: Recorder) -> tuple[BrowserContext, Page, CDPSession]:
        width, height = self.request.width, self.request.height
        context = await self.running.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=1,
            user_agent=self.browser.user_agent,
            service_workers="block",
            accept_downloads=False,
        )
        await context.route("**/*", FileServer(self.request.read, recorder).handle)
        page = await context.new_page()
        await recorder.attach(context, page)
        session = await context.new_cdp_session(page)
        # A window larger than the viewport: at the same size its lower edge may lie outside what is displayed.
        window = await session.send("Browser.getWindowForTarget")
        bounds = {"width": width + 120, "height": height + 280}
        await session.send(
            "Browser.setWindowBounds", {"windowId": window["windowId"], "bounds": bounds}
        )
        await session.send("Performance.enable")
        return context, page, session

    async def _guarded(self, work: asyncio.Task[Trouble | None], alarm: Alarm) -> Trouble | None:
        """Wait until the work is done, or the alarm rings, or the time is up."""
        asked = self.request
        planned = asked.load_limit_s + asked.warm_s + asked.duration_s + asked.cast_s + SPARE_S
        either: set[asyncio.Future[Any]] = {work, alarm.rung}
        await asyncio.wait(either, timeout=planned, return_when=asyncio.FIRST_COMPLETED)
        error = work.exception() if work.done() else None
        if isinstance(error, PlaywrightError):
            # On a page that is gone every call fails; the reason comes as an event of its own.
            await asyncio.wait({alarm.rung}, timeout=0.5)
        if not self.running.is_connected():
            raise ProbeBroken(f"the browser ended in the middle of a probe: {error or ''}")
        if alarm.rung.done():
            rung = alarm.rung.result()
            # A browser that ends takes its pages with it, and says so of the pages first.
            if rung in _LIKE_THE_BROWSERS_END and not await self.browser.answers():
                raise ProbeBroken("the browser ended in the middle of a probe")
            return rung
        if isinstance(error, PlaywrightError) or not work.done():
            if not await self.browser.answers():
                raise ProbeBroken(f"the browser stopped answering: {error or ''}")
            self.detail = str(error or "").partition("\n")[0]
            return Trouble.UNRESPONSIVE
        trouble = work.result()
        self.clean = True
        return trouble

    async def _work(self, page: Page, session: CDPSession) -> Trouble | None:
        asked = self.request
        try:
            async with asyncio.timeout(asked.load_limit_s):
                await self._load(page, session)
        except (PlaywrightTimeout, TimeoutError):
            return Trouble.LOAD_TIMEOUT
        self.load_s = time.monotonic() - self.began
        moves = await self._settle(page, session)
        if asked.screenshots:
            self.before_png = await look.screenshot(session)
        seconds = asked.duration_s if moves else min(asked.duration_s, STILL_WINDOW_S)
        async with traced(self.running) as window:
            meter = CostMeter(self.browser, window.session, session)
            await meter.start()
            window.start_s = time.monotonic()
            await asyncio.sleep(seconds)
            window.end_s = time.monotonic()
            self.cost = await meter.stop()
        self.pace = window.pace()
        if asked.screenshots:
            # Before the screencast, which slows the page: people look at what its counter says here.
            self.after_png = await look.screenshot(session)
        if asked.cast_s > 0:
            self.cast = await look.screencast(session, asked.cast_s)
        if asked.pause_key is not None:
            self.pause_pngs = await look.pause_and_go_on(page, session, asked.pause_key)
        return None

    async def _load(self, page: Page, session: CDPSession) -> None:
        # Not Playwright's own `load`: a page that walks away while it loads never gets there.
        stopped = asyncio.Event()
        tree = await session.send("Page.getFrameTree")
        main = tree["frameTree"]["frame"]["id"]

        def on_stop(event: dict[str, Any]) -> None:
            if event["frameId"] == main:
                stopped.set()

        session.on("Page.frameStoppedLoading", on_stop)
        await session.send("Page.enable")
        try:
            await page.goto(page_url(self.request.page), wait_until="commit", timeout=0)
        except PlaywrightError as error:
            # E.g. a file that the browser would rather download. Then an empty page is looked at.
            self.detail = str(error).partition("\n")[0]
            return
        await stopped.wait()

    async def _settle(self, page: Page, session: CDPSession) -> bool:
        """Let the page get going; click it if it does not. True when it moves."""
        if await self._moves(self.request.warm_s):
            return True
        if not self.request.click_to_start:
            return False
        if await self._moves(SECOND_LOOK_S):
            return True
        self.clicked = await look.click_start(page, session)
        return await self._moves(FIRST_PAINT_S + AFTER_CLICK_S)

    async def _moves(self, seconds: float) -> bool:
        async with traced(self.running) as window:
            await asyncio.sleep(seconds)
        return any(at > window.start_s + FIRST_PAINT_S for at in window.times())

    async def _leave(self, context: BrowserContext | None) -> None:
        """Close the page; a browser that may not be sound any more goes with it."""
        if self.clean and context is not None:
            with contextlib.suppress(PlaywrightError, TimeoutError):
                await asyncio.wait_for(context.close(), LEAVE_LIMIT_S)
                return
        # First the browser: the work may wait for an answer that a hung page will never let it give.
        await self.browser.discard()
        if self.work is not None:
            self.work.cancel()
            await asyncio.wait({self.work}, timeout=LEAVE_LIMIT_S)
            if self.work.done() and not self.work.cancelled():
                self.work.exception()  # seen

    def _result(self, trouble: Trouble | None, recorder: Recorder, peak_mb: int) -> ProbeResult:
        """Evaluate the pictures. In a thread: it takes a few tenths of a second of CPU."""
        before, after = self.before_png, self.after_png
        return ProbeResult(
            trouble=trouble,
            detail=self.detail,
            pace=self.pace,
            content=content(*self.cast) if self.cast else None,
            cost=self.cost,
            heard=recorder.heard(),
            before_png=before,
            after_png=after,
            still=still(after) if after else None,
            moved_pixels=moved_pixels(before, after) if before and after else None,
            pause=_pause(self.pause_pngs),
            clicked=self.clicked,
            memory_peak_mb=peak_mb,
            load_s=self.load_s,
            wall_s=time.monotonic() - self.began,
            browser_version=self.browser.version,
        )


def _pause(pngs: list[bytes | None]) -> Pause | None:
    shots = [png for png in pngs if png is not None]
    if len(shots) != 3:
        return None
    return Pause(moved_pixels(shots[0], shots[1]), moved_pixels(shots[1], shots[2]))
