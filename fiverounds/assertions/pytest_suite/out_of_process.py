"""`isolation: process`: pytest in a supervisor's jail, the subject in a jail inside it. Nothing to forge: the
subject never runs where verdicts are made; all it can do is answer calls."""

from __future__ import annotations

import pytest

from fiverounds.assertions.base import Context
from fiverounds.assertions.pytest_suite import launch
from fiverounds.assertions.pytest_suite.outcome import (
    SuiteOutcome,
    TestOutcome,
    how_it_ended,
    not_run,
    ran,
)
from fiverounds.assertions.pytest_suite.source import split
from fiverounds.assertions.pytest_suite.suite import Suite
from fiverounds.assertions.pytest_suite.transcript import Transcript
from fiverounds.errors import AssertionBroken
from fiverounds.sandbox.base import WORK, Jail, Mount

PROOF = "out-of-process"


async def run_out_of_process(
    context: Context, suite: Suite, module: str, seconds: float
) -> SuiteOutcome:
    """Run the suite on the module `module` of the workspace, each test at most `seconds`.

    Raises:
        AssertionBroken: pytest itself could not run, or the list of expected tests is out of date.
    """
    (folder,) = suite.folders
    subject_jail = Jail(
        context.limits,
        workspace=context.workspace,
        workspace_writable=False,
        mounts=launch.python_mounts(),
    )
    with context.sandbox.enter(subject_jail) as subject:
        mounts = (
            *launch.python_mounts(),
            *launch.pytest_mounts(),
            Mount(folder.path, launch.TESTS),
            *subject.host_mounts,
        )
        supervisor_jail = Jail(
            context.limits,
            mounts=tuple(dict.fromkeys(mounts)),
            environment=launch.ENVIRONMENT,
            role="supervisor",
        )
        with context.sandbox.enter(supervisor_jail) as supervisor:
            told = launch.told_to_pytest(supervisor, suite.files, folder.path, seconds)
            worker = launch.python_command(subject, "worker", (), (module, subject.inside(WORK)))
            told |= {"module": module, "subject_argv": subject.argv(worker)}
            paths = launch.import_paths(supervisor, suite)
            launched = await launch.launch(context, supervisor, "supervised", paths, told)
        memory_exceeded = subject.memory_exceeded()
    return _judge(suite, launched, seconds, memory_exceeded)


def _judge(
    suite: Suite, launched: launch.Launched, seconds: float, memory_exceeded: bool
) -> SuiteOutcome:
    transcript, process = launched.transcript, launched.process
    how = how_it_ended(launched, False, seconds)
    if transcript.broken:
        output = launched.output[-1000:]
        raise AssertionBroken(f"no jail for the subject: {transcript.broken}: {output}")
    if transcript.end_code == pytest.ExitCode.USAGE_ERROR and transcript.fault:  # in a conftest.py
        nothing = TestOutcome(False, f"not run: {transcript.fault}")
        return SuiteOutcome(dict.fromkeys(suite.expected, nothing), PROOF, launched.output)
    if not process.timed_out and not transcript.complete:
        code = transcript.end_code
        raise AssertionBroken(f"the jailed pytest {how} (pytest's code: {code}): {process.tail()}")
    _check_expected(suite, transcript)
    reasons = []
    if memory_exceeded:
        reasons.append("the subject ran out of memory at least once")
    if process.timed_out:
        reasons.append(f"the suite {how}")
    tests = {seen.id: ran(seen) for seen in transcript.observed}
    for test_id in suite.expected:
        if test_id == transcript.running:
            tests[test_id] = TestOutcome(False, f"timed out: it {how}")
        elif test_id not in tests:
            tests[test_id] = not_run(suite, transcript, test_id, f"the suite {how}")
    tests = {test_id: tests[test_id] for test_id in suite.expected}
    tampered = tuple(dict.fromkeys(transcript.tampered))
    return SuiteOutcome(tests, PROOF, launched.output, tampered, tuple(reasons))


def _check_expected(suite: Suite, transcript: Transcript) -> None:
    """Collection is ours here: a test too many or too few is the bench's mistake, not the subject's."""
    mend = "write expected-tests.txt anew, see docs/assertions/pytest.md"
    seen = {one.id for one in transcript.observed}
    for test_id in sorted(seen - set(suite.expected)):
        raise AssertionBroken(f"the list of expected tests lacks {test_id}", mend)
    if transcript.complete:
        uncollected = {split(one)[0] for one in transcript.uncollected}
        for test_id in suite.expected:
            if test_id not in seen and split(test_id)[0] not in uncollected:
                raise AssertionBroken(f"the suite has no test {test_id}, which is expected", mend)
