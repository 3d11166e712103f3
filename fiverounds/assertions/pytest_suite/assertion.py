"""The `pytest` assertion: a suite of the bench on the subject's code."""

from __future__ import annotations

import json
import re
import time

from fiverounds.assertions.base import Context
from fiverounds.assertions.pytest_suite import protected
from fiverounds.assertions.pytest_suite.in_process import run_in_process
from fiverounds.assertions.pytest_suite.out_of_process import run_out_of_process
from fiverounds.assertions.pytest_suite.outcome import SuiteOutcome, TestOutcome
from fiverounds.assertions.pytest_suite.suite import load
from fiverounds.errors import AssertionBroken
from fiverounds.results import AssertionResult, Item, Metric, Verdict
from fiverounds.spec.models import PytestAssertion
from fiverounds.spec.units import seconds

_MESSAGE_CHARACTERS = 400
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
"""Different each time, and of no use to anybody."""
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)|[\x00-\x08\x0b-\x1f\x7f]"
)


class PytestSuite:
    """See docs/assertions/pytest.md."""

    exclusive = False

    def __init__(self, spec: PytestAssertion) -> None:
        self._spec = spec

    async def run(self, context: Context) -> AssertionResult:
        """Judge the workspace by the suite."""
        began = time.monotonic()
        spec = self._spec
        suite = load(spec, context.bench_root)
        changed = changed_files(context, spec.protected)
        test_seconds = seconds(spec.test_timeout)
        if spec.isolation == "process":
            if spec.module is None:
                raise AssertionBroken(
                    "`isolation: process` needs `module`",
                    "name the module the tests import, e.g. `module: lisp`",
                )
            outcome = await run_out_of_process(context, suite, spec.module, test_seconds)
        else:
            outcome = await run_in_process(context, suite, test_seconds)
        tampered = (*changed, *outcome.tampered)
        total = len(outcome.tests)
        needed = total if spec.min_passed is None else spec.min_passed
        passed = not tampered and outcome.passed >= needed
        return AssertionResult(
            assertion_id=context.assertion_id,
            type=spec.type,
            verdict=Verdict.PASSED if passed else Verdict.FAILED,
            score=outcome.passed / total,
            summary=f"{outcome.passed}/{total}",
            reasons=() if passed else _reasons(outcome, tampered, needed),
            metrics=(
                Metric(name="tests_passed", value=outcome.passed, unit="count"),
                Metric(name="tests_total", value=total, unit="count"),
            ),
            items=tuple(test_item(test_id, test) for test_id, test in outcome.tests.items()),
            evidence=keep_evidence(context, outcome),
            proof=proof(context, outcome),
            tampered=tampered,
            duration_seconds=time.monotonic() - began,
        )


def _reasons(outcome: SuiteOutcome, tampered: tuple[str, ...], needed: int) -> tuple[str, ...]:
    reasons = [f"tampered: {what}" for what in tampered]
    if outcome.passed < needed:
        reasons.append(f"{outcome.passed} of {len(outcome.tests)} tests passed; {needed} needed")
    first: dict[str, str] = {}
    for test_id, test in outcome.tests.items():
        if not test.passed:
            first.setdefault(test.message, test_id)
    causes = [f"{clean(test_id)}: {clean(message)}" for message, test_id in first.items()]
    return (*reasons, *outcome.reasons, *causes[:3])


def changed_files(context: Context, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Protected files that the subject changed, deleted or added.

    Raises:
        AssertionBroken: the round has no starting files to compare with.
    """
    if not patterns:
        return ()
    if context.starting_files is None:
        raise AssertionBroken(
            "`protected` needs a starting workspace",
            "give the round a `workspace`, or drop `protected`",
        )
    return protected.changes(context.starting_files, context.workspace, patterns)


def test_item(test_id: str, test: TestOutcome) -> Item:
    """One line of the result."""
    return Item(
        id=test_id,
        verdict=Verdict.PASSED if test.passed else Verdict.FAILED,
        message=clean(test.message),
        duration_seconds=test.seconds,
    )


test_item.__test__ = False  # type: ignore[attr-defined]  # pytest takes the name for a test's


def proof(context: Context, outcome: SuiteOutcome) -> str:
    """How the verdict is protected; without a jail nothing protects it from a determined subject."""
    return f"{outcome.proof}, not jailed" if context.sandbox.name == "none" else outcome.proof


def keep_evidence(context: Context, outcome: SuiteOutcome) -> tuple[str, ...]:
    """pytest's own output, and every test's result."""
    printed = context.evidence / "pytest-output.txt"
    text = _ESCAPES.sub("", outcome.output).encode("utf-8", "replace")
    printed.write_bytes(text[-context.limits.output_bytes :])
    results = context.evidence / "tests.json"
    lines = {
        test_id: {"passed": test.passed, "message": clean(test.message), "seconds": test.seconds}
        for test_id, test in outcome.tests.items()
    }
    results.write_text(json.dumps(lines, indent=1), encoding="utf-8")
    return (context.evidence_name(printed), context.evidence_name(results))


def clean(text: str) -> str:
    """Short, one line, no control characters or lone surrogates: what the subject wrote may stand in it."""
    line = " ".join(_ESCAPES.sub("", text[: 4 * _MESSAGE_CHARACTERS]).split())
    line = _ADDRESS.sub("", line)
    line = line.encode("utf-8", "backslashreplace").decode("utf-8")
    return line if len(line) <= _MESSAGE_CHARACTERS else line[: _MESSAGE_CHARACTERS - 1] + "…"
