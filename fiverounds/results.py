"""What comes out: verdicts, measurements and evidence, from one assertion up to one trial.

All of it is written to the log, so all of it is pydantic; unknown is `None`, never a guess.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from fiverounds.frozen import Frozen


class Verdict(StrEnum):
    """`failed`: the subject did badly. `error`: we, the network, the machine or the assertion broke."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


class StopReason(StrEnum):
    """Why the provider stopped talking."""

    FINISHED = "finished"
    MAX_TOKENS = "max_tokens"
    CONTEXT_FULL = "context_full"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"


class Metric(Frozen):
    """One measured number. `unit` is e.g. `fps`, `seconds`, `bytes`, `count`, `ratio`."""

    name: str
    value: float | int | None
    unit: str


class Item(Frozen):
    """One line inside an assertion: a test, a check of a script, a planted bug."""

    id: str
    verdict: Verdict
    message: str = ""
    duration_seconds: float | None = None


class AssertionResult(Frozen):
    """The outcome of one assertion on one attempt."""

    assertion_id: str
    type: str
    verdict: Verdict
    score: float | None = Field(default=None, ge=0, le=1)
    """Share achieved, 0 to 1; `None` with the verdicts `error` and `skipped`."""
    summary: str = ""
    """The few characters a table cell shows: `55/58`, `9/10 bugs`, `58.9 of 60 FPS`."""
    reasons: tuple[str, ...] = ()
    """Why it is not `passed`, most important first."""
    metrics: tuple[Metric, ...] = ()
    items: tuple[Item, ...] = ()
    evidence: tuple[str, ...] = ()
    """Files kept, relative to the attempt's folder in the log."""
    proof: str | None = None
    """How the verdict is protected against forgery, e.g. `out-of-process`, `in-process, guarded`."""
    tampered: tuple[str, ...] = ()
    """What the subject tried to change or forge; empty when nothing was seen."""
    duration_seconds: float = 0.0


class Usage(Frozen):
    """Tokens as the server reports them."""

    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    output_tokens: int | None = None


class Timing(Frozen):
    """Where an attempt's wall clock went, in seconds."""

    load_seconds: float | None = None
    first_token_seconds: float | None = None
    prefill_seconds: float | None = None
    decode_seconds: float | None = None
    provider_seconds: float = 0.0
    assertion_seconds: float = 0.0
    tokens_per_second: float | None = None
    speed_source: str | None = None
    """`server` when the server's own timings were used, `client` when measured here."""


class Attempt(Frozen):
    """One pass provider → workspace → assertions."""

    number: int
    verdict: Verdict
    reason: str = ""
    stop: StopReason | None = None
    usage: Usage = Usage()
    timing: Timing = Timing()
    files: tuple[str, ...] = ()
    """Paths the answer put into the workspace."""
    assertions: tuple[AssertionResult, ...] = ()


class TrialResult(Frozen):
    """One cell of the matrix, finished."""

    trial_id: str
    key: str
    provider: str
    round: str
    prompt: str
    repeat: int
    verdict: Verdict
    reason: str = ""
    score: float | None = None
    attempts: tuple[Attempt, ...] = ()
    started_at: str = ""
    """UTC, ISO 8601."""
    wall_clock_seconds: float = 0.0
