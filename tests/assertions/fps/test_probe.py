"""A real Chromium looks at pages that behave and at pages that do not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from fiverounds.assertions.fps import (
    FpsBrowser,
    Judgement,
    LaunchSpec,
    ProbeBroken,
    ProbeRequest,
    ProbeResult,
    Thresholds,
    Trouble,
    ceiling,
    judge,
    probe,
)
from fiverounds.assertions.fps.procs import alive

pytestmark = pytest.mark.browser

Look = Callable[..., tuple[ProbeResult, Judgement]]
LOOKS = 3
LOAD_CORES = 0.3
"""Foreign load above which a wrong figure is worth a second look."""


def request_for(pages: Path, page: str, **changes: Any) -> ProbeRequest:
    def read(name: str) -> bytes | None:
        file = pages / name
        return file.read_bytes() if file.is_file() else None

    usual: dict[str, Any] = {"duration_s": 1.0, "warm_s": 0.45, "cast_s": 0.6, "hang_limit_s": 2.5}
    return ProbeRequest(read=read, page=page, **(usual | changes))


@pytest.fixture
def look(run: Callable[..., Any], browser: FpsBrowser, pages: Path) -> Look:
    """Probe a page of the fixtures, again when other programs kept it from a figure it should reach."""

    async def once(page: str, **changes: Any) -> tuple[ProbeResult, Judgement]:
        top = await ceiling(browser)
        result = await probe(browser, request_for(pages, page, **changes))
        return result, judge(result, top.fps, Thresholds())

    def looks(
        page: str, wanted: Callable[[ProbeResult, Judgement], bool] | None = None, **changes: Any
    ) -> tuple[ProbeResult, Judgement]:
        for _ in range(LOOKS):
            found: tuple[ProbeResult, Judgement] = run(once(page, **changes))
            loaded = (found[0].cost.external_cores or 0.0) > LOAD_CORES
            if wanted is None or wanted(*found) or not loaded:
                break
        return found

    return looks


PACES = [
    # page, presented FPS, tolerance, effective FPS
    ("steady-60.html", 60.0, 2.5, 60.0),
    ("half-rate.html", 30.0, 2.0, 30.0),
    ("prints-60.html", 25.0, 3.0, 25.0),
    ("false-clock.html", 12.5, 2.0, 12.5),
    ("css-only.html", 60.0, 2.5, 60.0),
    ("worker-canvas.html", 60.0, 2.5, 60.0),
    ("webgl-points.html", 60.0, 4.0, 60.0),
    ("bottom-edge.html", 60.0, 2.5, 60.0),
    ("flicker-patch.html", 60.0, 2.5, 10.0),
    ("still-redraw.html", 60.0, 2.5, 0.0),
    ("busy-script.html", 27.0, 4.0, 27.0),
]


@pytest.mark.parametrize(("page", "presented", "tolerance", "effective"), PACES)
def test_the_pace_that_reaches_the_screen(
    look: Look, page: str, presented: float, tolerance: float, effective: float
) -> None:
    def near(result: ProbeResult, judgement: Judgement) -> bool:
        return (
            result.pace is not None
            and judgement.effective_fps is not None
            and abs(result.pace.fps - presented) <= tolerance
            and abs(judgement.effective_fps - effective) <= tolerance
        )

    # The pictures are compared only where that makes the difference: a screencast takes its time.
    seen = {} if presented != effective or page == "steady-60.html" else {"cast_s": 0.0}
    result, judgement = look(page, near, **seen)
    assert result.trouble is None
    assert result.pace is not None
    assert result.pace.fps == pytest.approx(presented, abs=tolerance)
    assert judgement.effective_fps == pytest.approx(effective, abs=tolerance)
    assert judgement.outcome == ("passed" if effective == 60.0 else "failed")
    assert result.before_png
    assert result.after_png
    assert result.clicked is None


def test_a_stutter_is_seen(look: Look) -> None:
    result, judgement = look("stutter.html", duration_s=2.0, cast_s=0.0, screenshots=False)
    assert result.pace is not None
    assert result.pace.long_frames >= 2
    assert result.pace.longest_ms >= 110
    assert judgement.outcome != "passed"
    assert any("longer than 50 ms" in reason for reason in judgement.reasons)


def test_a_page_that_does_not_move_is_clicked_and_fails(look: Look) -> None:
    result, judgement = look("still.html")
    assert result.pace is not None
    assert result.pace.fps < 1
    assert result.clicked == "(middle)"
    assert judgement.reasons == ("nothing moves: no new pictures were shown",)


def test_a_blank_page(look: Look) -> None:
    _, judgement = look("empty.html", click_to_start=False)
    assert judgement.outcome == "failed"
    assert judgement.reasons == ("the page is blank",)


def test_a_start_button_is_found_and_pressed_once(look: Look) -> None:
    result, judgement = look("needs-click.html", lambda _, found: found.outcome == "passed")
    assert result.clicked == "Start the show"
    assert judgement.outcome == "passed"


def test_errors_are_heard_with_their_place(look: Look) -> None:
    result, judgement = look("throws.html", screenshots=False, cast_s=0.0)
    heard = result.heard
    assert heard.console_errors == ("planted console error (throws.html:10)",)
    assert {text.partition(" (")[0] for text in heard.page_errors} == {
        "Error: planted rejection",
        "TypeError: planted exception",
    }
    assert judgement.outcome == "failed"


def test_nothing_gets_out(look: Look) -> None:
    result, judgement = look("reaches-out.html", screenshots=False, cast_s=0.0)
    kinds = {(item.kind, item.url.rpartition("/")[2]) for item in result.heard.blocked}
    assert kinds == {
        ("fetch", "fetch.json"),
        ("image", "image.png"),
        ("websocket", "socket"),
        ("ping", "beacon"),
        ("document", "frame.html"),
        ("fetch", "from-worker"),
    }
    assert judgement.outcome == "failed"


@pytest.mark.parametrize(
    ("page", "trouble", "limit_s", "changes"),
    [
        ("hang-at-load.html", Trouble.MAIN_THREAD_HANG, 12, {}),
        ("hang-later.html", Trouble.MAIN_THREAD_HANG, 12, {}),
        ("memory-bomb.html", Trouble.MEMORY, 12, {"memory_limit_mb": 650, "duration_s": 8.0}),
        ("alert-loop.html", Trouble.DIALOG_FLOOD, 12, {}),
        ("log-spam.html", Trouble.CONSOLE_FLOOD, 12, {}),
        ("opens-links.html", Trouble.WINDOW_FLOOD, 12, {}),
        ("no-such-page.html", Trouble.PAGE_MISSING, 1, {}),
    ],
)
def test_a_page_that_ends_the_measurement_is_named_and_soon_gone(
    look: Look, page: str, trouble: Trouble, limit_s: float, changes: dict[str, Any]
) -> None:
    began = time.monotonic()
    result, judgement = look(page, **changes)
    assert result.trouble is trouble
    assert judgement.outcome == "failed"
    assert time.monotonic() - began < limit_s


@pytest.mark.parametrize("page", ["walks-away.html", "leaves-at-once.html"])
def test_a_page_that_walks_away_is_kept_and_fails(look: Look, page: str) -> None:
    result, judgement = look(page, screenshots=False, cast_s=0.0)
    assert result.heard.navigations == ("https://elsewhere.example/",)
    assert result.pace is not None
    assert result.pace.fps > 30
    assert judgement.outcome == "failed"


def test_windows_opened_by_script_do_not_stop_the_page(look: Look) -> None:
    result, judgement = look(
        "opens-windows.html", lambda found, _: found.pace is not None and found.pace.fps > 55
    )
    assert result.pace is not None
    assert result.pace.fps > 55
    assert set(result.heard.popups) == {"about:blank", "https://outside.example/popup"}
    assert judgement.outcome == "failed"


def test_the_pause_key_is_tried(look: Look) -> None:
    result, _ = look(
        "pauses.html", pause_key="Space", cast_s=0.0, screenshots=False, duration_s=0.4
    )
    assert result.pause is not None
    assert result.pause.paused_pixels == 0
    assert result.pause.resumed_pixels > 20_000


async def started(browser: FpsBrowser, asked: ProbeRequest) -> asyncio.Task[ProbeResult]:
    """A probe that has got as far as looking at the page."""
    loading = asyncio.Event()

    def read(name: str) -> bytes | None:
        if name == "stage.js":
            loading.set()
        return asked.read(name)

    work = asyncio.create_task(probe(browser, replace(asked, read=read)))
    await asyncio.wait_for(loading.wait(), 20)
    await asyncio.sleep(0.7)
    return work


def test_a_crashed_page_is_told_from_a_crashed_browser(
    run: Callable[..., Any], browser: FpsBrowser, pages: Path
) -> None:
    async def kill_during_probe(kind: str) -> ProbeResult:
        work = await started(browser, request_for(pages, "steady-60.html", duration_s=5.0))
        for process in browser.processes():
            with suppress(psutil.NoSuchProcess):
                if kind in " ".join(process.cmdline()):
                    process.kill()
                    if kind == "":
                        break  # the first is the jail, and takes all the others with it
        return await work

    assert run(kill_during_probe("--type=renderer")).trouble is Trouble.RENDERER_CRASH
    with pytest.raises(ProbeBroken):
        run(kill_during_probe(""))
    again = run(probe(browser, request_for(pages, "steady-60.html", screenshots=False, cast_s=0.0)))
    assert again.pace is not None
    assert again.pace.fps > 30


def test_a_probe_that_is_cancelled_leaves_no_process(
    run: Callable[..., Any], spec: LaunchSpec, pages: Path, tmp_path: Path
) -> None:
    async def cancel() -> list[psutil.Process]:
        async with FpsBrowser(replace(spec, work_dir=tmp_path)) as browser:
            work = await started(browser, request_for(pages, "hang-later.html"))
            processes = browser.processes()
            work.cancel()
            with pytest.raises(asyncio.CancelledError):
                await work
            return processes

    left: list[psutil.Process] = run(cancel())
    assert left
    assert list(tmp_path.iterdir()) == []
    assert not any(alive(process) for process in left)


def test_a_browser_that_cannot_start_says_so(run: Callable[..., Any], pages: Path) -> None:
    async def try_it() -> None:
        async with FpsBrowser(LaunchSpec(Path("/no/such/chromium"))) as browser:
            await probe(browser, request_for(pages, "steady-60.html"))

    with pytest.raises(ProbeBroken, match="did not start"):
        run(try_it())
