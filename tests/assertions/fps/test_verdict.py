"""From figures to outcomes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fiverounds.assertions.fps.content import Content, Still
from fiverounds.assertions.fps.model import Blocked, Cost, Heard, Pause, ProbeResult, Trouble
from fiverounds.assertions.fps.trace import pace
from fiverounds.assertions.fps.verdict import Thresholds, judge, limited_by

LIMITS = Thresholds()
CEILING = 59.97


def with_limit(name: str, value: Any) -> Thresholds:
    changes: dict[str, Any] = {name: value}
    return replace(LIMITS, **changes)


def seen(cast_fps: float, ratio: float = 1.0) -> Content:
    return Content(cast_fps, cast_fps * ratio, ratio, 0.1, 0.8, 0.9, tiny_patch=False)


def paced(fps: float, *, pause_ms: float = 0.0, pauses: int = 0) -> ProbeResult:
    """A result of 4 seconds at an even pace, with pauses put in."""
    times, at = [], 0.0
    for i in range(int(fps * 4)):
        at += 1 / fps + (
            pause_ms / 1000 if i and pauses and i % 20 == 0 and i // 20 <= pauses else 0
        )
        times.append(at)
    return ProbeResult(
        pace=pace(times, 0.0, max(4.0, at)),
        content=seen(fps),
        still=Still(colours=50, ink=0.2),
        moved_pixels=50_000,
        cost=Cost(script_share=0.2, task_share=0.3, renderer_cores=0.3, external_cores=0.1),
    )


def test_a_steady_page_passes() -> None:
    found = judge(paced(60), CEILING, LIMITS)
    assert found.outcome == "passed"
    assert found.reasons == ()
    assert found.score == pytest.approx(1.0)
    assert found.limited_by is None


@pytest.mark.parametrize(("fps", "outcome"), [(56, "passed"), (55, "failed"), (25, "failed")])
def test_the_line_is_at_93_per_cent(fps: float, outcome: str) -> None:
    assert judge(paced(fps), CEILING, LIMITS).outcome == outcome


def test_a_slow_machine_lowers_the_target_but_not_for_ever() -> None:
    assert judge(paced(40), 42.0, LIMITS).outcome == "passed"
    assert judge(paced(25), 42.0, LIMITS).outcome == "failed"
    helpless = judge(paced(20), 20.0, LIMITS)
    assert helpless.outcome == "error"
    assert "at most 20.0 FPS" in helpless.reasons[0]


def test_repeated_pictures_do_not_count() -> None:
    result = replace(paced(60), content=seen(60, ratio=1 / 6))
    found = judge(result, CEILING, LIMITS)
    assert found.outcome == "failed"
    assert found.effective_fps == pytest.approx(10, abs=0.5)
    assert "60.0 shown, the rest repeats" in found.reasons[0]


def test_the_effective_pace() -> None:
    assert seen(60, 0.98).effective(60) == pytest.approx(60)  # JPEG noise
    assert seen(30).effective(60) == pytest.approx(60)  # the screencast fell behind, all new
    assert seen(30, 0.5).effective(60) == pytest.approx(15)  # fell behind, half of them old
    assert seen(55, 0.5).effective(60) == pytest.approx(30.9)
    assert seen(0, 0.0).effective(60) == 60
    without = judge(replace(paced(60), content=None), CEILING, LIMITS)
    assert without.effective_fps == pytest.approx(60)


def test_all_pictures_the_same() -> None:
    found = judge(replace(paced(60), content=seen(60, 0.0)), CEILING, LIMITS)
    assert found.outcome == "failed"
    assert "all of them the same" in found.reasons[0]


def test_still_and_blank_pages_are_told_apart() -> None:
    nothing = replace(paced(60), pace=pace([], 0.0, 2.0), content=seen(0, 0.0))
    assert "nothing moves" in judge(nothing, CEILING, LIMITS).reasons[0]
    blank = replace(nothing, still=Still(colours=1, ink=0.0))
    assert judge(blank, CEILING, LIMITS).reasons == ("the page is blank",)


def test_stutter_fails_at_a_good_average() -> None:
    result = paced(62, pause_ms=60, pauses=5)
    found = judge(result, CEILING, LIMITS)
    assert found.outcome == "failed"
    assert any("longer than 50 ms" in reason for reason in found.reasons)
    assert found.limited_by == "stutter"
    assert judge(paced(60, pause_ms=60, pauses=1), CEILING, LIMITS).outcome == "passed"


def test_p95_and_1_per_cent_low_have_limits() -> None:
    uneven = paced(60)
    times = [i / 60 + (0.014 if i % 2 else 0.0) for i in range(240)]
    uneven = replace(uneven, pace=pace(times, 0.0, 4.0))
    assert any("p95" in reason for reason in judge(uneven, CEILING, LIMITS).reasons)
    limits = replace(LIMITS, min_low1_fps=30.0)
    assert judge(paced(60), CEILING, limits).outcome == "passed"
    low = judge(paced(60, pause_ms=49, pauses=2), CEILING, limits)
    assert any("1 % low" in reason for reason in low.reasons)


def test_foreign_load_asks_for_another_look_only_when_it_may_matter() -> None:
    busy = Cost(external_cores=1.2)
    close = judge(replace(paced(50), cost=busy), CEILING, LIMITS)
    assert (close.outcome, close.retry) == ("error", True)
    assert "1.2 cores" in close.reasons[0]
    far = judge(replace(paced(25), cost=busy), CEILING, LIMITS)
    assert (far.outcome, far.retry) == ("failed", False)
    wrong = replace(paced(50), cost=busy, heard=Heard(page_errors=("x",), page_error_count=1))
    assert judge(wrong, CEILING, LIMITS).outcome == "failed"
    assert judge(replace(paced(60), cost=busy), CEILING, LIMITS).outcome == "passed"
    assert not judge(paced(50), CEILING, LIMITS).retry


@pytest.mark.parametrize("trouble", list(Trouble))
def test_every_trouble_is_a_failure_with_its_name(trouble: Trouble) -> None:
    found = judge(replace(paced(60), trouble=trouble, detail="said so"), CEILING, LIMITS)
    assert found.outcome == "failed"
    assert trouble in found.reasons[0]
    assert "said so" in found.reasons[0]


HEARD = {
    "page_errors_fail": Heard(page_errors=("boom",), page_error_count=1),
    "console_errors_fail": Heard(console_errors=("bad",), console_error_count=1),
    "outside_requests_fail": Heard(blocked=(Blocked("fetch", "https://x/"),), blocked_count=1),
    "navigation_fails": Heard(navigations=("https://x/",)),
    "popups_fail": Heard(popups=("",)),
    "dialogs_fail": Heard(dialogs=2),
}


@pytest.mark.parametrize("switch", list(HEARD))
def test_each_rule_of_conduct_fails_a_page_and_can_be_switched_off(switch: str) -> None:
    result = replace(paced(60), heard=HEARD[switch])
    found = judge(result, CEILING, LIMITS)
    assert found.outcome == "failed"
    assert len(found.reasons) == 1
    assert judge(result, CEILING, with_limit(switch, False)).outcome == "passed"


def test_many_errors_of_a_kind_are_summed_up() -> None:
    heard = Heard(page_errors=tuple(f"e{i % 8}" for i in range(20)), page_error_count=900)
    reasons = judge(replace(paced(60), heard=heard), CEILING, LIMITS).reasons
    assert len(reasons) == 6
    assert reasons[-1] == "uncaught: 900 in all"


def test_a_needed_click_can_be_forbidden() -> None:
    result = replace(paced(60), clicked="Start")
    found = judge(result, CEILING, LIMITS)
    assert found.outcome == "passed"
    assert found.notes == ("clicked to start: Start",)
    strict = replace(LIMITS, click_allowed=False)
    assert judge(result, CEILING, strict).reasons == ("did not start by itself",)


PLAUSIBLE = [
    ("min_moved_pixels", 60_000, "pixels moved"),
    ("min_tiles", 0.95, "moves"),
    ("min_ink", 0.3, "drawn on"),
    ("min_colours", 60, "colours"),
]


@pytest.mark.parametrize(("name", "least", "said"), PLAUSIBLE)
def test_too_little_on_the_screen(name: str, least: float, said: str) -> None:
    found = judge(paced(60), CEILING, with_limit(name, least))
    assert found.outcome == "failed"
    assert said in found.reasons[0]
    unknown = replace(paced(60), still=None, moved_pixels=None, content=None)
    assert judge(unknown, CEILING, with_limit(name, least)).outcome == "failed"


def test_the_pause() -> None:
    limits = replace(LIMITS, max_paused_pixels=2000, min_resumed_pixels=9000)
    good, stuck, ignored = Pause(0, 50_000), Pause(0, 0), Pause(50_000, 50_000)
    assert judge(replace(paced(60), pause=good), CEILING, limits).outcome == "passed"
    assert "after the pause" in judge(replace(paced(60), pause=stuck), CEILING, limits).reasons[0]
    assert "still change" in judge(replace(paced(60), pause=ignored), CEILING, limits).reasons[0]
    assert "not be tried" in judge(paced(60), CEILING, limits).reasons[0]
    assert judge(replace(paced(60), pause=ignored), CEILING, LIMITS).outcome == "passed"


@pytest.mark.parametrize(
    ("cost", "limit"),
    [
        (Cost(script_share=0.9, gpu_cores=0.9), "script"),
        (Cost(script_share=0.1, gpu_cores=0.9), "gpu_process"),
        (Cost(script_share=0.1, task_share=0.9), "main_thread"),
        (Cost(task_share=0.1, renderer_cores=1.1), "worker_or_raster"),
        (Cost(task_share=0.1, renderer_cores=0.2), "self_paced"),
        (Cost(), "self_paced"),
    ],
)
def test_what_holds_a_page_back(cost: Cost, limit: str) -> None:
    slow = paced(30).pace
    assert slow is not None
    assert limited_by(slow, cost, slow.fps, 60.0) == limit


def test_a_page_of_repeated_pictures_is_held_back_by_nothing_else() -> None:
    even = paced(60).pace
    assert even is not None
    assert limited_by(even, Cost(script_share=0.9), 10.0, 60.0) == "repeats"
    assert limited_by(even, Cost(script_share=0.9), 0.0, 60.0) is None
