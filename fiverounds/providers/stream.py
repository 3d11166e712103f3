"""Events of a chat completion → one collected reply. Pure but for the clock readings handed in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fiverounds.limits import MIB
from fiverounds.providers.dialects import (
    BROKEN_STOPS,
    reasoning_of,
    refusal_of,
    seconds_of,
    speed_of,
    text_of,
    usage_of,
)
from fiverounds.providers.server_errors import ServerError, error_from, shorten
from fiverounds.providers.sse import Data, Stray
from fiverounds.results import Timing

MAX_TEXT_CHARACTERS = 16 * MIB
_SHORTEST_MEASURED_SECONDS = 0.1
"""Below this the client's clock says more about the network than about the model."""


class BrokenStream(Exception):
    """The stream is not, or not whole, what the protocol asks for."""


class ErrorInStream(Exception):
    """The server reported an error after it had answered 200."""

    def __init__(self, error: ServerError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(slots=True)
class Collected:
    """What has arrived so far."""

    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    finish_reason: str | None = None
    usage: Mapping[str, Any] | None = None
    timings: Mapping[str, Any] | None = None
    model: str | None = None
    done: bool = False
    streamed: bool = True
    """False when the whole answer came at once: then there is no first token to time."""
    first_text_at: float | None = None
    last_text_at: float | None = None
    _characters: int = 0

    def feed(self, events: Sequence[Data | Stray], now: float) -> None:
        """Take in events that arrived at `now` (seconds of a monotonic clock).

        Raises:
            BrokenStream: a line that is no event, or JSON that is none.
            ErrorInStream: the server's own error.
        """
        for event in events:
            if isinstance(event, Stray):
                raise BrokenStream(f"the server wrote into the stream: {shorten(event.text)}")
            if event.text.strip() == "[DONE]":
                self.done = True
            elif event.text.strip():
                self.add(_parsed(event.text), now)

    def add(self, chunk: Mapping[str, Any], now: float) -> None:
        """Take in one chunk, or a whole completion of a server that does not stream.

        Raises:
            BrokenStream: the text grew beyond all measure, or the server gave up.
            ErrorInStream: the server's own error.
        """
        if chunk.get("error") or chunk.get("object") == "error":
            raise ErrorInStream(error_from(0, chunk))
        for key in ("usage", "timings"):
            if isinstance(chunk.get(key), Mapping):
                setattr(self, key, chunk[key])
        if isinstance(chunk.get("model"), str):
            self.model = chunk["model"]
        choices = chunk.get("choices")
        if isinstance(choices, list) and choices and isinstance(choices[0], Mapping):
            self._choice(choices[0], now)

    def _choice(self, choice: Mapping[str, Any], now: float) -> None:
        message = choice.get("delta") or choice.get("message")
        if isinstance(message, Mapping):
            said = (text_of(message), reasoning_of(message), refusal_of(message))
            for kept, new in zip((self.text, self.reasoning, self.refusal), said, strict=True):
                if new:
                    kept.append(new)
            self._note_arrival(sum(map(len, said)), now)
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self.finish_reason = reason
            if reason in BROKEN_STOPS:
                raise BrokenStream(f"the server ended the reply with finish_reason {reason!r}")

    def _note_arrival(self, characters: int, now: float) -> None:
        if not characters:
            return
        if self.first_text_at is None:
            self.first_text_at = now
        self.last_text_at = now
        self._characters += characters
        if self._characters > MAX_TEXT_CHARACTERS:
            raise BrokenStream(f"the reply is longer than {MAX_TEXT_CHARACTERS} characters")

    def timing(self, sent_at: float, provider_seconds: float, load_seconds: float | None) -> Timing:
        """Where the time went: by the server's own timings if it gave any, else by our clock.

        Args:
            sent_at: when the request that was answered went out, on the clock of `feed`.
            provider_seconds: the whole attempt, waits and repeated requests included.
            load_seconds: how long the server was seen loading its model.
        """
        first = None
        if self.first_text_at is not None and self.streamed:
            first = max(0.0, self.first_text_at - sent_at)
        speed, source = speed_of(self.timings), "server"
        if speed is None:
            speed, source = self._measured_speed(), "client"
        return Timing(
            load_seconds=load_seconds,
            first_token_seconds=first,
            prefill_seconds=seconds_of(self.timings, "prompt_ms"),
            decode_seconds=seconds_of(self.timings, "predicted_ms"),
            provider_seconds=provider_seconds,
            tokens_per_second=speed,
            speed_source=None if speed is None else source,
        )

    def _measured_speed(self) -> float | None:
        """Tokens after the first one, over the time from the first text to the last; chunks are never counted."""
        usage = usage_of(self.usage)
        if usage.output_tokens is None or self.first_text_at is None or self.last_text_at is None:
            return None
        tokens, lasted = usage.output_tokens, self.last_text_at - self.first_text_at
        if usage.reasoning_tokens and not self.reasoning:
            tokens -= usage.reasoning_tokens  # hidden thoughts were over before the first text came
        if tokens < 2 or lasted < _SHORTEST_MEASURED_SECONDS:
            return None
        return (tokens - 1) / lasted


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise BrokenStream(f"the server sent what is not JSON: {shorten(text)}") from None
    if not isinstance(value, Mapping):
        raise BrokenStream(f"the server sent no JSON object: {shorten(text)}")
    return value
