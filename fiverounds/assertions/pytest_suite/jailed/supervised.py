"""`isolation: process`: trusted tests here, the subject in a process and a jail of its own."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Generator
from types import FrameType

import pytest

from .proxy import SubjectModule
from .records import Channel, Reporting, configuration, pytest_arguments
from .subject import Subject, SubjectDied

_START_SECONDS = 10.0
"""What a subject's process may take to start and import its module, on top of a test's own time."""


def main(arguments: list[str]) -> None:
    """Run the tests; the exit code is pytest's."""
    told = configuration()
    channel = Channel(told)
    subject = Subject(told["subject_argv"], _START_SECONDS)
    module = SubjectModule(told["module"], subject)
    sys.modules[told["module"]] = module
    plugins = [Reporting(channel), Supervision(subject, module, told["seconds"])]
    try:
        code = int(pytest.main(pytest_arguments(told), plugins=plugins))
    except SubjectDied:  # when a conftest.py imported it: pytest lets that through
        code = int(pytest.ExitCode.USAGE_ERROR)
    finally:
        subject.close()
    shutil.rmtree(told["temporary"], ignore_errors=True)
    channel.send(
        "end", code=code, tampered=subject.forged, broken=subject.broken, fault=subject.fault
    )
    sys.exit(code)


class Supervision:
    """A pytest plugin: each test has its time, and no test passes whose subject died."""

    def __init__(self, subject: Subject, module: SubjectModule, seconds: float) -> None:
        self._subject = subject
        self._errors = module._errors
        self._seconds = seconds
        self._failed = False
        signal.signal(signal.SIGALRM, self._too_long)

    def pytest_load_initial_conftests(self) -> None:
        """A conftest.py of the suite may import the subject."""
        self._subject.begin(self._seconds)

    def pytest_collectstart(self) -> None:
        """A file's imports may take as long as a test."""
        self._subject.begin(self._seconds)

    def pytest_runtest_logstart(self) -> None:
        """A new test: fresh time, fresh process if the last one is gone."""
        self._subject.begin(self._seconds)
        self._errors.last_traceback = ""
        self._failed = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self) -> Generator[None, object, object]:
        """Fixtures have their time."""
        __tracebackhide__ = True
        return (yield from self._timed())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        """The test has its time."""
        __tracebackhide__ = True
        return (yield from self._timed())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """A test whose subject died fails with that cause, even if it caught SubjectDied."""
        report = yield
        if self._subject.cause and not self._failed:
            report.outcome, report.longrepr = "failed", self._subject.cause
        if report.failed and self._errors.last_traceback:
            report.sections.append(("last traceback of the subject", self._errors.last_traceback))
        self._failed = self._failed or report.failed
        return report

    def _timed(self) -> Generator[None, object, object]:
        __tracebackhide__ = True
        signal.setitimer(signal.ITIMER_REAL, self._seconds + _START_SECONDS)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _too_long(self, number: int, frame: FrameType | None) -> None:
        self._subject.cause = self._subject.cause or f"timed out after {self._seconds:g} s"
        raise SubjectDied(self._subject.cause)
