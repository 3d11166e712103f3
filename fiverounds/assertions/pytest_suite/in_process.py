"""`isolation: in-process`: the suite and the subject in one process of one jail.

For subjects whose interface is more than functions over plain values. A process cannot be kept from lying about
itself, so this is a guard and not a proof: results come over a channel of their own with a key, tests show by
checkpoints that they ran, control copies show that assertions hold, and pytest's code is compared before and after.
Only a run that came to its end counts; a test that ended the process is left out of the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from fiverounds.assertions.base import Context
from fiverounds.assertions.pytest_suite import launch
from fiverounds.assertions.pytest_suite.copies import InstrumentedSuite, instrumented_copy
from fiverounds.assertions.pytest_suite.guarded_outcome import judge
from fiverounds.assertions.pytest_suite.outcome import SuiteOutcome, how_it_ended
from fiverounds.assertions.pytest_suite.source import split
from fiverounds.assertions.pytest_suite.suite import Suite
from fiverounds.assertions.pytest_suite.transcript import Transcript
from fiverounds.errors import AssertionBroken
from fiverounds.sandbox.base import WORK, Entered, Jail, Mount

_MAXIMUM_STARTS = 16
_MAXIMUM_IDLE_STARTS = 3
"""Starts in a row that end while a file is imported, or between tests."""


@dataclass(slots=True)
class _Excluded:
    """What ended the process before, and is not tried again."""

    tests: dict[str, str] = field(default_factory=dict)
    """Test id, file or bare name of a control copy → why."""
    idle: int = 0

    def add(self, killers: Iterable[str], in_a_test: bool, why: str) -> None:
        self.tests |= dict.fromkeys(killers, why)
        self.idle = 0 if in_a_test else self.idle + 1


async def run_in_process(
    context: Context,
    suite: Suite,
    seconds: float,
    exclude: Callable[[str], str] = lambda test_id: test_id,
) -> SuiteOutcome:
    """Run the suite on the workspace, each test at most `seconds`.

    `exclude` says what to leave out of the next run after a test ended the process: the test, or its whole file.

    Raises:
        AssertionBroken: pytest itself could not run.
    """
    copy = instrumented_copy(suite, context.scratch / "tests")
    mounts = (*launch.python_mounts(), *launch.pytest_mounts(), Mount(copy.folder, launch.TESTS))
    excluded = _Excluded()
    outputs: list[str] = []
    for _ in range(_MAXIMUM_STARTS):
        jail = Jail(
            context.limits,
            workspace=context.workspace,
            workspace_writable=False,
            mounts=mounts,
            environment=launch.ENVIRONMENT,
        )
        with context.sandbox.enter(jail) as entered:
            launched = await _launch(context, entered, suite, copy, seconds, excluded)
            memory_exceeded = entered.memory_exceeded()
        outputs.append(launched.output)
        transcript, process = launched.transcript, launched.process
        if not transcript.began and not process.timed_out:
            raise AssertionBroken(f"the jailed pytest did not begin: {process.tail()}")
        if transcript.complete or process.timed_out or transcript.tampered:
            break
        how = how_it_ended(launched, memory_exceeded, seconds)
        excluded.add(_killers(transcript, copy, exclude), bool(transcript.running), how)
        if excluded.idle >= _MAXIMUM_IDLE_STARTS or excluded.tests.keys() >= set(suite.files):
            break
    return judge(suite, copy, launched, excluded.tests, seconds, "\n".join(outputs))


def _killers(
    transcript: Transcript, copy: InstrumentedSuite, exclude: Callable[[str], str]
) -> tuple[str, ...]:
    """What was going on when the process ended, and what would end it in the same way."""
    if transcript.running is None:
        return (
            () if transcript.observed or transcript.collecting is None else (transcript.collecting,)
        )
    name = split(transcript.running)[1]
    if name in copy.controls:
        return (name,)
    left_out = exclude(transcript.running)
    copies = [
        control
        for control, (its_file, original) in copy.controls.items()
        if left_out == f"{its_file}::{original}"
    ]
    return (left_out, *copies)


async def _launch(
    context: Context,
    jail: Entered,
    suite: Suite,
    copy: InstrumentedSuite,
    seconds: float,
    excluded: _Excluded,
) -> launch.Launched:
    files = [file for file in suite.files if file not in excluded.tests]
    work = [WORK, f"{WORK}/src"] if (context.workspace / "src").is_dir() else [WORK]
    told = launch.told_to_pytest(jail, files, copy.folder, seconds)
    told |= {
        "work": [jail.inside(path) for path in work],
        "excluded": list(excluded.tests),
        "controls": list(copy.controls),
    }
    return await launch.launch(context, jail, "guarded", launch.import_paths(jail, suite), told)
