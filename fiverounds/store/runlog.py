"""A run read back from its log: all that a report may know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fiverounds.results import TrialResult
from fiverounds.store.header import Fact, RunFooter, RunHeader, RunStatus

FactValue = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class RunLog:
    """Header, plan and what was finished."""

    folder: Path
    header: RunHeader
    plan: tuple[Mapping[str, Any], ...]
    """The planned trials in order; each has at least `trial_id`."""
    results: tuple[TrialResult, ...]
    """Finished trials in the order of the journal; of a trial written twice, the last."""
    facts: tuple[Fact, ...] = ()
    """From header and journal; of a fact written twice, the last."""
    footer: RunFooter | None = None
    notes: tuple[str, ...] = ()
    """What was wrong with the log itself, e.g. a torn last line."""

    @property
    def status(self) -> RunStatus:
        """`started` when the run was killed, or is still going on."""
        return self.footer.status if self.footer else RunStatus.STARTED

    @property
    def planned(self) -> tuple[str, ...]:
        """The planned trial ids."""
        return tuple(str(entry["trial_id"]) for entry in self.plan)

    @property
    def unfinished(self) -> tuple[str, ...]:
        """Planned trials without a result: what is left to do."""
        done = {result.trial_id for result in self.results}
        return tuple(trial_id for trial_id in self.planned if trial_id not in done)

    def fact(self, about: str, name: str) -> FactValue:
        """One fact, or `None`."""
        for fact in self.facts:
            if (fact.about, fact.name) == (about, name):
                return fact.value
        return None
