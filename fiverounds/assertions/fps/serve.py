"""The page's only world: its own files at one invented address. Every other request is stopped and written down."""

from __future__ import annotations

import contextlib
import mimetypes
from collections.abc import Callable
from urllib.parse import quote, unquote, urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Route

from fiverounds.assertions.fps.model import ORIGIN
from fiverounds.assertions.fps.record import Recorder

_TYPES = {"js": "text/javascript", "mjs": "text/javascript", "wasm": "application/wasm"}


def page_url(page: str) -> str:
    """The address of one of the page's files."""
    return f"{ORIGIN}/{quote(page)}"


def own_path(url: str) -> str | None:
    """The relative path of an own file, or `None` for any address outside."""
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}" != ORIGIN:
        return None
    path = unquote(parts.path).lstrip("/")
    return None if ".." in path.split("/") or "\\" in path or "\0" in path else path


def media_type(path: str) -> str:
    """The Content-Type for a file name; text is UTF-8."""
    known = _TYPES.get(path.rpartition(".")[2].lower())
    found = known or mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"{found}; charset=utf-8" if found.startswith("text/") else found


class FileServer:
    """Answers the requests of one page; pass `handle` to `BrowserContext.route`."""

    def __init__(self, read: Callable[[str], bytes | None], recorder: Recorder) -> None:
        self._read = read
        self._recorder = recorder
        self._documents = 0

    async def handle(self, route: Route) -> None:
        """Answer, or stop and record, one request."""
        with contextlib.suppress(PlaywrightError):  # the page may be gone by now
            await self._answer(route)

    async def _answer(self, route: Route) -> None:
        request = route.request
        if request.url.startswith(("data:", "blob:")):
            await route.continue_()
            return
        if request.is_navigation_request() and request.frame.parent_frame is None:
            self._documents += 1
            if self._documents > 1:
                self._recorder.navigated(request.url)
                await route.abort("aborted")  # this error leaves the old document in place
                return
        path = own_path(request.url)
        if path is None:
            self._recorder.stopped(request.resource_type, request.url)
            await route.abort("blockedbyclient")
            return
        body = self._read(path)
        if body is None:
            if path != "favicon.ico":
                self._recorder.not_found(path)
            await route.fulfill(status=404, body="")
            return
        headers = {"Content-Type": media_type(path), "Cache-Control": "no-store"}
        await route.fulfill(status=200, body=body, headers=headers)
