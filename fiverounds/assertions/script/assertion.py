"""`script`: build the subject (setup steps), then run the bench's script beside it or a command inside its jail.

A Python script of the bench runs in a supervisor jail with a loopback of its own and starts the subject in a jail
inside that one: the subject can answer it, but neither see nor touch it or its report.
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import fiverounds
from fiverounds.assertions.base import Context
from fiverounds.assertions.browsers import browser_jail, find_chromium
from fiverounds.assertions.script.reports import Report, parse
from fiverounds.errors import AssertionBroken
from fiverounds.limits import MIB
from fiverounds.results import AssertionResult, Item, Metric, Verdict
from fiverounds.sandbox import process, python
from fiverounds.sandbox.base import Entered, Jail, Mount
from fiverounds.sandbox.workspace import discard, read_file
from fiverounds.spec.models import ScriptAssertion
from fiverounds.toolchains import create as create_toolchain

_REPORT_BYTES = 8 * MIB
_OUTSIDE = "outside the subject's jail"
_INSIDE = "the subject's jail reports on itself"


class _Problem(Exception):
    """The subject did badly as a whole; no check was reached."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What was reported, and what must be said besides."""

    report: Report
    fatal: str = ""
    """Why it cannot be `passed`, whatever the report says."""
    remark: str = ""
    """What may explain failures."""


class ScriptRun:
    """See the module."""

    exclusive = False

    def __init__(self, spec: ScriptAssertion) -> None:
        self.spec = spec

    async def run(self, context: Context) -> AssertionResult:
        """Set up, run, read the report."""
        try:
            for step in self._steps():
                await self._set_up(context, step)
            outcome = await (
                self._supervised(context) if self._is_script else self._inside(context)
            )
        except _Problem as problem:
            return self._failed(context, str(problem))
        return self._judged(context, outcome)

    @property
    def _is_script(self) -> bool:
        return isinstance(self.spec.run, str) and self.spec.run.endswith(".py")

    def _steps(self) -> tuple[tuple[str, ...], ...]:
        setup = self.spec.setup or ()
        words = tuple(part for part in setup if isinstance(part, str))
        return (words,) if words else tuple(part for part in setup if not isinstance(part, str))

    async def _set_up(self, context: Context, step: tuple[str, ...]) -> None:
        result, exceeded = await self._run_inside(context, step, "setup.txt")
        name = " ".join(step)
        more = ", out of memory" if exceeded else ""
        if result.timed_out:
            raise _Problem(f"setup `{name}` did not end in time{more}")
        if result.exit_code != 0:
            raise _Problem(
                f"setup `{name}` failed (exit {result.exit_code}{more}): {result.tail(1500)}"
            )

    async def _run_inside(
        self, context: Context, command: Sequence[str], evidence: str
    ) -> tuple[process.ProcessResult, bool]:
        """Run a command as the subject: how it ended, and whether it ran out of memory."""
        toolchains = [create_toolchain(name) for name in context.toolchains]
        mounts = [mount for toolchain in toolchains for mount in toolchain.mounts(context.scratch)]
        with context.sandbox.enter(_subject_jail(context, "private", mounts)) as entered:
            for toolchain in toolchains:
                command = toolchain.command(entered, command)
            result = await process.run(
                entered.argv(command),
                deadline=context.deadline,
                output_bytes=context.limits.output_bytes,
            )
            exceeded = entered.memory_exceeded()
        with (context.evidence / evidence).open("ab") as kept:
            kept.write(result.stdout + result.stderr)
        return result, exceeded

    async def _supervised(self, context: Context) -> _Outcome:
        script = context.bench_root / str(self.spec.run)
        report = context.scratch / "report"
        report.mkdir()
        with (
            context.sandbox.enter(_subject_jail(context, "shared")) as subject,
            context.sandbox.enter(browser_jail("shared")) as browser,
        ):
            chromium = _browser_script(context.scratch, browser)
            jail = self._supervisor(context, subject, script, report)
            if chromium is not None:
                mounts = (
                    *jail.mounts,
                    *browser.host_mounts,
                    Mount(chromium.parent, str(chromium.parent)),
                )
                environment = (*jail.environment, ("FIVEROUNDS_CHROMIUM", str(chromium)))
                jail = replace(jail, mounts=mounts, environment=environment)
            with context.sandbox.enter(jail) as supervisor:
                result = await process.run(
                    supervisor.argv([sys.executable, "-B", str(script)]),
                    deadline=context.deadline,
                    output_bytes=context.limits.output_bytes,
                )
            exceeded = subject.memory_exceeded()
        (context.evidence / "script.txt").write_bytes(result.stdout + result.stderr)
        data = read_file(report, "report.json", _REPORT_BYTES)
        if data is None and result.timed_out:
            raise _Problem("timed out before the script reported anything")
        parsed = parse(data, "json") if data is not None else "left no report"
        if isinstance(parsed, str) or result.exit_code not in (0, None):
            problem = parsed if isinstance(parsed, str) else "broke"
            raise AssertionBroken(
                f"{self.spec.run}: {problem} (exit {result.exit_code}): {result.tail(1500)}"
            )
        return _Outcome(
            parsed,
            fatal="the script did not end in time" if result.timed_out else "",
            remark="the subject ran out of memory" if exceeded else "",
        )

    def _supervisor(self, context: Context, subject: Entered, script: Path, report: Path) -> Jail:
        packages = Path(fiverounds.__file__).resolve().parent
        users = [  # `pip install --user`: not below the prefix, and not where the jail's HOME is
            Path(entry)
            for entry in sys.path
            if Path(entry).name == "site-packages" and not Path(entry).is_relative_to(sys.prefix)
        ]
        trusted = (
            Path(sys.prefix),
            Path(sys.base_prefix).resolve(),
            packages,
            script.parent.resolve(),
            *users,
        )
        mounts = [Mount(path, str(path)) for path in trusted if not path.is_relative_to("/usr")]
        mounts += [Mount(path, str(path), writable=True) for path in (report, context.evidence)]
        environment = {
            "PYTHONPATH": os.pathsep.join(map(str, (packages.parent, *users))),
            "PYTHONDONTWRITEBYTECODE": "1",
            "FIVEROUNDS_SUBJECT": json.dumps(subject.argv([])),
            "FIVEROUNDS_PORT": str(_free_port()),
            "FIVEROUNDS_WORKSPACE": str(context.workspace),
            "FIVEROUNDS_EVIDENCE": str(context.evidence),
            "FIVEROUNDS_REPORT": str(report / "report.json"),
        }
        return Jail(
            context.limits,
            mounts=(*mounts, *subject.host_mounts),
            environment=tuple(environment.items()),
            role="supervisor",
        )

    async def _inside(self, context: Context) -> _Outcome:
        command = (self.spec.run,) if isinstance(self.spec.run, str) else self.spec.run
        name = " ".join(command)
        by_exit_code = self.spec.report == "exit-code" or (
            self.spec.report == "auto" and not self.spec.report_file
        )
        if self.spec.report_file:  # an answer may bring one of its own
            discard(context.workspace, self.spec.report_file)
        result, exceeded = await self._run_inside(context, command, "output.txt")
        remark = "out of memory" if exceeded else ""
        if result.timed_out:
            raise _Problem(f"`{name}` did not end in time")
        unhappy = f"`{name}` ended with exit {result.exit_code}: {result.tail(1500)}"
        if by_exit_code:
            verdict = Verdict.FAILED if result.exit_code else Verdict.PASSED
            message = unhappy if result.exit_code else ""
            return _Outcome(Report((Item(id=name, verdict=verdict, message=message),)), "", remark)
        data: bytes | None = result.stdout
        if self.spec.report_file:
            data = read_file(context.workspace, self.spec.report_file, _REPORT_BYTES)
        if data is None:
            raise _Problem(f"{unhappy}; it left no {self.spec.report_file}")
        parsed = parse(data, self.spec.report)
        if isinstance(parsed, str):
            raise _Problem(f"{parsed}; {unhappy}" if result.exit_code else parsed)
        failures = any(item.verdict is not Verdict.PASSED for item in parsed.items)
        return _Outcome(parsed, unhappy if result.exit_code and not failures else "", remark)

    def _judged(self, context: Context, outcome: _Outcome) -> AssertionResult:
        items = outcome.report.items
        total = len(items)
        passed = sum(item.verdict is Verdict.PASSED for item in items)
        broken = [item for item in items if item.verdict is Verdict.ERROR]
        bad = [item for item in items if item.verdict in (Verdict.FAILED, Verdict.SKIPPED)]
        needed = total if self.spec.min_passed is None else self.spec.min_passed
        if broken:
            verdict = Verdict.ERROR
        elif outcome.fatal or passed < needed:
            verdict = Verdict.FAILED
        else:
            verdict = Verdict.PASSED
        first = [f"{item.id}: {item.message or item.verdict}" for item in [*broken, *bad][:10]]
        reasons = [reason for reason in (outcome.fatal, outcome.remark, *first) if reason]
        return AssertionResult(
            assertion_id=context.assertion_id,
            type="script",
            verdict=verdict,
            score=None if broken else passed / total,
            summary=f"{passed}/{total}",
            reasons=() if verdict is Verdict.PASSED else tuple(reasons),
            metrics=(
                Metric(name="checks_passed", value=passed, unit="count"),
                Metric(name="checks_total", value=total, unit="count"),
                *outcome.report.metrics,
            ),
            items=items,
            evidence=self._evidence(context),
            proof=_OUTSIDE if self._is_script else _INSIDE,
        )

    def _failed(self, context: Context, reason: str) -> AssertionResult:
        return AssertionResult(
            assertion_id=context.assertion_id,
            type="script",
            verdict=Verdict.FAILED,
            score=0.0,
            summary="no checks reached",
            reasons=(reason,),
            evidence=self._evidence(context),
            proof=_OUTSIDE if self._is_script else _INSIDE,
        )

    def _evidence(self, context: Context) -> tuple[str, ...]:
        return tuple(
            context.evidence_name(path)
            for path in sorted(context.evidence.iterdir())
            if path.is_file()
        )


def _subject_jail(
    context: Context, network: Literal["private", "shared"], mounts: Sequence[Mount] = ()
) -> Jail:
    return Jail(
        context.limits,
        workspace=context.workspace,
        mounts=(*python.interpreter_mounts(), *mounts),
        environment=(("PATH", python.search_path()), ("PORT", str(_free_port()))),
        network=network,
    )


def _browser_script(scratch: Path, browser: Entered) -> Path | None:
    """One executable that starts Chromium in a jail of its own: the page it shows is the subject's."""
    chromium = find_chromium()
    if chromium is None:
        return None
    script = scratch / "browser" / "chromium"
    script.parent.mkdir()
    script.write_text(
        f'#!/bin/sh\nexec {shlex.join(browser.argv([str(chromium)]))} "$@"\n', encoding="utf-8"
    )
    script.chmod(0o755)
    return script


def _free_port() -> int:
    """A port nobody uses now. In a jail the whole loopback is the subject's own, so nobody can take it in between."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
