"""Which passes of an in-process run count, without running one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fiverounds.assertions.pytest_suite.copies import InstrumentedSuite
from fiverounds.assertions.pytest_suite.guarded_outcome import judge
from fiverounds.assertions.pytest_suite.launch import Launched
from fiverounds.assertions.pytest_suite.outcome import SuiteOutcome
from fiverounds.assertions.pytest_suite.suite import Suite
from fiverounds.assertions.pytest_suite.transcript import Observed, Transcript
from fiverounds.sandbox.process import ProcessResult

A, B = "t.py::test_a[1]", "t.py::test_b"
SUITE = Suite((), ("t.py",), (A, B))
COPY = InstrumentedSuite(
    Path(),
    {("t.py", "test_a"): frozenset({"ta"}), ("t.py", "test_b"): frozenset({"tb"})},
    {"test_c1": ("t.py", "test_a"), "test_c2": ("t.py", None)},
)
ENDED = ProcessResult(0, b"", b"", timed_out=False, output_cut=False, duration_seconds=1.0)


def seen(name: str, *tokens: str, outcome: str = "passed") -> Observed:
    return Observed(name, outcome, "", 0.1, tokens)


GOOD = [
    seen(A, "ta"),
    seen(B, "tb"),
    seen("t.py::test_c1", outcome="failed"),
    seen("t.py::test_c2", outcome="failed"),
]


def outcome(
    observed: list[Observed],
    excluded: dict[str, str] | None = None,
    process: ProcessResult = ENDED,
    **keys: object,
) -> SuiteOutcome:
    transcript = Transcript(observed=observed, collecting="t.py", **({"end_code": 0} | keys))  # type: ignore[arg-type]
    return judge(SUITE, COPY, Launched(transcript, process), excluded or {}, 2.0, "")


def test_honest_results_count() -> None:
    result = outcome(GOOD)
    assert (result.passed, result.tampered, result.reasons) == (2, (), ())
    assert result.proof == "in-process, guarded"


@pytest.mark.parametrize(
    ("observed", "sign"),
    [
        ([seen(A), *GOOD[1:]], "did not run to its end: t.py::test_a[1]"),
        ([seen(A, "tb"), *GOOD[1:]], "did not run to its end"),
        ([*GOOD[:2], seen("t.py::test_c1"), GOOD[3]], "a copy of test_a that compares"),
        ([*GOOD[:2], seen("t.py::test_c1", "x", outcome="failed"), GOOD[3]], "a copy of test_a"),
        ([*GOOD[:3], seen("t.py::test_c2")], "`assert 1 == 2`"),
        (GOOD[:3], "did not run, though pytest was told to: the control copy of `assert 1 == 2`"),
        ([GOOD[0], *GOOD], "reported twice: t.py::test_a[1]"),
        ([*GOOD, seen("t.py::test_z", "z")], "not expected"),
    ],
)
def test_signs_of_forgery_void_every_pass(observed: list[Observed], sign: str) -> None:
    result = outcome(observed)
    assert result.passed == 0
    assert any(sign in one for one in result.tampered), result.tampered


def test_an_exit_code_of_its_own() -> None:
    result = outcome(GOOD, process=replace(ENDED, exit_code=3))
    assert result.tampered == ("the process ended with exit code 3, pytest with 0",)


def test_a_run_without_its_end_proves_nothing() -> None:
    result = outcome(GOOD, end_code=None)
    assert (result.passed, result.tampered) == (0, ())
    assert "before the run was over" in result.reasons[0]


def test_what_ended_earlier_runs() -> None:
    result = outcome([GOOD[1], *GOOD[2:]], {A: "was killed by SIGSEGV"})
    assert result.passed == 1
    assert result.tests[A].message == "the process was killed by SIGSEGV in the middle of this test"
    result = outcome([], {"t.py": "ended with exit code 0"}, end_code=5)
    assert "not run: the process ended with exit code 0" in result.tests[B].message


def test_a_control_copy_that_ends_the_process() -> None:
    survived = [GOOD[1], seen(A, "ta", outcome="failed"), GOOD[3]]
    assert outcome(survived, {"test_c1": "was killed by SIGSEGV"}).tampered == ()
    died = [*GOOD[:2], GOOD[3]]
    assert "control copy of test_a" in outcome(died, {"test_c1": "x"}).tampered[0]
    assert "assert 1 == 2" in outcome(GOOD[:3], {"test_c2": "x"}).tampered[0]


def test_a_file_that_could_not_be_collected_has_no_control_copies() -> None:
    result = outcome(
        [], uncollected={"t.py": "ImportError"}, end_code=1, process=replace(ENDED, exit_code=1)
    )
    assert result.tampered == ()
    assert result.tests[A].message == "not run: t.py could not be collected: ImportError"


def test_tests_whose_end_the_source_does_not_show_are_named() -> None:
    copy = replace(COPY, tokens={("t.py", "test_a"): frozenset({"ta"})})
    launched = Launched(
        Transcript(observed=[GOOD[0], seen(B), *GOOD[2:]], collecting="t.py", end_code=0), ENDED
    )
    result = judge(SUITE, copy, launched, {}, 2.0, "")
    assert result.passed == 2
    assert result.proof == "in-process, guarded; without checkpoint: t.py::test_b"
