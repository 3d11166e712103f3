"""Limits with every value present, and the deadline that travels with an attempt."""

from __future__ import annotations

import time
from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one attempt and one assertion may use."""

    attempt_seconds: float = 900.0
    assertion_seconds: float = 180.0
    memory_bytes: int = 2048 * MIB
    cpu_seconds: int = 300
    processes: int = 256
    file_size_bytes: int = 256 * MIB
    output_bytes: int = 1 * MIB


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on the monotonic clock."""

    at_seconds: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline `seconds` from now."""
        return cls(time.monotonic() + seconds)

    def left_seconds(self) -> float:
        """Time left, never below zero."""
        return max(0.0, self.at_seconds - time.monotonic())

    def earlier(self, seconds: float) -> Deadline:
        """The nearer of this deadline and `seconds` from now."""
        return Deadline(min(self.at_seconds, time.monotonic() + seconds))
