from __future__ import annotations

import pytest

from fiverounds.errors import ExitCode
from fiverounds.report.model import Amount
from fiverounds.report.summary import (
    last_assertions,
    named_items,
    several_attempts,
    skipped_together,
    summarise,
)
from fiverounds.results import AssertionResult, Item
from fiverounds.store.header import Fact
from fiverounds.store.reader import read_run
from tests.golden.sample import (
    ERROR,
    FAILED,
    PASSED,
    SKIPPED,
    STORED,
    attempt,
    checks,
    fps,
    lisp,
    trial,
)
from tests.report.support import log_of


def test_rows_stand_in_the_order_of_the_plan() -> None:
    first, second = trial("a", "r3-lisp", PASSED), trial("b", "r3-lisp", PASSED)
    planned = (second.trial_id, "b/r5-debug/debug/1", first.trial_id)
    summary = summarise(log_of(first, second, planned=planned))
    assert [(row.provider, row.column) for row in summary.rows] == [
        ("b", "r3-lisp"),
        ("b", "r5-debug"),
        ("a", "r3-lisp"),
    ]
    assert summary.providers == ("b", "a")
    assert summary.board["b", "r5-debug"].verdict is None
    assert ("a", "r5-debug") not in summary.board


def test_a_result_outside_the_plan_is_shown_too() -> None:
    summary = summarise(log_of(trial("a", "r3-lisp", PASSED), planned=()))
    assert len(summary.rows) == 1


def test_prompts_are_named_only_where_a_round_has_several() -> None:
    summary = summarise(
        log_of(
            trial("a", "r3-lisp", PASSED, prompt="terse"),
            trial("a", "r3-lisp", PASSED, prompt="long"),
            trial("a", "r5-debug", PASSED),
        )
    )
    assert summary.columns == ("r3-lisp/terse", "r3-lisp/long", "r5-debug")


def test_repeats_are_taken_together() -> None:
    planned = tuple(f"a/r3-lisp/lisp/{repeat}" for repeat in range(1, 6))
    results = (
        trial("a", "r3-lisp", PASSED, attempt(PASSED, lisp({}), tokens=(10, 100), speed=50.0)),
        trial(
            "a",
            "r3-lisp",
            FAILED,
            attempt(
                FAILED,
                lisp({"test_tail.py::test_deep_recursion": "deep"}),
                tokens=(10, 300),
                speed=100.0,
            ),
            repeat=2,
        ),
        trial("a", "r3-lisp", ERROR, reason="down", repeat=3),
        trial("a", "r3-lisp", SKIPPED, reason="not now", repeat=4),
    )
    (row,) = summarise(log_of(*results, planned=planned)).rows
    assert row.score == "1 of 5"
    assert row.verdict is ERROR
    assert row.counts.not_run == 1
    assert row.reasons == (
        "repeat 2: test_tail.py::test_deep_recursion: deep",
        "repeat 3: down",
        "repeat 4: not now",
    )
    assert row.failing == ("test_tail.py::test_deep_recursion",)
    assert row.tokens.per_second == pytest.approx(400 / 5)
    assert row.wall_clock_seconds == 4.0


def test_unknown_tokens_stay_unknown() -> None:
    made = [
        attempt(PASSED, tokens=(10, None)),
        attempt(PASSED, tokens=(5, None), number=2, speed=30.0),
        attempt(PASSED, tokens=(None, None), number=3),
    ]
    (row,) = summarise(log_of(trial("a", "r3-lisp", PASSED, *made))).rows
    assert row.tokens.prompt == Amount(15, partial=True)
    assert row.tokens.output == Amount(None)
    assert row.tokens.per_second is None
    (row,) = summarise(log_of(trial("a", "r3-lisp", PASSED, attempt(PASSED, tokens=(0, 0))))).rows
    assert row.tokens.prompt == Amount(0)
    assert row.tokens.per_second is None


def test_a_mean_score_leaves_errors_out_and_says_so() -> None:
    summary = summarise(
        log_of(
            trial("a", "r1-particles", PASSED, score=None),
            trial("a", "r2-feedback", FAILED, score=0.5),
            trial("a", "r3-lisp", FAILED, score=None),
            trial("a", "r4-notespeak", ERROR, score=None),
            trial("a", "r5-debug", SKIPPED, score=None),
        )
    )
    (total,) = summary.totals
    assert total.mean_score == pytest.approx(0.5)
    assert total.left_out == 1
    assert (total.counts.failed, total.counts.error) == (2, 1)


def test_without_anything_judged_there_is_no_mean() -> None:
    (total,) = summarise(log_of(trial("a", "r3-lisp", ERROR, score=0.9))).totals
    assert total.mean_score is None


def test_reasons_are_told_once_in_order_and_on_one_line() -> None:
    several = (
        checks("", FAILED, 0.0, "two\nlines", "\x1b[31mred\x1b[0m"),
        fps(PASSED, 60.0, "must not show"),
    )
    made = attempt(FAILED, *several, reason="the trial")
    result = trial(
        "a", "r3-lisp", FAILED, attempt(FAILED, reason="first attempt"), made, reason="the trial"
    )
    (row,) = summarise(log_of(result)).rows
    assert row.reasons == ("the trial", "script: two lines", "script: red")


def test_what_passed_has_no_reasons() -> None:
    (row,) = summarise(log_of(trial("a", "r3-lisp", PASSED, reason="nothing to see"))).rows
    assert row.reasons == ()


def test_tampering_of_any_attempt_is_seen() -> None:
    made = (
        attempt(FAILED, lisp({}, tampered=("tests/test_x.py",))),
        attempt(PASSED, lisp({}, tampered=("tests/test_x.py", "conf\x1b[2Jtest.py")), number=2),
    )
    (row,) = summarise(log_of(trial("a", "r3-lisp", PASSED, *made))).rows
    assert row.tampered == ("tests/test_x.py", "conftest.py")


def test_the_last_attempt_decides() -> None:
    made = (attempt(FAILED, lisp({"x": "y"})), attempt(PASSED, lisp({}), number=2))
    result = trial("a", "r3-lisp", PASSED, *made)
    assert last_assertions(result)[0].verdict is PASSED
    assert last_assertions(trial("a", "r3-lisp", SKIPPED)) == ()
    summary = summarise(log_of(result, trial("a", "r5-debug", PASSED, made[1])))
    assert list(several_attempts(summary)) == [result]


def test_items_of_several_assertions_are_told_apart() -> None:
    one = AssertionResult(
        assertion_id="one", type="t", verdict=PASSED, items=(Item(id="same", verdict=PASSED),)
    )
    two = one.model_copy(update={"assertion_id": "two"})
    names = [
        name for name, _ in named_items(trial("a", "r3-lisp", PASSED, attempt(PASSED, one, two)))
    ]
    assert names == ["one: same", "two: same"]


def test_the_mending_command_goes_with_what_was_skipped() -> None:
    facts = (Fact(about="provider:a", name="mend", value="start\nit"),)
    results = (
        trial("a", "r3-lisp", SKIPPED, reason="absent"),
        trial("a", "r5-debug", SKIPPED, reason="absent"),
        trial("b", "r5-debug", SKIPPED, reason="absent"),
        trial("a", "r1-particles", PASSED),
    )
    summary = summarise(log_of(*results, facts=facts))
    assert list(skipped_together(summary)) == [
        ("a", ("r3-lisp", "r5-debug"), ("absent",), "start it"),
        ("b", ("r5-debug",), ("absent",), ""),
    ]
    assert summary.board["a", "r1-particles"].mend == ""


def test_the_stored_run() -> None:
    summary = summarise(read_run(STORED))
    assert summary.exit_code is ExitCode.OK
    assert [total.provider for total in summary.totals] == list(summary.providers)
    assert ("r3-lisp", "pytest", "in-process, guarded") in summary.proofs
    assert len(summary.proofs) == 5
    assert summary.totals[-1].label == "Claude Sonnet 4.6"
