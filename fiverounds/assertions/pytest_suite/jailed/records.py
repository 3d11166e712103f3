"""What a jailed pytest tells the runner: one JSON object a line, on a pipe of its own.

Each line carries a key that only this process was given and a number that counts up, so that a line written by
somebody else shows.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from typing import Any

import pytest

_MESSAGE_CHARACTERS = 600
_SECTION_CHARACTERS = 4000
_HINT = re.compile(r"\s*(Use -v|Skipping \d+ identical|Omitting \d+ identical|$)")


def configuration() -> dict[str, Any]:
    """What the runner wrote to our stdin, which is then empty: the subject finds nothing there."""
    with os.fdopen(os.dup(0), "rb") as stdin:
        told: dict[str, Any] = json.loads(stdin.read())
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    told["temporary"] = tempfile.mkdtemp(prefix="fiverounds-")
    return told


def pytest_arguments(told: dict[str, Any]) -> list[str]:
    """A pytest that reads no configuration and no plugin but ours."""
    arguments = ["-c", os.devnull, f"--rootdir={told['root']}", f"--confcutdir={told['root']}"]
    arguments += [
        "--import-mode=importlib",
        "--continue-on-collection-errors",
        "--tb=short",
        "--color=no",
        "-q",
        "-rN",
        # Without a jail the usual place is shared with every other pytest of this user.
        f"--basetemp={told['temporary']}/pytest",
    ]
    for plugin in ("cacheprovider", "faulthandler", "junitxml", "pastebin", "doctest"):
        arguments += ["-p", f"no:{plugin}"]
    if not told["conftest"]:
        arguments.append("--noconftest")
    return [*arguments, *told["files"]]


class Channel:
    """Writes the lines. The functions it needs are taken before any subject's code runs."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._descriptor: int = told["descriptor"]
        self._key: str = told["key"]
        self._count = 0
        self._pid = os.getpid()
        os.set_inheritable(self._descriptor, False)
        self._write, self._dumps, self._getpid, self._exit = (
            os.write,
            json.dumps,
            os.getpid,
            os._exit,
        )

    def send(self, event: str, **fields: Any) -> None:
        """One line."""
        if self._getpid() != self._pid:
            self._exit(
                1
            )  # a forked child of the subject that came back into pytest: it reports nothing
        line = {"key": self._key, "number": self._count, "event": event, **fields}
        self._count += 1
        data = self._dumps(line).encode("ascii") + b"\n"
        while data:
            data = data[self._write(self._descriptor, data) :]


class Reporting:
    """A pytest plugin: what is collected, what starts, how it ends."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._reports: list[pytest.TestReport] = []

    def pytest_collectstart(self, collector: pytest.Collector) -> None:
        """The file's import comes next."""
        if isinstance(collector, pytest.Module):
            self._channel.send("collecting", file=collector.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Why a file's tests are missing."""
        if not report.passed:
            self._channel.send("uncollected", file=report.nodeid, message=message(report))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A test begins."""
        self._reports = []
        self._channel.send("start", id=nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of a test; what it printed is kept short."""
        report.sections = [(name, text[:_SECTION_CHARACTERS]) for name, text in report.sections]
        self._reports.append(report)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """A test ended: passed if all its phases did."""
        bad = [report for report in self._reports if not report.passed]
        whole = {report.when for report in self._reports} == {"setup", "call", "teardown"}
        outcome = "passed" if whole and not bad else bad[0].outcome if bad else "failed"
        seconds = sum(report.duration for report in self._reports)
        self._channel.send(
            "result",
            id=nodeid,
            outcome=outcome,
            message=message(bad[0]) if bad else "",
            seconds=seconds,
        )


def message(report: pytest.CollectReport | pytest.TestReport) -> str:
    """The failed line and what pytest says about its values, on one line."""
    text = report.longreprtext
    told = [line[1:].strip() for line in text.splitlines() if line.startswith("E  ")]
    text = " ".join(told) or text
    if isinstance(report.longrepr, tuple):  # skipped: path, line, reason
        text = str(report.longrepr[2])
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        explained = [line for line in crash.message.splitlines() if not _HINT.match(line)]
        text = _source_line(report.longrepr) + "\n".join(explained).removeprefix("AssertionError: ")
    if report.when not in ("call", "collect"):
        text = f"in {report.when}: {text}"
    return " ".join(text[: 4 * _MESSAGE_CHARACTERS].split())[:_MESSAGE_CHARACTERS]


def _source_line(longrepr: Any) -> str:
    try:
        lines = longrepr.reprtraceback.reprentries[-1].lines
    except (AttributeError, IndexError):
        return ""
    source = next((line.strip() for line in lines if line.strip()), "")
    return f"{source}: " if source.startswith("assert ") else ""
