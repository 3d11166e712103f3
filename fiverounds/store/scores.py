"""One trial as one line of `_logs/SCORES.txt`, and the few words reports show of it. Pure.

    2026-11-23T15:04:05Z  20261123-150405-five-rounds  ref  r3-lisp  passed  58/58  1.9s  lisp/1

The last column is prompt and repeat. Lines of all runs stand in one file, in the order they ended.
"""

from __future__ import annotations

from datetime import UTC, datetime

from fiverounds.results import AssertionResult, Attempt, TrialResult, Verdict
from fiverounds.store.redact import clean_terminal

_WIDTHS = (20, 28, 20, 14, 7, 20, 7)
"""Columns are at least this wide, so that lines of different runs stand under each other."""


def one_line(text: str) -> str:
    """Text from anywhere as one harmless line."""
    return " ".join(clean_terminal(text).split())


def score_text(result: TrialResult) -> str:
    """What was achieved: `58/58`, `9/10 bugs, 35/35`; empty when nothing was judged."""
    return attempt_score(result.attempts[-1]) if result.attempts else ""


def attempt_score(attempt: Attempt) -> str:
    """The same for one attempt; `no answer` when there was nothing to judge."""
    if not attempt.assertions and attempt.verdict is Verdict.FAILED:
        return "no answer"
    return ", ".join(filter(None, map(_assertion_score, attempt.assertions)))


def _assertion_score(assertion: AssertionResult) -> str:
    summary = one_line(assertion.summary)
    if summary or assertion.verdict in (Verdict.ERROR, Verdict.SKIPPED):
        return summary
    if assertion.items:
        passed = sum(item.verdict is Verdict.PASSED for item in assertion.items)
        return f"{passed}/{len(assertion.items)}"
    return "" if assertion.score is None else f"{assertion.score:.0%}"


def score_line(run_id: str, result: TrialResult) -> str:
    """The line, newline included. Columns are two spaces or more apart; none is empty."""
    cells = (
        _seconds_precise(result.started_at),
        run_id,
        result.provider,
        result.round,
        result.verdict.value,
        score_text(result) or "-",
        f"{result.wall_clock_seconds:.1f}s",
        f"{result.prompt}/{result.repeat}",
    )
    padded = [cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=False)]
    return "  ".join([*padded, cells[-1]]) + "\n"


def _seconds_precise(timestamp: str) -> str:
    try:
        moment = datetime.fromisoformat(timestamp)
    except ValueError:
        return one_line(timestamp) or "-"
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
