"""Small files that several threads of the shop's one process read and replace."""

from __future__ import annotations

import os
import threading
from pathlib import Path

_locks: dict[Path, threading.Lock] = {}
_locks_guard = threading.Lock()


def lock_for(path: Path) -> threading.Lock:
    """Return the lock of the file at *path*: the same object for the same file, always."""
    with _locks_guard:
        return _locks.setdefault(path.resolve(), threading.Lock())


def replace_text(path: Path, text: str) -> None:
    """Replace the file by *text* in one step: a reader sees the old content or the new."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)
