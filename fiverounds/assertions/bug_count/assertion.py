"""The `bug-count` assertion: planted bugs, each seen by hidden probes."""

from __future__ import annotations

import time

from fiverounds.assertions.base import Context
from fiverounds.assertions.bug_count.manifest import Bug, Manifest, load_manifest, probe_suite
from fiverounds.assertions.pytest_suite.assertion import (
    changed_files,
    clean,
    keep_evidence,
    proof,
    test_item,
)
from fiverounds.assertions.pytest_suite.in_process import run_in_process
from fiverounds.assertions.pytest_suite.outcome import SuiteOutcome
from fiverounds.assertions.pytest_suite.source import split
from fiverounds.errors import AssertionBroken
from fiverounds.results import AssertionResult, Item, Metric, Verdict
from fiverounds.spec.models import BugCountAssertion
from fiverounds.spec.units import seconds


class BugCount:
    """See docs/assertions/bug-count.md."""

    exclusive = False

    def __init__(self, spec: BugCountAssertion) -> None:
        self._spec = spec

    async def run(self, context: Context) -> AssertionResult:
        """Run all probes and regressions once, then count."""
        began = time.monotonic()
        spec = self._spec
        path = context.bench_root / spec.manifest
        manifest = load_manifest(path)
        total = len(manifest.bugs)
        if spec.total not in (None, total):
            raise AssertionBroken(
                f"`total` is {spec.total}, but {path.name} lists {total} bugs", "correct `total`"
            )
        suite = probe_suite(manifest, path.parent)
        changed = changed_files(context, manifest.protected)
        regressions = manifest.regression_files()
        outcome = await run_in_process(
            context,
            suite,
            seconds(spec.test_timeout),
            # One hanging probe settles its bug; there is no need to wait for the others.
            exclude=lambda one: one if split(one)[0] in regressions else split(one)[0],
        )
        counted = _Counted(manifest, outcome)
        needed = total if spec.min_fixed is None else spec.min_fixed
        tampered = (*changed, *outcome.tampered)
        reasons = [f"tampered: {what}" for what in tampered]
        if counted.fixed < needed:
            reasons.append(f"{counted.fixed} of {total} bugs are fixed; {needed} needed")
        if counted.regressed > spec.max_regressions:
            reasons.append(f"regressions: {counted.regressed}; allowed: {spec.max_regressions}")
        return AssertionResult(
            assertion_id=context.assertion_id,
            type=spec.type,
            verdict=Verdict.FAILED if reasons else Verdict.PASSED,
            score=counted.fixed / total,
            summary=counted.summary(),
            reasons=(*reasons, *outcome.reasons) if reasons else (),
            metrics=(
                Metric(name="bugs_fixed", value=counted.fixed, unit="count"),
                Metric(name="bugs_total", value=total, unit="count"),
                Metric(name="regressions", value=counted.regressed, unit="count"),
            ),
            items=counted.items,
            evidence=keep_evidence(context, outcome),
            proof=proof(context, outcome),
            tampered=tampered,
            duration_seconds=time.monotonic() - began,
        )


class _Counted:
    """Bugs and regressions from the outcome of every test."""

    def __init__(self, manifest: Manifest, outcome: SuiteOutcome) -> None:
        files = manifest.regression_files()
        bugs = tuple(_bug_item(bug, manifest.probe_files(bug), outcome) for bug in manifest.bugs)
        broken = tuple(
            test_item(test_id, test)
            for test_id, test in outcome.tests.items()
            if split(test_id)[0] in files and not test.passed
        )
        self.total = len(bugs)
        self.fixed = sum(bug.verdict is Verdict.PASSED for bug in bugs)
        self.regressed = len(broken)
        self.items = (*bugs, *broken)

    def summary(self) -> str:
        """A table cell's worth."""
        text = f"{self.fixed}/{self.total} bugs"
        if self.regressed:
            text += f", {self.regressed} regression{'s' if self.regressed > 1 else ''}"
        return text


def _bug_item(bug: Bug, files: frozenset[str], outcome: SuiteOutcome) -> Item:
    mine = {name: test for name, test in outcome.tests.items() if split(name)[0] in files}
    failed = {name: test for name, test in mine.items() if not test.passed}
    message = bug.title
    if failed:
        name, test = next(iter(failed.items()))
        message = f"{bug.title} {name.split('::', 1)[1]}: {test.message}"
    return Item(
        id=bug.id,
        verdict=Verdict.FAILED if failed else Verdict.PASSED,
        message=clean(message),
        duration_seconds=sum(test.seconds or 0.0 for test in mine.values()),
    )
