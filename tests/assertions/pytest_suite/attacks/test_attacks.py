"""Code that wants the suite to lie, against both isolations, in real jails."""

from __future__ import annotations

from typing import Literal

import pytest

from fiverounds.assertions.pytest_suite import PytestSuite
from fiverounds.results import AssertionResult, Verdict
from fiverounds.spec.models import PytestAssertion
from tests.assertions.pytest_suite.solutions import CHEATS, EARNED, IDS, RIGHT, SUITE, WRONG
from tests.assertions.pytest_suite.trial import Trial, messages, passed

Isolation = Literal["process", "in-process"]


def judge(
    trial: Trial, files: dict[str, str], test_timeout: str = "2s"
) -> tuple[AssertionResult, AssertionResult]:
    """Out of process and in process."""
    assertions = [suite("process", test_timeout), suite("in-process", test_timeout)]
    out_of_process, in_process = trial.bench(SUITE).subject(files).run_all(assertions)
    assert (out_of_process.proof, in_process.proof) == ("out-of-process", "in-process, guarded")
    return out_of_process, in_process


def suite(isolation: Isolation, test_timeout: str = "2s") -> PytestSuite:
    return PytestSuite(
        PytestAssertion(
            type="pytest",
            suite="suite",
            expect_tests=6,
            isolation=isolation,
            module="solution",
            test_timeout=test_timeout,
        )
    )


def test_a_right_solution_passes_without_alarm(trial: Trial) -> None:
    for result in judge(trial, {"solution.py": RIGHT}):
        assert (result.verdict, result.summary, result.score) == (Verdict.PASSED, "6/6", 1.0)
        assert result.tampered == result.reasons == ()
        assert [item.id for item in result.items] == IDS


def test_a_wrong_solution_fails_without_alarm(trial: Trial) -> None:
    for result in judge(trial, {"solution.py": WRONG}):
        assert (result.verdict, result.summary) == (Verdict.FAILED, "2/6")
        assert result.tampered == ()
        assert "assert -1 == 3" in messages(result)["test_solution.py::test_add"]


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_gains_nothing(trial: Trial, name: str) -> None:
    cheat = CHEATS[name]
    files = {"solution.py": WRONG} | (cheat if isinstance(cheat, dict) else {})
    if isinstance(cheat, str):
        files["solution.py"] = WRONG + cheat
    # Where there is no pytest to import, those that do all end alike; one of them is enough.
    alike = isinstance(cheat, str) and "pytest" in cheat and name != "pytest-exit"
    isolations: list[Isolation] = ["in-process"] if alike else ["in-process", "process"]
    trial.bench(SUITE).subject(files)
    for result in trial.run_all([suite(isolation) for isolation in isolations]):
        assert result.verdict is Verdict.FAILED
        assert passed(result) <= EARNED[name]
        assert result.reasons


def test_reading_the_answers_out_of_the_tests_fools_only_one_process(trial: Trial) -> None:
    """The known limit of the guard: whoever shares a process with the tests can read them."""
    cheat = """
import linecache, re, sys
def expected():
    frame = sys._getframe(2)
    if "expected" in frame.f_locals:
        return frame.f_locals["expected"]
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
    return int(re.search("(-?[0-9]+)[)]?$", line.strip())[1])
def add(a, b):
    return expected()
def fib(n):
    if n < 0: raise ValueError("negative")
    return expected()
"""
    out_of_process, in_process = judge(trial, {"solution.py": cheat})
    assert passed(out_of_process) == {IDS[5]}
    assert in_process.verdict is Verdict.PASSED
