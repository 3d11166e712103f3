"""Pauses before another try."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fiverounds.providers.retry import PATIENT, loading_pause_seconds, retry_after_seconds

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_pauses_double_up_to_a_cap_and_the_server_has_the_last_word() -> None:
    def longest() -> float:
        return 1.0

    pauses = [PATIENT.pause_seconds(failed, None, longest) for failed in (1, 2, 3, 9)]
    assert pauses == [1.0, 2.0, 4.0, 30.0]
    assert PATIENT.pause_seconds(1, None, lambda: 0.0) == 0.5
    assert PATIENT.pause_seconds(1, 7.0, longest) == 7.0


def test_loading_pauses_stay_short() -> None:
    assert loading_pause_seconds(0) == 0.25
    assert loading_pause_seconds(1000) == 2.0


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("1", 1.0),
        (" 2.5 ", 2.5),
        ("Fri, 02 Jan 2026 03:04:15 GMT", 10.0),
        ("Fri, 02 Jan 2026 03:00:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
        ("²", None),
        ("", None),
    ],
)
def test_retry_after(header: str | None, expected: float | None) -> None:
    assert retry_after_seconds(header, NOW) == expected
