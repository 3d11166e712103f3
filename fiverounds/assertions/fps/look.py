"""Looking at the page: screenshots, a short screencast, and one click where nothing moves."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from typing import Any, NamedTuple

from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from fiverounds.assertions.fps.content import CastFrame

SHOT_LIMIT_S = 4.0
CAST_SIZE = (640, 360)
SETTLE_S = 0.2
"""The first pictures of a screencast come late while the encoder warms up; they are left out."""
PAUSE_S = 0.3
"""Time a page gets to freeze or to go on, and time between the two screenshots that are compared."""
MIDDLE = "(middle)"
_FIND_BUTTON = """(() => {
  const start = /start|play|begin|run|go|launch/i;
  const all = document.querySelectorAll(
    'button,[role=button],input[type=button],input[type=submit],a[href="#"],.start,#start,.play,#play');
  const seen = [...all].map((e) => [e, e.getBoundingClientRect()]).filter(([, r]) =>
    r.width > 4 && r.height > 4 && r.left >= 0 && r.top >= 0 && r.left < innerWidth && r.top < innerHeight);
  const text = (e) => (e.textContent || e.value || e.id || e.className || '').trim();
  seen.sort(([a], [b]) => start.test(text(b)) - start.test(text(a)));
  return seen.slice(0, 1).map(([e, r]) => [r.left + r.width / 2, r.top + r.height / 2, text(e).slice(0, 60)])[0];
})()"""


class Cast(NamedTuple):
    """The pictures of a screencast, and from when to when they count (seconds since the epoch)."""

    frames: list[CastFrame]
    start_s: float
    end_s: float


async def screenshot(session: CDPSession) -> bytes | None:
    """The page as a PNG file, or `None` if it would not be drawn in time."""
    with contextlib.suppress(PlaywrightError, TimeoutError):
        shot = session.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
        return base64.b64decode((await asyncio.wait_for(shot, SHOT_LIMIT_S))["data"])
    return None


async def screencast(session: CDPSession, seconds: float) -> Cast:
    """Pictures of the page for `seconds`.

    A screencast costs as much as drawing does, so it never runs in a measured window.
    """
    frames: list[CastFrame] = []
    acks: set[asyncio.Task[Any]] = set()

    async def acknowledge(number: int) -> None:
        with contextlib.suppress(PlaywrightError):
            await session.send("Page.screencastFrameAck", {"sessionId": number})

    def take(event: dict[str, Any]) -> None:
        task = asyncio.create_task(acknowledge(event["sessionId"]))
        acks.add(task)
        task.add_done_callback(acks.discard)
        frames.append(
            CastFrame(float(event["metadata"]["timestamp"]), base64.b64decode(event["data"]))
        )

    session.on("Page.screencastFrame", take)
    start = time.time()
    try:
        await session.send(
            "Page.startScreencast",
            {
                "format": "jpeg",
                "quality": 75,
                "maxWidth": CAST_SIZE[0],
                "maxHeight": CAST_SIZE[1],
                "everyNthFrame": 1,
            },
        )
        await asyncio.sleep(seconds)
        end = time.time()
        await session.send("Page.stopScreencast")
    finally:
        session.remove_listener("Page.screencastFrame", take)
    return Cast(frames, min(start + SETTLE_S, end), end)


async def click_start(page: Page, session: CDPSession) -> str:
    """Click the most start-like button, or the middle of the page; returns what was clicked."""
    x, y, text = 0.0, 0.0, ""
    with contextlib.suppress(PlaywrightError):
        # A world of its own: the page cannot have changed what querySelectorAll does here.
        tree = await session.send("Page.getFrameTree")
        world = await session.send(
            "Page.createIsolatedWorld", {"frameId": tree["frameTree"]["frame"]["id"]}
        )
        answer = await session.send(
            "Runtime.evaluate",
            {
                "expression": _FIND_BUTTON,
                "contextId": world["executionContextId"],
                "returnByValue": True,
            },
        )
        if found := answer["result"].get("value"):
            x, y, text = float(found[0]), float(found[1]), str(found[2]) or "(button)"
    if not text:
        size = page.viewport_size or {"width": 0, "height": 0}
        x, y, text = size["width"] / 2, size["height"] / 2, MIDDLE
    await page.mouse.click(x, y)
    return text


async def pause_and_go_on(page: Page, session: CDPSession, key: str) -> list[bytes | None]:
    """Press the key twice. Screenshots: paused, still paused, going on again."""
    shots = []
    await page.keyboard.press(key)
    for _ in range(2):
        await asyncio.sleep(PAUSE_S)
        shots.append(await screenshot(session))
    await page.keyboard.press(key)
    await asyncio.sleep(PAUSE_S)
    shots.append(await screenshot(session))
    return shots
