"""Durations and sizes: `90s` → 90.0, `2GiB` → 2147483648."""

from __future__ import annotations

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_BYTES = {
    "B": 1,
    "kB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
}


def _split(text: str) -> tuple[float, str]:
    number = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return float(number), text[len(number) :]


def seconds(duration: str) -> float:
    """Seconds in a duration that the schema has accepted."""
    number, unit = _split(duration)
    return number * _SECONDS[unit]


def size_bytes(size: str) -> int:
    """Bytes in a size that the schema has accepted."""
    number, unit = _split(size)
    return int(number * _BYTES[unit])
