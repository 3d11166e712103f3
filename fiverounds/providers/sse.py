"""Server-sent events: bytes in whatever pieces the network gives → the events they hold. Pure.

Protocol: WHATWG HTML, "Server-sent events" (data lines, comments, blank line ends an event), plus
one rule of our own: a line that belongs to no field of that protocol is reported, because servers
write plain text into a stream that breaks (llama.cpp's router: `proxy error: Failed to read
connection`).
"""

from __future__ import annotations

from dataclasses import dataclass

from fiverounds.limits import MIB

MAX_EVENT_BYTES = 16 * MIB
_FIELDS = frozenset({b"event", b"id", b"retry"})


@dataclass(frozen=True, slots=True)
class Data:
    """The text of one event."""

    text: str


@dataclass(frozen=True, slots=True)
class Stray:
    """A line that is no server-sent event."""

    text: str


class TooLong(ValueError):
    """One event is larger than `MAX_EVENT_BYTES`."""


class EventReader:
    """Feed it bytes, take events; any split of the same bytes gives the same events."""

    def __init__(self) -> None:
        self._rest = b""
        self._scanned = 0
        self._data: list[bytes] = []
        self._size = 0
        self._after_cr = False
        self._begun = False

    def feed(self, chunk: bytes) -> list[Data | Stray]:
        """The events that became complete.

        Raises:
            TooLong: one event grew beyond the limit.
        """
        events: list[Data | Stray] = []
        self._rest += chunk
        for line in self._lines():
            events.extend(self._take(line))
        if len(self._rest) + self._size > MAX_EVENT_BYTES:
            raise TooLong(f"one event is larger than {MAX_EVENT_BYTES} bytes")
        return events

    def end(self) -> list[Data | Stray]:
        """What is left when the stream is over; a last event need not have its blank line."""
        last, self._rest = self._rest, b""
        return [*(self._take(last) if last else []), *self._take(b"")]

    def _lines(self) -> list[bytes]:
        """Complete lines; they end with LF, CRLF or CR. A CR at the very end may be half a CRLF."""
        if self._after_cr and self._rest:
            self._rest = self._rest.removeprefix(b"\n")
            self._after_cr = False
        if b"\n" not in self._rest[self._scanned :] and b"\r" not in self._rest[self._scanned :]:
            self._scanned = len(self._rest)
            return []
        self._scanned = 0
        self._after_cr = self._rest.endswith(b"\r")
        lines = self._rest.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop()
        return lines

    def _take(self, line: bytes) -> list[Data | Stray]:
        if not self._begun:
            self._begun = True
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            done, self._data, self._size = self._data, [], 0
            return [Data(b"\n".join(done).decode("utf-8", "replace"))] if done else []
        field, colon, value = line.partition(b":")
        if field == b"data":
            self._data.append(value.removeprefix(b" "))
            self._size += len(value)
            return []
        # A colon first is a comment (`: OPENROUTER PROCESSING`, llama.cpp's ping); blanks are padding.
        if field in _FIELDS or (colon and not field) or not line.strip():
            return []
        return [Stray(line.decode("utf-8", "replace"))]
