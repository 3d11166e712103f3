from __future__ import annotations

import pytest

from fiverounds.report.model import Amount
from fiverounds.report.summary import summarise
from fiverounds.report.words import (
    ASCII,
    UNICODE,
    amount_text,
    attempt_text,
    attempts_text,
    cell,
    left_out_text,
    mean_text,
    provider_facts,
    run_facts,
    seconds_text,
    speed_text,
    verdict_text,
    word,
)
from fiverounds.results import TrialResult, Verdict
from fiverounds.store.header import Fact
from fiverounds.store.reader import read_run
from tests.golden.sample import ERROR, FAILED, PASSED, SKIPPED, STORED, attempt, lisp, trial
from tests.report.support import log_of


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (0.04, "0.0 s"),
        (1.94, "1.9 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (60.0, "1 min 00 s"),
        (125.4, "2 min 05 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 00 min"),
        (3725.0, "1 h 02 min"),
        (90_000.0, "25 h 00 min"),
    ],
)
def test_seconds(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_amounts() -> None:
    assert amount_text(Amount(1204), UNICODE) == "1,204"
    assert amount_text(Amount(1204, partial=True), UNICODE) == "≥ 1,204"
    assert amount_text(Amount(1204, partial=True), ASCII) == ">= 1,204"
    assert amount_text(Amount(None), UNICODE) == "-"
    assert amount_text(Amount(0), UNICODE) == "0"
    assert speed_text(None) == "-"
    assert speed_text(1234.56) == "1,234.6"


def test_each_verdict_has_a_sign_and_a_word_of_its_own() -> None:
    verdicts = (*Verdict, None)
    for signs in (UNICODE, ASCII):
        assert len({signs.verdicts[verdict] for verdict in verdicts}) == 5
        assert len({verdict_text(verdict, signs) for verdict in verdicts}) == 5
    assert word(None) == "not run"
    assert all(verdict_text(verdict, ASCII).isascii() for verdict in verdicts)


def row_cell(*results: TrialResult, planned: tuple[str, ...] | None = None) -> str:
    (row,) = summarise(log_of(*results, planned=planned)).rows
    return cell(row, UNICODE)


def lisp_trials(*verdicts: Verdict) -> list[TrialResult]:
    return [trial("a", "r3-lisp", verdict, repeat=n) for n, verdict in enumerate(verdicts, 1)]


def test_cells_of_one_trial() -> None:
    good = attempt(PASSED, lisp({}))
    assert row_cell(trial("a", "r3-lisp", PASSED, good)) == "✔ 6/6"
    assert row_cell(trial("a", "r3-lisp", PASSED)) == "✔ passed"
    assert (
        row_cell(
            trial(
                "a", "r3-lisp", FAILED, attempt(FAILED, lisp({"test_macros.py::test_hygiene": ""}))
            )
        )
        == "✘ 5/6"
    )
    assert row_cell(trial("a", "r3-lisp", ERROR, good)) == "! error"
    assert row_cell(trial("a", "r3-lisp", SKIPPED)) == "\N{EN DASH} skipped"
    assert row_cell(planned=("a/r3-lisp/lisp/1",)) == "· not run"


def test_cells_of_repeats_never_merge_failed_and_error() -> None:
    assert row_cell(*lisp_trials(PASSED, PASSED, PASSED)) == "✔ 3 of 3"
    assert row_cell(*lisp_trials(PASSED, FAILED, FAILED)) == "✘ 1 of 3"
    assert row_cell(*lisp_trials(PASSED, FAILED, ERROR)) == "! 1 of 3, 1 error"
    assert row_cell(*lisp_trials(ERROR, ERROR)) == "! error"
    assert row_cell(*lisp_trials(SKIPPED, SKIPPED)) == "\N{EN DASH} skipped"
    assert row_cell(*lisp_trials(PASSED, SKIPPED)) == "✔ 1 of 2, 1 skipped"
    planned = ("a/r3-lisp/lisp/1", "a/r3-lisp/lisp/2")
    assert row_cell(*lisp_trials(PASSED), planned=planned) == "· 1 of 2, 1 not run"


def test_attempts() -> None:
    first, second = attempt(FAILED), attempt(PASSED, lisp({}), number=2)
    results = (
        trial("a", "r3-lisp", PASSED, first, second),
        trial("a", "r3-lisp", ERROR, repeat=2),
        trial("a", "r3-lisp", PASSED, second, repeat=3),
    )
    (row,) = summarise(log_of(*results)).rows
    assert attempts_text(row, UNICODE) == "✘✔ ✔"
    assert attempt_text(first, UNICODE) == "✘ no answer"
    assert attempt_text(second, ASCII) == "+ 6/6"


def test_means() -> None:
    totals = summarise(read_run(STORED)).totals
    assert [mean_text(total) for total in totals] == ["1.000", "0.732", "0.000", "-", "-"]
    assert "leaves out 2 trials that ended in error" in left_out_text(totals[2])
    one = summarise(log_of(trial("a", "r3-lisp", ERROR))).totals[0]
    assert "leaves out 1 trial that ended" in left_out_text(one)


def test_facts_are_one_line_each() -> None:
    facts = (
        Fact(about="host", name="gpu", value="none\x1b[2J\n(llvmpipe)"),
        Fact(about="provider:a", name="n_ctx", value=8192),
        Fact(about="provider:a", name="mend", value="x"),
        Fact(about="provider:a", name="label", value="y"),
    )
    log = log_of(facts=facts)
    assert run_facts(log)[-1] == "gpu none (llvmpipe)"
    assert provider_facts(log, "a") == ["n_ctx 8192"]
    assert "git 1a2b3c4d5e6f, dirty" in run_facts(log)
    bare = log.header.model_copy(
        update={"git": None, "cpu_count": None, "memory_bytes": None, "selection": ("limit=3",)}
    )
    from dataclasses import replace

    shown = run_facts(replace(log, header=bare))
    assert "only limit=3" in shown
    assert not any(text.startswith("git") or "CPU" in text or "GiB" in text for text in shown)
