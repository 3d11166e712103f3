"""The only reader of the process environment, and of the clock for names and log lines."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path


def environment() -> Mapping[str, str]:
    """A copy of the environment."""
    return dict(os.environ)


def secret_values(names: Iterable[str]) -> tuple[str, ...]:
    """The values, where set, of the variables a bench names as keys: what the log must never hold."""
    return tuple(value for name in names if (value := os.environ.get(name)))


def utc_now() -> datetime:
    """The current time."""
    return datetime.now(UTC)


def cache_folder() -> Path:
    """Where things worth keeping between runs go (`XDG_CACHE_HOME`, else `~/.cache`)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # the standard says to ignore such a value
        base = os.path.expanduser("~/.cache")
    return Path(base) / "fiverounds"
