"""One question to a chat endpoint: asked, asked again where that helps, and collected to its end.

Asked again: 503 while the model loads (bounded by the load time-out), 429, 502, 503 and broken
connections before the first byte of an answer (a few tries), and once with the other name of the
token cap. Never asked again: whatever the server understood and refused, and an answer that broke
off, because tokens may have been paid for.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from fiverounds.environment import utc_now
from fiverounds.errors import ProviderError
from fiverounds.limits import MIB, Deadline
from fiverounds.providers.connection import Endpoint, body_of, why
from fiverounds.providers.retry import Retries, loading_pause_seconds, retry_after_seconds
from fiverounds.providers.server_errors import Kind, ServerError, kind_of, read_error
from fiverounds.providers.sse import EventReader, TooLong
from fiverounds.providers.stream import BrokenStream, Collected, ErrorInStream

_COMPLETION_BYTES = 64 * MIB
_CAP_FIELDS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}


class _Again(Exception):
    """Nothing came yet; worth another try."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class _Loading(Exception):
    """The server says that it is loading its model."""


class Declined(Exception):
    """The server understood and said no; `kind` tells what that means."""

    def __init__(self, error: ServerError, kind: Kind) -> None:
        super().__init__(str(error))
        self.error = error
        self.kind = kind


@dataclass
class Exchange:
    """State of one question; `collected` can be read at any moment, also after a time-out."""

    endpoint: Endpoint
    payload: dict[str, Any]
    cap_field: str
    retries: Retries
    load_timeout_seconds: float
    deadline: Deadline
    jitter: Callable[[], float] = random.random
    collected: Collected = field(default_factory=Collected)
    events: list[dict[str, Any]] = field(default_factory=list)
    """Waits and repeats, for the log."""
    waiting_for: str = ""
    """What the server's side keeps us waiting for just now; empty while the model may be at work."""
    sent_at: float = 0.0
    load_seconds: float | None = None

    async def run(self) -> None:
        """Ask until there is a whole answer in `collected`.

        Raises:
            Declined: the server said no.
            ProviderError: unreachable, broken, or still busy after all tries.
        """
        failed = loading = 0
        cap_switched = False
        loading_since: float | None = None
        while True:
            try:
                return await self._ask(loading_since)
            except _Loading:
                loading_since = self.sent_at if loading_since is None else loading_since
                await self._await_loading(loading_since, loading)
                loading += 1
            except _Again as again:
                failed += 1
                await self._await_turn(again, failed)
            except Declined as declined:
                if declined.kind is not Kind.CAP_FIELD or cap_switched:
                    raise
                cap_switched = True
                self._switch_cap_field()

    async def _ask(self, loading_since: float | None) -> None:
        self.sent_at = time.monotonic()
        self.waiting_for = ""
        opened = False
        url = self.endpoint.url("/chat/completions")
        try:
            async with self.endpoint.client.stream("POST", url, json=self.payload) as response:
                opened = True
                if response.status_code != 200:
                    self._refuse(response, await body_of(response))
                if loading_since is not None:
                    self.load_seconds = self.sent_at - loading_since
                await self._collect(response)
        except httpx.InvalidURL as error:
            raise ProviderError(f"{self.endpoint.shown}: {error}") from None
        except httpx.RequestError as error:
            if self.collected.finish_reason is not None:
                return  # the answer is whole; only the goodbye is missing
            if opened:
                raise ProviderError(
                    f"{self.endpoint.shown}: the connection broke during the answer: {why(error)}"
                ) from None
            raise _Again(why(error)) from None

    def _refuse(self, response: httpx.Response, body: bytes) -> None:
        """Raise what a status other than 200 means."""
        status = response.status_code
        if 300 <= status < 400:
            target = self.endpoint.clean(response.headers.get("location", "elsewhere"))
            raise ProviderError(
                f"{self.endpoint.shown} redirects to {target}",
                "put the final address into base_url",
            )
        error = read_error(status, body)
        kind = kind_of(error, self.cap_field)
        if kind is Kind.LOADING:
            raise _Loading
        if kind is Kind.BUSY:
            wish = retry_after_seconds(response.headers.get("retry-after"), utc_now())
            raise _Again(self.endpoint.clean(str(error)), wish)
        raise Declined(error, kind)

    async def _collect(self, response: httpx.Response) -> None:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            if kind == "text/html":
                raise BrokenStream("an HTML page instead of an API's answer")
            if kind == "application/json":
                await self._collect_whole(response)
            else:
                await self._collect_events(response)
        except ErrorInStream as broken:
            found = kind_of(broken.error, self.cap_field)
            raise Declined(broken.error, Kind.OTHER if found is Kind.CAP_FIELD else found) from None
        except (BrokenStream, TooLong) as broken:
            words = self.endpoint.clean(str(broken))
            raise ProviderError(f"{self.endpoint.shown}: {words}") from None
        if self.collected.finish_reason is None:
            raise ProviderError(
                f"{self.endpoint.shown}: the stream ended without a finish_reason: the answer is not whole"
            )

    async def _collect_events(self, response: httpx.Response) -> None:
        reader = EventReader()
        async for chunk in response.aiter_bytes():
            self.collected.feed(reader.feed(chunk), time.monotonic())
            if self.collected.done:
                return
        self.collected.feed(reader.end(), time.monotonic())

    async def _collect_whole(self, response: httpx.Response) -> None:
        """A server that does not stream, asked to stream."""
        self.collected.streamed = False
        body = await body_of(response, _COMPLETION_BYTES)
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            raise BrokenStream("the answer is not JSON") from None
        if not isinstance(value, dict):
            raise BrokenStream("the answer is not a JSON object")
        self.collected.add(value, time.monotonic())

    async def _await_loading(self, since: float, waited: int) -> None:
        self.waiting_for = "the model to be loaded"
        if time.monotonic() - since > self.load_timeout_seconds:
            raise ProviderError(
                f"{self.endpoint.shown} is still loading its model after {self.load_timeout_seconds:g} s",
                "raise load_timeout, or load the model beforehand",
            )
        if not waited:
            self.events.append({"event": "loading"})
        await asyncio.sleep(loading_pause_seconds(waited))

    async def _await_turn(self, again: _Again, failed: int) -> None:
        reason = f"{self.endpoint.shown}: {again.reason}"
        if failed >= self.retries.tries:
            tries = f" ({failed} tries)" if failed > 1 else ""
            raise ProviderError(f"{reason}{tries}")
        pause = self.retries.pause_seconds(failed, again.retry_after, self.jitter)
        if pause >= self.deadline.left_seconds():
            raise ProviderError(f"{reason}; no time left for another try in {pause:.0f} s")
        self.waiting_for = again.reason
        self.events.append(
            {"event": "retry", "reason": again.reason, "pause_seconds": round(pause, 3)}
        )
        await asyncio.sleep(pause)

    def _switch_cap_field(self) -> None:
        other = _CAP_FIELDS[self.cap_field]
        self.payload[other] = self.payload.pop(self.cap_field)
        self.events.append({"event": "cap_field", "from": self.cap_field, "to": other})
        self.cap_field = other
