"""What an in-process run proves: which passes count, and what gives a forgery away."""

from __future__ import annotations

from collections.abc import Mapping

from fiverounds.assertions.pytest_suite.copies import InstrumentedSuite
from fiverounds.assertions.pytest_suite.launch import Launched
from fiverounds.assertions.pytest_suite.outcome import (
    SuiteOutcome,
    TestOutcome,
    how_it_ended,
    not_run,
    ran,
)
from fiverounds.assertions.pytest_suite.source import split
from fiverounds.assertions.pytest_suite.suite import Suite
from fiverounds.assertions.pytest_suite.transcript import Observed, Transcript

PROOF = "in-process, guarded"


def judge(
    suite: Suite,
    copy: InstrumentedSuite,
    launched: Launched,
    excluded: Mapping[str, str],
    seconds: float,
    output: str,
) -> SuiteOutcome:
    """The outcome of the last run; `excluded` is what ended the runs before it."""
    transcript, process = launched.transcript, launched.process
    tampered = _signs(suite, copy, transcript, excluded)
    if (
        transcript.end_code is not None
        and process.exit_code != transcript.end_code
        and not process.timed_out
    ):
        tampered.append(
            f"the process ended with exit code {process.exit_code}, pytest with {transcript.end_code}"
        )
    how = how_it_ended(launched, False, seconds)
    void = ""
    if tampered:
        void = "not counted: results were forged"
    elif not transcript.complete:
        void = f"not counted: the process {how} before the run was over, so nothing shows that results are true"
    seen = {one.id: one for one in transcript.observed}
    tests = {}
    for test_id in suite.expected:
        ended = excluded.get(test_id) or excluded.get(split(test_id)[0])
        if ended is not None:
            tests[test_id] = TestOutcome(False, _ended(test_id, excluded, ended))
        elif test_id in seen:
            outcome = ran(seen[test_id])
            tests[test_id] = (
                TestOutcome(False, void, outcome.seconds) if outcome.passed and void else outcome
            )
        elif test_id == transcript.running:
            tests[test_id] = TestOutcome(False, f"the process {how} in the middle of this test")
        else:
            otherwise = "pytest did not collect it" if transcript.complete else f"the process {how}"
            tests[test_id] = not_run(suite, transcript, test_id, otherwise)
    reasons = (void,) if void and not tampered else ()
    return SuiteOutcome(tests, _proof(suite, copy), output, tuple(dict.fromkeys(tampered)), reasons)


def _ended(test_id: str, excluded: Mapping[str, str], how: str) -> str:
    if test_id in excluded:
        return f"the process {how} in the middle of this test"
    return f"not run: the process {how} in the middle of a test, or of the import, of {split(test_id)[0]}"


def _proof(suite: Suite, copy: InstrumentedSuite) -> str:
    unguarded = sorted(
        {"::".join(split(one)) for one in suite.expected if copy.tokens_of(one) is None}
    )
    return f"{PROOF}; without checkpoint: {', '.join(unguarded)}" if unguarded else PROOF


def _signs(
    suite: Suite, copy: InstrumentedSuite, transcript: Transcript, excluded: Mapping[str, str]
) -> list[str]:
    signs = list(transcript.tampered)
    expected = set(suite.expected)
    seen: set[str] = set()
    for one in transcript.observed:
        control = copy.controls.get(split(one.id)[1])
        if one.id in seen:
            signs.append(f"reported twice: {one.id}")
        seen.add(one.id)
        if control is not None:
            signs += _signs_of_control(one, control[1])
        elif one.id not in expected:
            signs.append(
                f"reported, but not expected (or the list of expected tests is out of date): {one.id}"
            )
        elif one.outcome == "passed":
            signs += _signs_of_pass(one, copy)
    if transcript.complete:
        signs += _missing_controls(copy, transcript, excluded)
    return signs


def _signs_of_control(one: Observed, original: str | None) -> list[str]:
    if one.outcome != "passed" and not one.tokens:
        return []
    what = (
        f"a copy of {original} that compares with random values" if original else "`assert 1 == 2`"
    )
    return [f"passed, though it cannot: {what}"]


def _signs_of_pass(one: Observed, copy: InstrumentedSuite) -> list[str]:
    valid = copy.tokens_of(one.id)
    known = valid is None or (one.tokens and one.tokens[-1] in valid)
    return [] if known else [f"reported as passed, but did not run to its end: {one.id}"]


def _missing_controls(
    copy: InstrumentedSuite, transcript: Transcript, excluded: Mapping[str, str]
) -> list[str]:
    """Control copies that were not run, or that ended the process though the test they copy passes."""
    seen = {split(one.id)[1] for one in transcript.observed}
    passed = {split(one.id) for one in transcript.observed if one.outcome == "passed"}
    signs = []
    for name, (file, original) in copy.controls.items():
        if name in excluded and (original is None or (file, split(original)[1]) in passed):
            signs.append(f"ended the process: the control copy of {original or '`assert 1 == 2`'}")
        elif name not in seen and name not in excluded and file in {one for one, _ in passed}:
            signs.append(
                f"did not run, though pytest was told to: the control copy of {original or '`assert 1 == 2`'}"
            )
    return signs
