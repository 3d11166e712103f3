from __future__ import annotations

import re

import pytest

from fiverounds.results import AssertionResult, Attempt, Item, Verdict
from fiverounds.store.scores import attempt_score, one_line, score_line, score_text
from tests.golden.sample import FAILED, PASSED, SKIPPED, attempt, fps, lisp, trial


def test_a_line_has_eight_columns_two_spaces_apart() -> None:
    result = trial("reference", "r3-lisp", PASSED, attempt(PASSED, lisp({})), seconds=1.94)
    line = score_line("20261123-150405-five-rounds", result)
    assert line.endswith("\n")
    assert re.split(r" {2,}", line.rstrip()) == [
        "2026-11-23T15:04:07Z",
        "20261123-150405-five-rounds",
        "reference",
        "r3-lisp",
        "passed",
        "6/6",
        "1.9s",
        "lisp/1",
    ]


def test_lines_stand_under_each_other() -> None:
    results = [
        trial("reference", "r1-particles", PASSED, attempt(PASSED, fps(PASSED, 60.0))),
        trial("a", "r3-lisp", SKIPPED, reason="absent", seconds=0.0),
    ]
    first, second = (score_line("20261123-150405-five-rounds", result) for result in results)
    assert first.index("particles/1") == second.index("lisp/1")
    assert "skipped  -  " in second


def test_no_text_can_forge_a_line_or_column() -> None:
    summary = AssertionResult(
        assertion_id="a",
        type="t",
        verdict=FAILED,
        summary="1/2\n2026-11-23T15:04:05Z  run  x\x1b[2J  y",
    )
    result = trial("a", "r3-lisp", FAILED, attempt(FAILED, summary))
    line = score_line("run", result)
    assert line.count("\n") == 1
    assert len(re.split(r" {2,}", line.strip())) == 8


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-11-23T07:04:05.123456-08:00", "2026-11-23T15:04:05Z"),
        ("2026-11-23T15:04:05", "2026-11-23T15:04:05Z"),
        ("yesterday", "yesterday"),
        ("", "-"),
    ],
)
def test_times_are_shown_in_utc(given: str, shown: str) -> None:
    result = trial("a", "r3-lisp", PASSED).model_copy(update={"started_at": given})
    assert score_line("run", result).split()[0] == shown


def test_the_score_is_that_of_the_last_attempt() -> None:
    first, second = attempt(FAILED, fps(FAILED, 31.2)), attempt(PASSED, fps(PASSED, 59.9), number=2)
    result = trial("a", "r2-feedback", PASSED, first, second)
    assert score_text(result) == "59.9 of 60 FPS"
    assert attempt_score(first) == "31.2 of 60 FPS"
    assert score_text(trial("a", "r3-lisp", SKIPPED)) == ""


def _judged(verdict: Verdict, **fields: object) -> Attempt:
    return attempt(
        verdict,
        AssertionResult(assertion_id="a", type="t", verdict=verdict, **fields),  # type: ignore[arg-type]
    )


def test_without_a_summary_items_are_counted_or_the_share_is_told() -> None:
    items = (Item(id="a", verdict=PASSED), Item(id="b", verdict=FAILED))
    assert attempt_score(_judged(FAILED, items=items)) == "1/2"
    assert attempt_score(_judged(FAILED, score=0.667)) == "67%"
    assert attempt_score(_judged(FAILED)) == ""
    assert attempt_score(_judged(Verdict.ERROR, score=None, items=items)) == ""


def test_one_line() -> None:
    assert one_line("  a\r\nb\t c\x1b[0m ") == "a b c"
