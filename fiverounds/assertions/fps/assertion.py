"""`fps`: the measuring package of this folder as an assertion."""

from __future__ import annotations

from contextlib import AsyncExitStack

from fiverounds.assertions.base import Context
from fiverounds.assertions.browsers import browser_jail, find_chromium
from fiverounds.assertions.fps.browser import FpsBrowser, LaunchSpec, ProbeBroken
from fiverounds.assertions.fps.measure import Measured, measure
from fiverounds.assertions.fps.model import ProbeRequest
from fiverounds.assertions.fps.verdict import Thresholds
from fiverounds.errors import AssertionBroken, SetupError
from fiverounds.limits import MIB
from fiverounds.results import AssertionResult, Metric, Verdict
from fiverounds.sandbox.workspace import read_file
from fiverounds.spec.models import FpsAssertion
from fiverounds.spec.units import seconds

_SERVICE = "fps browser"
_FILE_BYTES = 64 * MIB
_VERDICTS = {"passed": Verdict.PASSED, "failed": Verdict.FAILED, "error": Verdict.ERROR}
_PROOF = "browser's own trace"


class FpsProbe:
    """See the package."""

    exclusive = True

    def __init__(self, spec: FpsAssertion) -> None:
        self.spec = spec

    async def run(self, context: Context) -> AssertionResult:
        """Show the page, measure what reaches the screen."""
        if read_file(context.workspace, self.spec.page, 1) is None:
            return self._result(
                context,
                Verdict.FAILED,
                0.0,
                f"no {self.spec.page}",
                (f"there is no {self.spec.page}",),
            )
        # The browser is kept warm between trials, in a jail of its own that shows none of their files.
        browser: FpsBrowser = await context.services.get(
            _SERVICE, lambda stack: _open(stack, context)
        )
        try:
            measured = await measure(
                browser, self._request(context), self._thresholds(), 1 + self.spec.retries
            )
        except ProbeBroken as error:
            context.services.forget(_SERVICE)
            raise AssertionBroken(f"the browser broke: {error}", "fiverounds doctor") from error
        return self._measured(context, measured)

    def _request(self, context: Context) -> ProbeRequest:
        return ProbeRequest(
            read=lambda name: read_file(context.workspace, name, _FILE_BYTES),
            page=self.spec.page,
            duration_s=seconds(self.spec.duration),
            warm_s=seconds(self.spec.warm_up),
            pause_key=self.spec.pause.key if self.spec.pause else None,
        )

    def _thresholds(self) -> Thresholds:
        pause = self.spec.pause
        return Thresholds(
            min_fps=self.spec.min_fps,
            min_low1_fps=self.spec.min_low1_fps,
            max_long_share=self.spec.max_long_share,
            min_tiles=self.spec.min_changed_area,
            min_moved_pixels=self.spec.min_moved_pixels,
            min_ink=self.spec.min_drawn_area,
            max_paused_pixels=pause.max_moved_pixels if pause else None,
            min_resumed_pixels=pause.min_resumed_pixels if pause else 1,
            console_errors_fail=not self.spec.allow_console_errors,
            page_errors_fail=not self.spec.allow_console_errors,
            outside_requests_fail=not self.spec.allow_requests,
        )

    def _measured(self, context: Context, measured: Measured) -> AssertionResult:
        result, judgement = measured.result, measured.judgement
        for name, picture in (("before.png", result.before_png), ("after.png", result.after_png)):
            if picture is not None:
                (context.evidence / name).write_bytes(picture)
        verdict = _VERDICTS[judgement.outcome]
        fps = judgement.effective_fps
        summary = (
            f"{fps:.1f} of {judgement.target_fps:.3g} FPS"
            if fps is not None
            else str(result.trouble or "no frames")
        )
        reasons = judgement.reasons
        if judgement.limited_by and verdict is not Verdict.PASSED:
            reasons = (*reasons, f"limited by: {judgement.limited_by.replace('_', ' ')}")
        score = (
            None
            if verdict is Verdict.ERROR
            else 1.0
            if verdict is Verdict.PASSED
            else min(0.99, judgement.score)
        )
        return self._result(
            context, verdict, score, summary, (*reasons, *judgement.notes), _metrics(measured)
        )

    def _result(
        self,
        context: Context,
        verdict: Verdict,
        score: float | None,
        summary: str,
        reasons: tuple[str, ...],
        metrics: tuple[Metric, ...] = (),
    ) -> AssertionResult:
        return AssertionResult(
            assertion_id=context.assertion_id,
            type="fps",
            verdict=verdict,
            score=score,
            summary=summary,
            reasons=reasons,
            metrics=metrics,
            evidence=tuple(
                context.evidence_name(path) for path in sorted(context.evidence.iterdir())
            ),
            proof=_PROOF,
        )


async def _open(stack: AsyncExitStack, context: Context) -> FpsBrowser:
    chromium = find_chromium()
    if chromium is None:
        raise SetupError("Chromium is not installed", "sudo apt-get install chromium")
    jail = stack.enter_context(context.sandbox.enter(browser_jail("private")))
    prefix = tuple(jail.argv([]))
    # A jail's /tmp is private and goes with it; without a jail the browser's own folder is used and removed.
    profile = "/tmp/profile" if context.sandbox.name != "none" else None
    spec = LaunchSpec(executable=chromium, prefix=prefix, profile_dir=profile)
    browser = FpsBrowser(spec)
    stack.push_async_callback(browser.close)
    return browser


def _metrics(measured: Measured) -> tuple[Metric, ...]:
    result, judgement, pace = measured.result, measured.judgement, measured.result.pace
    heard, cost, seen = result.heard, result.cost, result.content
    found: list[tuple[str, float | int | None, str]] = [
        ("effective_fps", judgement.effective_fps, "fps"),
        ("presented_fps", pace.fps if pace else None, "fps"),
        ("content_fps", seen.fps if seen else None, "fps"),
        ("ceiling_fps", measured.ceiling.fps, "fps"),
        ("frame_p50_ms", pace.p50_ms if pace else None, "ms"),
        ("frame_p95_ms", pace.p95_ms if pace else None, "ms"),
        ("frame_p99_ms", pace.p99_ms if pace else None, "ms"),
        ("low1_fps", pace.low1_fps if pace else None, "fps"),
        ("long_frames", pace.long_frames if pace else None, "count"),
        ("moving_share", seen.tiles if seen else None, "ratio"),
        ("moved_pixels", result.moved_pixels, "count"),
        ("console_errors", heard.console_error_count, "count"),
        ("page_errors", heard.page_error_count, "count"),
        ("blocked_requests", heard.blocked_count, "count"),
        ("script_share", cost.script_share, "ratio"),
        ("external_cores", cost.external_cores, "cores"),
        ("memory_peak_mb", result.memory_peak_mb, "MB"),
        ("looks", len(measured.looks), "count"),
    ]
    return tuple(
        Metric(name=name, value=round(value, 3) if isinstance(value, float) else value, unit=unit)
        for name, value, unit in found
    )
