"""`journal.jsonl`: finished trials, one line each, checked by a CRC over the line's exact bytes.

    {"crc32":"89abcdef","kind":"trial","data":{…}}

A line counts when it ends with a newline and its CRC fits; anything else is damage, noted and left
out. So a run killed at any byte loses at most the line being written.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fiverounds.errors import StoreError
from fiverounds.store.files import append_whole, disk_errors, json_text

TRIAL = "trial"
FACT = "fact"
END = "end"

_PREFIX = re.compile(rb'\{"crc32":"([0-9a-f]{8})",')
_CONSEQUENCE = "; unless it was written again, its trial counts as not run"
_BLOCK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One good line. `number` counts from 1."""

    number: int
    kind: str
    data: Any


def encode(kind: str, data: Any) -> bytes:
    """One line, newline included."""
    body = json_text({"kind": kind, "data": data}).encode()[1:]
    return b'{"crc32":"%08x",%s\n' % (zlib.crc32(body), body)


def decode(lines: Iterable[bytes], notes: list[str]) -> Iterator[Entry]:
    """The good lines; for each bad one a sentence is put into `notes`."""
    for number, line in enumerate(lines, start=1):
        entry = _entry(number, line)
        if entry is not None:
            yield entry
        elif not line.endswith(b"\n"):
            notes.append(f"journal.jsonl:{number}: torn last line left out{_CONSEQUENCE}")
        else:
            notes.append(f"journal.jsonl:{number}: damaged line left out{_CONSEQUENCE}")


def _entry(number: int, line: bytes) -> Entry | None:
    prefix = _PREFIX.match(line)
    if prefix is None or not line.endswith(b"\n"):
        return None
    body = line[prefix.end() : -1]
    if zlib.crc32(body) != int(prefix[1], 16):
        return None
    try:
        record = json.loads(b"{" + body)
        return Entry(number, str(record["kind"]), record["data"])
    except (ValueError, KeyError, RecursionError):
        return None


class Journal:
    """A journal open for appending; one process at a time."""

    def __init__(self, path: Path) -> None:
        """Open or make it. Raises StoreError when another process is writing it."""
        self._path = path
        with disk_errors(path):
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._cut_torn_tail()
            except BlockingIOError:
                os.close(self._descriptor)
                raise StoreError(
                    f"{path.parent.name}: another process is writing this run",
                    hint="wait until it is done, or start a new run",
                ) from None

    def append(self, kind: str, data: Any) -> None:
        """Write one line; once this returns it outlives a power cut."""
        with disk_errors(self._path):
            append_whole(self._descriptor, encode(kind, data))
            os.fsync(self._descriptor)

    def close(self) -> None:
        """Let go of it (twice is fine)."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _cut_torn_tail(self) -> None:
        """A new line must not be glued to the rest of one that was being written at a kill."""
        end = size = os.fstat(self._descriptor).st_size
        while end > 0:
            start = max(0, end - _BLOCK_BYTES)
            newline = os.pread(self._descriptor, end - start, start).rfind(b"\n")
            if newline >= 0:
                end = start + newline + 1
                break
            end = start
        if end < size:
            os.ftruncate(self._descriptor, end)
