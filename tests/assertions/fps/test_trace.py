"""Frame times from trace events."""

from __future__ import annotations

import pytest

from fiverounds.assertions.fps.trace import FRAME_EVENT, frame_times, low_fps, pace, percentile

# Recorded from Chromium 156, cut to the fields and the events that matter.
RECORDED: list[dict[str, object]] = [
    {"name": "process_name", "ph": "M", "pid": 32, "tid": 0, "args": {"name": "GPU Process"}},
    {"name": FRAME_EVENT, "ph": "I", "pid": 32, "tid": 59, "ts": 943982885, "args": {}},
    {"name": "ActiveProcesses", "ph": "I", "pid": 1, "tid": 1, "ts": 943990000},
    {"name": FRAME_EVENT, "ph": "I", "pid": 32, "tid": 59, "ts": 944015918, "args": {}},
    {"name": FRAME_EVENT, "ph": "I", "pid": 32, "tid": 59, "ts": 943997648, "args": {}},
    {"name": FRAME_EVENT, "ph": "I", "pid": 32, "tid": 59, "ts": 944200000, "args": {}},
]


def regular(fps: float, seconds: float, start: float = 10.0) -> list[float]:
    return [start + (i + 0.5) / fps for i in range(int(fps * seconds))]


def test_only_shown_frames_inside_the_window_count_in_order() -> None:
    times = frame_times(RECORDED, 943.98, 944.10)
    assert times == [943.982885, 943.997648, 944.015918]


def test_the_events_of_an_empty_trace_are_no_frames() -> None:
    assert frame_times([], 0, 1) == []
    assert frame_times([{"name": FRAME_EVENT}], 0, 1) == []


@pytest.mark.parametrize("fps", [10.0, 25.0, 30.0, 60.0])
def test_a_regular_pace(fps: float) -> None:
    found = pace(regular(fps, 2.0), 10.0, 12.0)
    assert found.fps == pytest.approx(fps)
    assert found.p50_ms == pytest.approx(1000 / fps)
    assert found.p95_ms == pytest.approx(1000 / fps)
    assert found.low1_fps == pytest.approx(fps)
    assert found.longest_ms == pytest.approx(1000 / fps)


@pytest.mark.parametrize(("fps", "missed"), [(60.0, 0), (30.0, 1), (20.0, 2)])
def test_dropped_frames_are_refreshes_without_a_new_picture(fps: float, missed: int) -> None:
    times = regular(fps, 1.0)
    assert pace(times, 10.0, 11.0).dropped == missed * (len(times) - 1)


def test_one_long_frame_shows_in_the_low_and_not_in_the_median() -> None:
    times = regular(60.0, 1.0)
    late = [*times[:30], *(at + 0.2 for at in times[30:])]
    found = pace(late, 10.0, 11.2)
    assert found.long_frames == 1
    assert found.longest_ms == pytest.approx(216.7, abs=0.1)
    assert found.p50_ms == pytest.approx(16.7, abs=0.1)
    assert found.low1_fps == pytest.approx(1000 / 216.7, abs=0.1)


def test_silence_at_the_end_counts_as_the_longest_time() -> None:
    found = pace(regular(60.0, 0.5), 10.0, 12.0)
    assert found.longest_ms == pytest.approx(1508, abs=1)
    assert found.fps == pytest.approx(15.0)


@pytest.mark.parametrize("times", [[], [10.4]])
def test_too_few_frames_have_no_frame_times(times: list[float]) -> None:
    found = pace(times, 10.0, 11.0)
    assert (found.p50_ms, found.p95_ms, found.p99_ms, found.low1_fps) == (None,) * 4
    assert found.frames == len(times)
    assert found.longest_ms == pytest.approx(1000 if not times else 600)


def test_percentiles_interpolate() -> None:
    assert percentile([], 0.5) is None
    assert percentile([3.0], 0.99) == 3.0
    assert percentile([4.0, 1.0, 2.0, 3.0], 0.5) == pytest.approx(2.5)
    assert percentile([float(i) for i in range(101)], 0.95) == pytest.approx(95.0)


def test_the_low_is_the_pace_of_the_slowest_hundredth() -> None:
    assert low_fps([]) is None
    assert low_fps([10.0] * 198 + [50.0, 150.0]) == pytest.approx(10.0)
    assert low_fps([10.0] * 99 + [100.0]) == pytest.approx(10.0)
