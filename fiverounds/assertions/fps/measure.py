"""Probe a page until the figure can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

from fiverounds.assertions.fps.browser import FpsBrowser
from fiverounds.assertions.fps.ceiling import ceiling
from fiverounds.assertions.fps.model import ProbeRequest, ProbeResult
from fiverounds.assertions.fps.probe import probe
from fiverounds.assertions.fps.trace import Pace
from fiverounds.assertions.fps.verdict import Judgement, Thresholds, judge


@dataclass(frozen=True, slots=True)
class Measured:
    """The best look at a page, and all that were needed."""

    result: ProbeResult
    judgement: Judgement
    ceiling: Pace
    looks: tuple[tuple[ProbeResult, Judgement], ...]
    """In the order in which they were taken."""


async def measure(
    browser: FpsBrowser, request: ProbeRequest, limits: Thresholds, max_looks: int = 3
) -> Measured:
    """Probe and judge; while only foreign load speaks against the page, probe again, and let the best look count.

    Load can make a page slower than it is, never faster: so the best is the nearest to the truth.
    """
    top = await ceiling(browser)
    looks: list[tuple[ProbeResult, Judgement]] = []
    for _ in range(max(1, max_looks)):
        result = await probe(browser, request)
        looks.append((result, judge(result, top.fps, limits)))
        if not looks[-1][1].retry:
            break
    # A later look is judged by itself: one that passes, or fails for a reason of its own, settles the matter.
    settled = [look for look in looks if not look[1].retry]
    best = settled[-1] if settled else max(looks, key=lambda look: look[1].effective_fps or 0.0)
    return Measured(result=best[0], judgement=best[1], ceiling=top, looks=tuple(looks))
