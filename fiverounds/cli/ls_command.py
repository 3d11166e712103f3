"""`fiverounds ls`: the runs there are."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from tabulate import tabulate

from fiverounds.errors import ExitCode
from fiverounds.store.reader import RunListing, list_runs


def main(arguments: argparse.Namespace) -> int:
    """Print them, newest first."""
    runs = list_runs(Path(arguments.logs))
    if arguments.json:
        print(json.dumps([asdict(run) for run in runs], indent=2, default=str))
        return ExitCode.OK
    if not runs:
        print(f"no runs in {arguments.logs}")
        return ExitCode.OK
    print(tabulate([_row(run) for run in runs], headers=_HEADERS, tablefmt="simple"))
    return ExitCode.OK


_HEADERS = ("run", "bench", "status", "trials", "passed", "failed", "error", "skipped")


def _row(run: RunListing) -> tuple[str | int, ...]:
    if run.problem:
        return (run.run_id, "", f"unreadable: {run.problem}", "", "", "", "", "")
    counts = (run.planned, run.passed, run.failed, run.error, run.skipped)
    return (run.run_id, run.bench, run.status.value, *counts)
