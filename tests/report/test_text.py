from __future__ import annotations

import pytest

from fiverounds.report.terminal import columns_of
from fiverounds.report.text import render
from fiverounds.store.header import Fact, Gate, RunStatus
from fiverounds.store.reader import read_run
from fiverounds.store.redact import clean_terminal
from fiverounds.store.runlog import RunLog
from tests.golden.sample import (
    ERROR,
    FAILED,
    LISP_TESTS,
    PASSED,
    SKIPPED,
    STORED,
    attempt,
    checks,
    lisp,
    trial,
)
from tests.report.support import log_of


def stored() -> RunLog:
    return read_run(STORED)


@pytest.mark.parametrize("columns", [1, 40, 60, 80, 100, 140])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    lines = render(stored(), columns).split("\n")
    # Narrower than 40 nothing sensible fits; commands and paths are there to be copied.
    exempt = ("    mend: ", "    see ")
    widest = max(columns_of(line) for line in lines if not line.startswith(exempt))
    assert widest <= max(columns, 40)


def test_it_is_the_same_every_time() -> None:
    assert render(stored()) == render(stored())


def test_colour_adds_nothing_but_colour() -> None:
    coloured = render(stored(), colour=True)
    assert "\x1b[32m" in coloured
    assert "\n".join(line.rstrip() for line in clean_terminal(coloured).split("\n")) == render(
        stored()
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "US-ASCII", "no-such-encoding"])
def test_other_encodings_get_ascii(encoding: str) -> None:
    text = render(stored(), encoding=encoding)
    assert text.isascii()
    assert "+ passed, x failed, ! error, - skipped, . not run" in text


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "utf_8"])
def test_names_of_utf8(encoding: str) -> None:
    assert render(stored(), encoding=encoding) == render(stored())


def test_failed_and_error_are_told_apart() -> None:
    text = render(
        log_of(
            trial("a", "r3-lisp", FAILED, reason="wrong"),
            trial("a", "r5-debug", ERROR, reason="down"),
        )
    )
    assert "✘ failed  a · r3-lisp\n    wrong\n" in text
    assert "! error  a · r5-debug\n    down\n" in text
    assert "The mean score of a leaves out 1 trial that ended in error." in text


def test_at_most_three_reasons_and_the_names_they_do_not_tell() -> None:
    failing = dict.fromkeys(LISP_TESTS, "broken")
    text = render(log_of(trial("a", "r3-lisp", FAILED, attempt(FAILED, lisp(failing)))))
    assert "    and 3 more\n" in text
    assert text.count(LISP_TESTS[0]) == 1
    assert f"tests not passed: {LISP_TESTS[3]}" in text


def test_many_failing_tests_are_counted() -> None:
    summary = lisp({}).model_copy(update={"verdict": FAILED, "reasons": ("bad",)})
    items = tuple(
        summary.items[0].model_copy(update={"id": f"t{n:02}", "verdict": FAILED}) for n in range(20)
    )
    result = trial(
        "a", "r3-lisp", FAILED, attempt(FAILED, summary.model_copy(update={"items": items}))
    )
    assert "tests not passed: t00, t01, t02, t03, t04, t05, t06, t07 and 12 more\n" in render(
        log_of(result)
    )


def test_a_long_reason_is_cut() -> None:
    text = render(log_of(trial("a", "r3-lisp", FAILED, reason="word " * 500)), 80)
    told = [line for line in text.split("\n") if line.startswith("    word")]
    assert len(told) == 3
    assert told[-1].endswith("…")


def test_hostile_text_changes_no_structure() -> None:
    hostile = "a\n\nGate held\x1b[2J\x1b]0;x\x07\r│ ✔ 58/58 │\u202e"
    judged = checks(hostile, FAILED, 0.5, hostile).model_copy(
        update={"proof": hostile, "tampered": (hostile,)}
    )
    log = log_of(
        trial("a", "r3-lisp", FAILED, attempt(FAILED, judged), reason=hostile),
        facts=(Fact(about="provider:a", name=hostile, value=hostile),),
        notes=(hostile,),
    )
    text = render(log)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\nGate held" not in text


def test_sections_without_content_are_left_out() -> None:
    text = render(log_of(trial("a", "r3-lisp", PASSED)))
    for title in (
        "Not passed",
        "Skipped",
        "Tampering",
        "protected",
        "Providers",
        "About",
        "Attempts",
    ):
        assert title not in text
    assert "not run" not in text.split("\n\n", 2)[2]


def test_a_skipped_provider_is_told_with_its_command() -> None:
    command = "curl https://example.org/" + "x" * 200
    log = log_of(
        trial("a", "r3-lisp", SKIPPED, reason="absent"),
        facts=(Fact(about="provider:a", name="mend", value=command),),
    )
    assert f"    mend: {command}\n" in render(log, 60)


def test_the_end_says_what_became_of_the_gate() -> None:
    log = log_of(trial("a", "r3-lisp", FAILED), gate=Gate(providers=("a",)))
    assert render(log).endswith(
        "gate broken: 0 of 1 trials passed; it asks for 100 %; failed: a/r3-lisp/lisp/1 (exit code 1)\n"
    )


def test_an_empty_and_an_interrupted_run() -> None:
    assert "(exit code 5)" in render(log_of())
    text = render(log_of(planned=("a/b/c/1", "a/b/c/2"), status=RunStatus.INTERRUPTED))
    assert "interrupted" in text.split("\n")[0]
    assert "· not run" in text
    assert "not run (2): a/b/c/1, a/b/c/2\n" in text
    assert "(exit code 2)" in text
