"""Expected tests against what ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fiverounds.assertions.pytest_suite.jailed.line import ending
from fiverounds.assertions.pytest_suite.launch import Launched
from fiverounds.assertions.pytest_suite.source import split
from fiverounds.assertions.pytest_suite.suite import Suite
from fiverounds.assertions.pytest_suite.transcript import Observed, Transcript

_TAIL_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """One expected test."""

    __test__ = False

    passed: bool
    message: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class SuiteOutcome:
    """One suite on one subject."""

    tests: Mapping[str, TestOutcome]
    """Every expected test, in the order of the list."""
    proof: str
    output: str
    tampered: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """What concerns the run as a whole."""

    @property
    def passed(self) -> int:
        """How many."""
        return sum(test.passed for test in self.tests.values())


def ran(seen: Observed) -> TestOutcome:
    """A test that has a result, taken at its word."""
    message = f"skipped: {seen.message}" if seen.outcome == "skipped" else seen.message
    return TestOutcome(seen.outcome == "passed", message, seen.seconds)


def not_run(suite: Suite, transcript: Transcript, test_id: str, otherwise: str) -> TestOutcome:
    """A test that has no result, and why."""
    file = split(test_id)[0]
    for collector, why in transcript.uncollected.items():
        if collector == file or collector.startswith(f"{file}::"):
            return TestOutcome(False, f"not run: {file} could not be collected: {why}")
    return TestOutcome(False, f"not run: {otherwise}")


def how_it_ended(launched: Launched, memory_exceeded: bool, seconds: float) -> str:
    """The end of a pytest that did not come to its end: `ended with exit code 0`."""
    process, code = launched.process, launched.transcript.end_code
    if process.timed_out:
        return "was stopped at the time limit of the whole assertion"
    if memory_exceeded:
        return "ran out of memory"
    if b"Timeout (" in process.stderr[-20_000:]:  # faulthandler's words
        return f"was stopped after {seconds:g} s"
    how = ending(process.exit_code or 0)
    return how if code in (None, 0, 1) else f"{how}: {process.tail(_TAIL_CHARACTERS)}"
