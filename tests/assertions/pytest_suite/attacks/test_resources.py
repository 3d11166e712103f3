"""Subjects that hang, crash, flood or fork: what they spoil, and what they must not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fiverounds.limits import MIB
from fiverounds.results import AssertionResult, Verdict
from tests.assertions.pytest_suite.attacks.test_attacks import judge, suite
from tests.assertions.pytest_suite.solutions import IDS, RIGHT, SUITE
from tests.assertions.pytest_suite.trial import Trial, messages, passed

ADDS = {IDS[0], IDS[1]}
FIBS = set(IDS[2:])


def costs_only(result: AssertionResult, lost: set[str]) -> bool:
    return passed(result) == set(IDS) - lost and result.verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        pytest.param("while True: pass", "in time| 2 s", id="loop"),
        pytest.param("return 7 ** (7 ** 9)", "in time| 2 s", id="loop-that-holds-the-lock"),
        pytest.param(
            "import sys; sys.setrecursionlimit(10**9); return add(a, b)",
            "SIGSEGV|SIGKILL|memory|in time| 2 s",
            id="recursion",
        ),
        pytest.param("import ctypes; ctypes.string_at(0)", "SIGSEGV", id="segfault"),
        pytest.param("import os; os._exit(0)", "exit code 0", id="exit"),
        pytest.param("x = 'a'; x = [x] * 10**10", "MemoryError|memory|SIGKILL", id="memory"),
    ],
)
def test_a_death_costs_its_own_test(trial: Trial, body: str, cause: str) -> None:
    files = {
        "solution.py": f"{RIGHT}\ndef add(a, b):\n    if a > 0:\n        {body}\n    return a + b\n"
    }
    for result in judge(trial, files):
        assert costs_only(result, {IDS[0]}), (result.proof, result.reasons)
        message = messages(result)[IDS[0]]
        assert any(word in message for word in cause.split("|")), message
        assert result.tampered == ()


def test_endless_recursion_is_an_ordinary_error(trial: Trial) -> None:
    for result in judge(trial, {"solution.py": f"{RIGHT}\ndef add(a, b): return add(a, b)\n"}):
        assert costs_only(result, ADDS)
        assert "RecursionError" in messages(result)[IDS[0]]


def test_a_flood_of_output_costs_nothing(trial: Trial) -> None:
    flood = "\nimport os\n_line = b'x' * 1048576\nfor _ in range(100): os.write(1, _line)\nprint('y' * 10**7)\n"
    limits = replace(trial.limits, memory_bytes=1024 * MIB, file_size_bytes=256 * MIB)
    for result in judge(replace(trial, limits=limits), {"solution.py": RIGHT + flood}, "30s"):
        assert result.verdict is Verdict.PASSED, (result.proof, result.reasons)
        evidence = trial.folder / result.evidence[0]
        assert evidence.stat().st_size <= trial.limits.output_bytes


def test_forks_are_limited(trial: Trial) -> None:
    bomb = """
import os, time
def add(a, b):
    for _ in range(500):
        try:
            if os.fork() == 0:
                time.sleep(30)
                os._exit(0)
        except OSError:
            return a + b
    return "no limit"
"""
    for result in judge(trial, {"solution.py": RIGHT + bomb}):
        assert result.verdict is Verdict.PASSED, (result.proof, result.reasons)


def test_an_import_that_kills_ends_soon(trial: Trial) -> None:
    for result in judge(trial, {"solution.py": "import os; os._exit(0)"}):
        assert result.summary == "0/6"
        assert "exit code 0" in messages(result)[IDS[0]]
        assert result.duration_seconds < 15


def test_what_cannot_be_imported_fails_with_the_reason(trial: Trial) -> None:
    for result in judge(trial, {"solution.py": "def add(:\n"}):
        assert (result.verdict, result.summary) == (Verdict.FAILED, "0/6")
        assert "SyntaxError" in messages(result)[IDS[0]]
    for result in judge(trial, {"solution.py": "import numpy"}):
        assert "No module named 'numpy'" in messages(result)[IDS[0]]
    for result in judge(trial, {"solution.py": "def add(a, b): return a + b"}):
        assert "cannot import name 'fib'" in messages(result)[IDS[0]]


def test_the_time_limit_of_the_whole_assertion(trial: Trial) -> None:
    slow = f"{RIGHT}\nimport time\ndef add(a, b):\n    time.sleep(1.5)\n    return a + b\n"
    for result in judge(replace(trial, seconds=3.0), {"solution.py": slow}):
        assert result.verdict is Verdict.FAILED
        assert "time limit of the whole assertion" in messages(result)[IDS[5]]
        assert result.duration_seconds < 8


def test_nothing_at_all(trial: Trial) -> None:
    results = trial.bench(SUITE).run_all([suite("process"), suite("in-process")])
    for result in results:
        assert result.summary == "0/6"
        assert "No module named 'solution'" in messages(result)[IDS[0]]


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        (RIGHT, ""),
        ("import nothing_like_it", "No module named 'nothing_like_it'"),
        ("import os; os._exit(0)", "exit code 0"),
    ],
)
def test_a_conftest_that_imports_the_subject(trial: Trial, source: str, cause: str) -> None:
    trial.bench({"suite/conftest.py": "import solution\nfrom solution import add\n"})
    for result in judge(trial, {"solution.py": source}):
        assert result.summary == ("0/6" if cause else "6/6"), result.reasons
        assert cause in messages(result)[IDS[0]]
        assert result.tampered == ()
