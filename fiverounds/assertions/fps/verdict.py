"""From figures to an outcome, and why. Pure.

Rules: the effective pace is what was presented, as far as the pictures differed. It is held against the lower of what
was asked for and what this machine can do. A page that is a little too slow while other programs took the machine is
not judged but measured again; a page that is far too slow has failed, load or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fiverounds.assertions.fps.model import Cost, ProbeResult
from fiverounds.assertions.fps.trace import Pace

Outcome = Literal["passed", "failed", "error"]
Limit = Literal[
    "script", "main_thread", "worker_or_raster", "gpu_process", "repeats", "stutter", "self_paced"
]

BUSY = 0.75
"""A thread or process busy for this share of the window is what holds the page back."""
STILL_FPS = 1.0
NEARLY = 0.93
STUTTERING = 0.8
"""A page with long frames that still reaches this share of its target is held back by them alone."""
REASONS_OF_A_KIND = 5


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a page must reach. `None` or 0 switches a check off."""

    min_fps: float = 60.0
    pass_share: float = 0.93
    """Share of the target pace that is enough: a window cuts a frame off at each end, clocks jitter."""
    max_p95_frames: float = 1.6
    """Largest p95 frame time, in frames of the target pace."""
    max_long_share: float = 0.01
    """Largest share of frame times above 50 ms; one is always allowed."""
    min_low1_fps: float | None = None
    min_moved_pixels: int = 0
    """Pixels that must differ between the two screenshots."""
    min_tiles: float = 0.0
    """Share of the 16 x 9 tiles of the screen that must change within the screencast."""
    min_ink: float = 0.0
    """Share of the screenshot that must not be background."""
    min_colours: int = 0
    max_paused_pixels: int | None = None
    """Pixels that may still change while the page is paused; `None`: the pause is not judged."""
    min_resumed_pixels: int = 1
    """Pixels that must change after the pause."""
    console_errors_fail: bool = True
    page_errors_fail: bool = True
    outside_requests_fail: bool = True
    navigation_fails: bool = True
    popups_fail: bool = True
    dialogs_fail: bool = True
    click_allowed: bool = True
    """Whether a page may need the one click to start."""
    max_external_cores: float = 0.3
    """Foreign load above which a narrow failure is not believed."""
    hopeless_share: float = 0.6
    """Below this share of the target, foreign load is no excuse."""
    min_ceiling_share: float = 0.5
    """A machine whose ceiling is below this share of `min_fps` cannot judge at all."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """An outcome and everything it rests on."""

    outcome: Outcome
    reasons: tuple[str, ...] = ()
    """Sentences for people; empty when passed."""
    effective_fps: float | None = None
    target_fps: float = 0.0
    score: float = 0.0
    """Share of the target pace reached, at most 1; 0 when there is nothing to compare."""
    limited_by: Limit | None = None
    retry: bool = False
    """True when only foreign load stands between this page and `passed`: measure again."""
    notes: tuple[str, ...] = ()
    """Worth knowing, but no reason to fail."""


def limited_by(pace: Pace, cost: Cost, effective: float, target_fps: float) -> Limit | None:
    """The likeliest reason why a page is slower than its target; `None` for one that does not move."""
    if effective < STILL_FPS:
        return None
    if effective < NEARLY * pace.fps:
        return "repeats"
    if (cost.script_share or 0) >= BUSY:
        return "script"
    if (cost.gpu_cores or 0) >= BUSY:
        return "gpu_process"
    if (cost.task_share or 0) >= BUSY:
        return "main_thread"
    if (cost.renderer_cores or 0) >= BUSY:
        return "worker_or_raster"
    on_average = pace.fps >= NEARLY * target_fps
    if on_average or (pace.long_frames and pace.fps >= STUTTERING * target_fps):
        return "stutter"
    return "self_paced"


def judge(result: ProbeResult, ceiling_fps: float, limits: Thresholds) -> Judgement:
    """Hold one result against the thresholds on a machine that reaches `ceiling_fps`."""
    target = min(limits.min_fps, ceiling_fps)
    if ceiling_fps < limits.min_ceiling_share * limits.min_fps:
        reason = f"this machine shows at most {ceiling_fps:.1f} FPS of a light page"
        return Judgement("error", (reason,), target_fps=target)
    if result.trouble is not None or result.pace is None:
        reason = f"the page ended the measurement: {result.trouble or 'nothing measured'}"
        reason += f" ({result.detail})" if result.detail else ""
        return Judgement("failed", (reason, *conduct(result, limits)), target_fps=target)
    shown = result.pace.fps
    effective = result.content.effective(shown) if result.content is not None else shown
    slow = pace_reasons(result, effective, target, limits)
    other = (*conduct(result, limits), *plausibility(result, limits), *pausing(result, limits))
    external = result.cost.external_cores or 0.0
    loaded = external > limits.max_external_cores and effective >= limits.hopeless_share * target
    retry = bool(slow) and not other and loaded
    if retry:
        slow = (f"not judged: other programs used {external:.1f} cores meanwhile", *slow)
    outcome: Outcome = "error" if retry else "failed" if slow or other else "passed"
    return Judgement(
        outcome=outcome,
        reasons=(*slow, *other),
        effective_fps=effective,
        target_fps=target,
        score=min(1.0, effective / target),
        limited_by=limited_by(result.pace, result.cost, effective, target) if slow else None,
        retry=retry,
        notes=_notes(result),
    )


def pace_reasons(
    result: ProbeResult, effective: float, target: float, limits: Thresholds
) -> tuple[str, ...]:
    """Why the pace is not good enough; empty when it is."""
    pace = result.pace
    assert pace is not None
    if pace.fps < STILL_FPS:
        blank = result.still is not None and result.still.ink < 0.001
        return ("the page is blank" if blank else "nothing moves: no new pictures were shown",)
    if result.content is not None and result.content.cast_fps > 0 and result.content.fps == 0:
        return (f"{pace.fps:.1f} pictures a second were shown, all of them the same",)
    reasons = []
    if effective < limits.pass_share * target:
        shown = f" ({pace.fps:.1f} shown, the rest repeats)" if effective < pace.fps * 0.95 else ""
        reasons.append(f"{effective:.1f} FPS{shown}, {limits.pass_share * target:.1f} needed")
    most = limits.max_p95_frames * 1000.0 / target
    if pace.p95_ms is not None and pace.p95_ms > most:
        reasons.append(f"p95 frame time {pace.p95_ms:.1f} ms, {most:.1f} ms allowed")
    allowed = max(1.0, limits.max_long_share * pace.frames)
    if pace.long_frames > allowed:
        reasons.append(f"{pace.long_frames} frames took longer than 50 ms, {int(allowed)} allowed")
    if limits.min_low1_fps is not None and (pace.low1_fps or 0.0) < limits.min_low1_fps:
        reasons.append(f"1 % low {pace.low1_fps or 0.0:.1f} FPS, {limits.min_low1_fps:.1f} needed")
    return tuple(reasons)


def plausibility(result: ProbeResult, limits: Thresholds) -> tuple[str, ...]:
    """Why too little is on the screen for what was asked; a figure that is unknown fails its check."""
    checks: list[tuple[str, float, float]] = [
        ("pixels moved", limits.min_moved_pixels, result.moved_pixels or 0),
        (
            "share of the screen that moves",
            limits.min_tiles,
            result.content.tiles if result.content else 0,
        ),
        ("share of the screen drawn on", limits.min_ink, result.still.ink if result.still else 0),
        ("colours", limits.min_colours, result.still.colours if result.still else 0),
    ]
    return tuple(
        f"{name}: {found:.5g}, {least:.5g} needed" for name, least, found in checks if found < least
    )


def pausing(result: ProbeResult, limits: Thresholds) -> tuple[str, ...]:
    """Why the pause key does not work; empty when it does or is not judged."""
    if limits.max_paused_pixels is None:
        return ()
    if result.pause is None:
        return ("the pause could not be tried",)
    reasons = []
    paused, resumed = result.pause.paused_pixels, result.pause.resumed_pixels
    if paused > limits.max_paused_pixels:
        reasons.append(f"paused: {paused} pixels still change, {limits.max_paused_pixels} allowed")
    if resumed < limits.min_resumed_pixels:
        least = limits.min_resumed_pixels
        reasons.append(f"after the pause: {resumed} pixels change, {least} needed")
    return tuple(reasons)


def conduct(result: ProbeResult, limits: Thresholds) -> tuple[str, ...]:
    """What the page did that it must not do."""
    heard = result.heard
    reasons: list[str] = []
    if limits.page_errors_fail:
        reasons += _listed("uncaught", heard.page_errors, heard.page_error_count)
    if limits.console_errors_fail:
        reasons += _listed("console error", heard.console_errors, heard.console_error_count)
    if limits.outside_requests_fail:
        asked = [f"{item.url} ({item.kind})" for item in heard.blocked]
        reasons += _listed("outside request", asked, heard.blocked_count)
    if limits.navigation_fails:
        reasons += _listed("tried to leave for", heard.navigations, len(heard.navigations))
    if limits.popups_fail:
        opened = [url or "about:blank" for url in heard.popups]
        reasons += _listed("tried to open a window", opened, len(opened))
    if limits.dialogs_fail and heard.dialogs:
        reasons.append(f"dialogs: {heard.dialogs}")
    if not limits.click_allowed and result.clicked is not None:
        reasons.append("did not start by itself")
    return tuple(reasons)


def _listed(what: str, texts: Sequence[str], count: int) -> list[str]:
    """`what: text` for the first few different texts, and how many there were in all."""
    different = list(dict.fromkeys(texts))[:REASONS_OF_A_KIND]
    lines = [f"{what}: {text}" for text in different]
    if count > len(different):
        lines.append(f"{what}: {count} in all")
    return lines


def _notes(result: ProbeResult) -> tuple[str, ...]:
    notes = []
    if result.content is not None and result.content.tiny_patch:
        notes.append("a flicker in a tiny patch was not counted")
    if result.clicked is not None:
        notes.append(f"clicked to start: {result.clicked}")
    if result.heard.missing:
        notes.append(f"own files that do not exist: {', '.join(result.heard.missing)}")
    return tuple(notes)
