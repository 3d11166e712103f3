"""What a report is made of: rows, totals and the gate, counted but not yet formatted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fiverounds.errors import ExitCode
from fiverounds.report.gate import GateOutcome
from fiverounds.results import TrialResult, Verdict
from fiverounds.store.runlog import RunLog


@dataclass(frozen=True, slots=True)
class Counts:
    """How trials ended."""

    passed: int = 0
    failed: int = 0
    error: int = 0
    skipped: int = 0
    not_run: int = 0

    @property
    def planned(self) -> int:
        """All of them."""
        return self.passed + self.failed + self.error + self.skipped + self.not_run

    @property
    def ran(self) -> bool:
        """False when there is nothing but skipped trials, whose time means nothing."""
        return self.passed + self.failed + self.error > 0

    @property
    def verdict(self) -> Verdict | None:
        """One word for several repeats, the worst first; `None`: (partly) not run."""
        if self.error:
            return Verdict.ERROR
        if self.failed:
            return Verdict.FAILED
        if self.not_run:
            return None
        return Verdict.PASSED if self.passed else Verdict.SKIPPED


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of which parts may be unknown; `value` is `None` when all are."""

    value: int | None
    partial: bool = False
    """True: at least `value`."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What one row or provider used."""

    prompt: Amount
    output: Amount
    per_second: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """One provider in one round with one prompt, its repeats taken together."""

    provider: str
    column: str
    """`round`, or `round/prompt` where the round has several prompts."""
    counts: Counts
    score: str
    """What was achieved: `55/58`; with repeats, how many passed: `2 of 3`."""
    attempts: tuple[tuple[Verdict, ...], ...]
    """For each repeat, how its attempts ended."""
    wall_clock_seconds: float
    tokens: Tokens
    reasons: tuple[str, ...]
    """Why it did not pass (or was skipped), most important first."""
    failing: tuple[str, ...]
    """Tests, checks or bugs that did not pass."""
    tampered: tuple[str, ...]
    mend: str
    """The command that brings a missing provider in."""
    results: tuple[TrialResult, ...]

    @property
    def verdict(self) -> Verdict | None:
        """One word for the row."""
        return self.counts.verdict


@dataclass(frozen=True, slots=True)
class Total:
    """All trials of one provider."""

    provider: str
    label: str
    counts: Counts
    mean_score: float | None
    """Over judged trials; a failed one without a score counts 0."""
    left_out: int
    """Errors, which the mean leaves out."""
    wall_clock_seconds: float
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Summary:
    """A run, ready to be printed."""

    log: RunLog
    providers: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    board: Mapping[tuple[str, str], Row]
    """The rows by provider and column; a cell that was not planned is missing."""
    totals: tuple[Total, ...]
    proofs: tuple[tuple[str, str, str], ...]
    """Column, assertion, how its verdict is protected against forgery."""
    gate: GateOutcome
    exit_code: ExitCode
