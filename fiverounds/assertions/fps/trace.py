"""From Chromium's trace events to frame times. Pure.

`Display::FrameDisplayed` is written by the display compositor when a picture reaches the screen. Nothing that a page
can do to `requestAnimationFrame`, `performance.now` or `Date` changes it, and it sees pictures drawn by CSS, by WebGL
and by workers, which the renderer's own frame events miss.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

FRAME_EVENT = "Display::FrameDisplayed"
CATEGORIES = ("disabled-by-default-display.framedisplayed",)
"""The only trace category recorded: a few hundred events, no measurable cost."""
LONG_FRAME_MS = 50.0
"""A picture that stood longer than this is a stutter that everybody sees."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How pictures followed each other in one window of time."""

    window_s: float
    frames: int
    fps: float
    """Pictures shown per second of the window."""
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    """Percentiles of the time between two pictures; `None` with fewer than two pictures."""
    longest_ms: float
    """The longest time without a new picture, the window's two ends included."""
    low1_fps: float | None
    """The "1 % low": FPS over the slowest hundredth of the frame times (at least one of them)."""
    long_frames: int
    """Frame times above 50 ms."""
    dropped: int
    """Refreshes of the screen at which no new picture was ready."""


def frame_times(
    events: Iterable[Mapping[str, object]], start_s: float, end_s: float
) -> list[float]:
    """When pictures were shown, in seconds of the monotonic clock, ascending, within the window."""
    times: list[float] = []
    for event in events:
        stamp = event.get("ts")
        if event.get("name") == FRAME_EVENT and isinstance(stamp, int | float):
            seconds = stamp / 1e6
            if start_s <= seconds <= end_s:
                times.append(seconds)
    return sorted(times)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which `share` (0 to 1) of the values lie, interpolated; `None` of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def low_fps(gaps_ms: Sequence[float], share: float = 0.01) -> float | None:
    """FPS over the slowest `share` of the frame times, at least one; `None` of nothing."""
    if not gaps_ms:
        return None
    slowest = sorted(gaps_ms)[-max(1, int(len(gaps_ms) * share)) :]
    return 1000.0 * len(slowest) / sum(slowest)


def pace(times_s: Sequence[float], start_s: float, end_s: float, refresh_hz: float = 60.0) -> Pace:
    """Sum up the frame times of one window. `refresh_hz` is the screen's own rate, for `dropped`."""
    window = end_s - start_s
    gaps = [(b - a) * 1000.0 for a, b in pairwise(times_s)]
    ends = [(times_s[0] - start_s) * 1000.0, (end_s - times_s[-1]) * 1000.0] if times_s else []
    tick = 1000.0 / refresh_hz
    return Pace(
        window_s=window,
        frames=len(times_s),
        fps=len(times_s) / window,
        p50_ms=percentile(gaps, 0.50),
        p95_ms=percentile(gaps, 0.95),
        p99_ms=percentile(gaps, 0.99),
        longest_ms=max([*gaps, *ends], default=window * 1000.0),
        low1_fps=low_fps(gaps),
        long_frames=sum(gap > LONG_FRAME_MS for gap in gaps),
        dropped=sum(max(0, round(gap / tick) - 1) for gap in gaps),
    )
