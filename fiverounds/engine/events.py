"""What the engine tells its listeners (progress on a terminal, plain lines in CI)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fiverounds.plan.trial import Plan, Trial
from fiverounds.results import TrialResult


@dataclass(frozen=True, slots=True)
class RunStarted:
    """First event."""

    run_id: str
    plan: Plan
    sandbox: str


@dataclass(frozen=True, slots=True)
class TrialStarted:
    """A trial left the queue."""

    trial: Trial


@dataclass(frozen=True, slots=True)
class TrialPhase:
    """What a trial is doing now: `asking`, `pytest`, `fps`, …"""

    trial: Trial
    phase: str


@dataclass(frozen=True, slots=True)
class TrialFinished:
    """A trial is final and stands in the journal."""

    trial: Trial
    result: TrialResult


@dataclass(frozen=True, slots=True)
class RunFinished:
    """Last event; also after an interruption."""

    interrupted: bool


Event = RunStarted | TrialStarted | TrialPhase | TrialFinished | RunFinished


class Listener(Protocol):
    """Called in order, synchronously; must be quick."""

    def on_event(self, event: Event) -> None:
        """Take notice."""
        ...
