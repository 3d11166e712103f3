"""Everything a page does besides drawing, written down while it does it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from playwright.async_api import BrowserContext, ConsoleMessage, Dialog, Page, WebSocket
from playwright.async_api import Error as PlaywrightError

from fiverounds.assertions.fps.model import ORIGIN, Blocked, Heard, Trouble

T = TypeVar("T")

KEEP = 20
"""Entries kept of each list; the counts go on."""
TEXT_CHARS = 300
MANY_DIALOGS = 20
MANY_LINES = 200
"""Console lines in one second above which the page is stopped: the lines cost more than the drawing."""
MANY_WINDOWS = 3
"""Real windows, not the caught `window.open`: each takes the foreground and stops the page."""
_BLOCKED_BY_US = "net::ERR_BLOCKED_BY_CLIENT"


class Alarm:
    """Rings once, with the reason to stop looking at the page."""

    def __init__(self) -> None:
        self.rung: asyncio.Future[Trouble] = asyncio.get_running_loop().create_future()

    def ring(self, trouble: Trouble) -> None:
        """Stop the probe. Only the first reason counts."""
        if not self.rung.done():
            self.rung.set_result(trouble)


class Recorder:
    """Listens to one page until `close`."""

    def __init__(self, alarm: Alarm) -> None:
        self._alarm = alarm
        self._token = secrets.token_hex(8)
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self.lines = 0
        """Console lines so far, of any kind."""
        self._second = (0, 0)
        self._dialogs = 0
        self._windows = 0
        self._console: list[str] = []
        self._console_count = 0
        self._errors: list[str] = []
        self._error_count = 0
        self._blocked: list[Blocked] = []
        self._blocked_count = 0
        self._missing: list[str] = []
        self._navigations: list[str] = []
        self._popups: list[str] = []

    async def attach(self, context: BrowserContext, page: Page) -> None:
        """Start to listen. Before the page is loaded."""
        # A real new window would take the foreground, and the page would stop drawing. So none opens; the page
        # tells us through a console line that only this script can write.
        await context.add_init_script(
            f"""(() => {{
              const tell = console.debug.bind(console);
              window.open = function open(url) {{ tell("{self._token}", String(url)); return null; }};
            }})()"""
        )
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._on_error(_located(error)))
        page.on("dialog", self._on_dialog)
        page.on("websocket", self._on_websocket)
        page.on("crash", lambda _: self._alarm.ring(Trouble.RENDERER_CRASH))
        page.on("close", self._on_close)
        context.on("page", lambda other: self._on_window(page, other))

    def close(self) -> None:
        """From now on the page closes because we close it."""
        self._closed = True
        for task in self._tasks:
            task.cancel()

    def heard(self) -> Heard:
        """What was written down so far."""
        return Heard(
            console_errors=tuple(self._console),
            page_errors=tuple(self._errors),
            console_error_count=self._console_count,
            page_error_count=self._error_count,
            blocked=tuple(self._blocked),
            blocked_count=self._blocked_count,
            missing=tuple(self._missing),
            navigations=tuple(self._navigations),
            popups=tuple(self._popups),
            dialogs=self._dialogs,
        )

    def stopped(self, kind: str, url: str) -> None:
        """A request to the outside."""
        self._blocked_count += 1
        _keep(self._blocked, Blocked(kind, url[:TEXT_CHARS]))

    def not_found(self, path: str) -> None:
        """An own file that does not exist."""
        _keep(self._missing, path[:TEXT_CHARS])

    def navigated(self, url: str) -> None:
        """The page tried to leave, or to load itself again."""
        _keep(self._navigations, url[:TEXT_CHARS])

    def _on_close(self, _: Page) -> None:
        if not self._closed:
            self._alarm.ring(Trouble.PAGE_CLOSED)

    def _on_console(self, message: ConsoleMessage) -> None:
        self.lines += 1
        now = int(time.monotonic())
        second, lines = self._second
        self._second = (now, lines + 1 if second == now else 1)
        if self._second[1] > MANY_LINES:
            self._alarm.ring(Trouble.CONSOLE_FLOOD)
            return
        if message.type == "debug" and message.text.startswith(self._token):
            _keep(self._popups, message.text.removeprefix(self._token).strip()[:TEXT_CHARS])
        elif message.type in ("error", "assert") and _BLOCKED_BY_US not in message.text:
            self._console_count += 1
            place = message.location
            where = (
                f" ({place['url'].rpartition('/')[2]}:{place['lineNumber'] + 1})" if place else ""
            )
            _keep(self._console, message.text[:TEXT_CHARS] + where)

    def _on_error(self, text: str) -> None:
        self._error_count += 1
        _keep(self._errors, text)

    def _on_dialog(self, dialog: Dialog) -> None:
        self._dialogs += 1
        if self._dialogs > MANY_DIALOGS:
            self._alarm.ring(Trouble.DIALOG_FLOOD)
        self._spawn(dialog.accept() if dialog.type == "beforeunload" else dialog.dismiss())

    def _on_websocket(self, socket: WebSocket) -> None:
        self.stopped("websocket", socket.url)

    def _on_window(self, page: Page, other: Page) -> None:
        if other is not page:
            self._windows += 1
            if self._windows > MANY_WINDOWS:
                self._alarm.ring(Trouble.WINDOW_FLOOD)
            _keep(self._popups, other.url[:TEXT_CHARS])
            self._spawn(_close_window(page, other))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    with contextlib.suppress(PlaywrightError):
        await work


async def _close_window(page: Page, other: Page) -> None:
    await other.close()
    await page.bring_to_front()


def _located(error: PlaywrightError) -> str:
    """`TypeError: x is undefined (index.html:41:7)`: the message and the innermost place in an own file."""
    message = str(error).splitlines()[0] if str(error) else error.name or "error"
    if error.name and not message.startswith(error.name):
        message = f"{error.name}: {message}"
    for line in (error.stack or "").splitlines():
        _, found, rest = line.partition(f"{ORIGIN}/")
        if found:
            return f"{message[:TEXT_CHARS]} ({rest.rstrip(')')[:80]})"
    return message[:TEXT_CHARS]


def _keep(items: list[T], item: T) -> None:
    if len(items) < KEEP:
        items.append(item)
