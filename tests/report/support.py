"""Logs made in memory."""

from __future__ import annotations

from pathlib import Path

from fiverounds.results import TrialResult
from fiverounds.store.header import Fact, Gate, RunFooter, RunStatus
from fiverounds.store.runlog import RunLog
from tests.golden.sample import header


def log_of(
    *results: TrialResult,
    planned: tuple[str, ...] | None = None,
    gate: Gate | None = None,
    status: RunStatus | None = RunStatus.FINISHED,
    facts: tuple[Fact, ...] = (),
    notes: tuple[str, ...] = (),
) -> RunLog:
    """A finished run of these trials; `planned` defaults to just them."""
    ids = planned if planned is not None else tuple(result.trial_id for result in results)
    return RunLog(
        folder=Path("nowhere"),
        header=header().model_copy(update={"gate": gate}),
        plan=tuple({"trial_id": trial_id} for trial_id in ids),
        results=results,
        facts=facts,
        footer=RunFooter(status=status, finished_at="t") if status else None,
        notes=notes,
    )
