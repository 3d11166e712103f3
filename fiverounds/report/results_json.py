"""A run as one JSON document for other programs: totals and every trial in full. Pure.

`schema()` is the JSON Schema of the document.
"""

from __future__ import annotations

import hashlib
from typing import Any

from fiverounds.frozen import Frozen
from fiverounds.report.gate import GateState
from fiverounds.report.model import Amount, Total
from fiverounds.report.summary import summarise
from fiverounds.results import TrialResult
from fiverounds.store.files import json_text
from fiverounds.store.header import FORMAT_VERSION, Fact, Gate, RunStatus
from fiverounds.store.runlog import RunLog


class TokenSum(Frozen):
    """Tokens of several attempts: `None` when no server told; with `partial`, at least `value`."""

    value: int | None
    partial: bool


class ProviderTotals(Frozen):
    """All trials of one provider."""

    provider: str
    passed: int
    failed: int
    error: int
    skipped: int
    not_run: int
    mean_score: float | None
    """Over trials that were judged; `error` trials are left out, never counted as 0."""
    wall_clock_seconds: float
    prompt_tokens: TokenSum
    output_tokens: TokenSum
    tokens_per_second: float | None


class GateResult(Frozen):
    """The gate as asked for, and what became of it."""

    asked: Gate | None
    state: GateState
    sentence: str


class ResultsDocument(Frozen):
    """`results.json`."""

    format_version: int = FORMAT_VERSION
    run_id: str
    bench: str
    bench_digest: str
    header_sha256: str
    """Over the header's canonical JSON: which run.json this belongs to."""
    status: RunStatus
    started_at: str
    finished_at: str | None
    exit_code: int
    gate: GateResult
    facts: tuple[Fact, ...]
    totals: tuple[ProviderTotals, ...]
    not_run: tuple[str, ...]
    """Planned trials without a result."""
    notes: tuple[str, ...]
    trials: tuple[TrialResult, ...]


def document(log: RunLog) -> ResultsDocument:
    """The document as a value."""
    summary = summarise(log)
    header = log.header
    canonical = json_text(header.model_dump(mode="json")).encode()
    return ResultsDocument(
        run_id=header.run_id,
        bench=header.bench.name,
        bench_digest=header.bench.digest,
        header_sha256=hashlib.sha256(canonical).hexdigest(),
        status=log.status,
        started_at=header.started_at,
        finished_at=log.footer.finished_at if log.footer else None,
        exit_code=summary.exit_code.value,
        gate=GateResult(
            asked=header.gate, state=summary.gate.state, sentence=summary.gate.sentence
        ),
        facts=log.facts,
        totals=tuple(map(_totals, summary.totals)),
        not_run=log.unfinished,
        notes=log.notes,
        trials=log.results,
    )


def render(log: RunLog) -> str:
    """The document as text, newline at the end."""
    return json_text(document(log).model_dump(mode="json"), indent=2) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    return ResultsDocument.model_json_schema(mode="serialization")


def _totals(total: Total) -> ProviderTotals:
    return ProviderTotals(
        provider=total.provider,
        passed=total.counts.passed,
        failed=total.counts.failed,
        error=total.counts.error,
        skipped=total.counts.skipped,
        not_run=total.counts.not_run,
        mean_score=total.mean_score,
        wall_clock_seconds=total.wall_clock_seconds,
        prompt_tokens=_token_sum(total.tokens.prompt),
        output_tokens=_token_sum(total.tokens.output),
        tokens_per_second=total.tokens.per_second,
    )


def _token_sum(amount: Amount) -> TokenSum:
    return TokenSum(value=amount.value, partial=amount.partial)
