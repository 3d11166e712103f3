"""A run as GitHub Markdown: tables of the text report, per-test tables, links to evidence. Pure.

Whatever came from outside is escaped: it can neither leave its table cell nor bring in HTML, links,
pictures or mentions. Links are relative to the run's folder, where `report.md` lies.
"""

from __future__ import annotations

from dataclasses import astuple

from fiverounds.report.markup import code, escape, pipe_table
from fiverounds.report.model import Summary
from fiverounds.report.per_test import every_test
from fiverounds.report.summary import several_attempts, skipped_together, summarise
from fiverounds.report.words import (
    UNICODE,
    amount_text,
    attempts_text,
    cell,
    left_out_text,
    mean_text,
    provider_facts,
    run_facts,
    seconds_text,
    speed_text,
    verdict_text,
    word,
)
from fiverounds.results import Verdict
from fiverounds.store.runlog import RunLog
from fiverounds.store.scores import attempt_score

_COST = ("wall clock", "tokens in", "tokens out", "tok/s")
_DETAILS = ("provider", "round", "verdict", "score", "attempts", *_COST)
_TOTALS = ("provider", "passed", "failed", "error", "skipped", "not run", "mean score", *_COST)


def render(log: RunLog) -> str:
    """The whole report, newline at the end."""
    summary = summarise(log)
    sections = [
        _title(summary),
        _scoreboard(summary),
        _section("Details", _details(summary)),
        _section("Totals", _totals(summary)),
        _section("Attempts", _attempts(summary)),
        _section("Not passed, and why", _not_passed(summary)),
        _section("Skipped", _skipped(summary)),
        _section("Tampering seen", _tampering(summary)),
        _section("How verdicts are protected", _proofs(summary)),
        _section("Providers", _providers(summary)),
        _section("Tests and evidence", every_test(summary)),
        _section("About this log", _notes(summary)),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _title(summary: Summary) -> str:
    log = summary.log
    legend = " · ".join(verdict_text(verdict, UNICODE) for verdict in (*Verdict, None))
    return "\n\n".join(
        [
            f"# {escape(log.header.bench.name)}: {escape(log.header.run_id)}",
            f"**{escape(summary.gate.sentence)}** (exit code {summary.exit_code.value},"
            f" run {log.status.value})",
            " · ".join(map(escape, run_facts(log))),
            legend,
        ]
    )


def _section(title: str, body: str) -> str:
    return f"## {title}\n\n{body}" if body else ""


def _scoreboard(summary: Summary) -> str:
    rows = []
    for provider in summary.providers:
        places = (summary.board.get((provider, column)) for column in summary.columns)
        rows.append(
            [escape(provider), *(escape(cell(row, UNICODE)) if row else "" for row in places)]
        )
    return pipe_table(["provider", *map(escape, summary.columns)], rows)


def _details(summary: Summary) -> str:
    rows = [
        [
            escape(row.provider),
            escape(row.column),
            verdict_text(row.verdict, UNICODE),
            escape(row.score),
            attempts_text(row, UNICODE),
            seconds_text(row.wall_clock_seconds) if row.counts.ran else "",
            amount_text(row.tokens.prompt, UNICODE),
            amount_text(row.tokens.output, UNICODE),
            speed_text(row.tokens.per_second),
        ]
        for row in summary.rows
    ]
    return pipe_table(_DETAILS, rows, right=(5, 6, 7, 8))


def _totals(summary: Summary) -> str:
    rows = [
        [
            escape(total.provider),
            *(str(number) for number in astuple(total.counts)),
            mean_text(total),
            seconds_text(total.wall_clock_seconds) if total.counts.ran else "",
            amount_text(total.tokens.prompt, UNICODE),
            amount_text(total.tokens.output, UNICODE),
            speed_text(total.tokens.per_second),
        ]
        for total in summary.totals
    ]
    sentences = [escape(left_out_text(total)) for total in summary.totals if total.left_out]
    return "\n\n".join(
        filter(None, [pipe_table(_TOTALS, rows, range(1, len(_TOTALS))), *sentences])
    )


def _attempts(summary: Summary) -> str:
    rows = [
        [
            escape(result.trial_id),
            str(attempt.number),
            verdict_text(attempt.verdict, UNICODE),
            escape(attempt_score(attempt)),
        ]
        for result in several_attempts(summary)
        for attempt in result.attempts
    ]
    return pipe_table(("trial", "attempt", "verdict", "score"), rows)


def _not_passed(summary: Summary) -> str:
    lines: list[str] = []
    for row in summary.rows:
        if row.verdict not in (Verdict.FAILED, Verdict.ERROR):
            continue
        score = f" ({escape(row.score)})" if row.score else ""
        lines.append(
            f"- **{escape(row.provider)}, {escape(row.column)}: {word(row.verdict)}**{score}"
        )
        lines += [f"  - {escape(reason)}" for reason in row.reasons]
    return "\n".join(lines)


def _skipped(summary: Summary) -> str:
    lines: list[str] = []
    for provider, columns, reasons, mend in skipped_together(summary):
        lines.append(f"- **{escape(provider)}**: {escape(', '.join(columns))}")
        lines += [f"  - {escape(reason)}" for reason in reasons]
        lines += [f"  - mend: {code(mend)}"] if mend else []
    return "\n".join(lines)


def _tampering(summary: Summary) -> str:
    return "\n".join(
        f"- **{escape(row.provider)}, {escape(row.column)}**"
        f" tampered: {escape(', '.join(row.tampered))}"
        for row in summary.rows
        if row.tampered
    )


def _proofs(summary: Summary) -> str:
    rows = [[escape(part) for part in proof] for proof in summary.proofs]
    return pipe_table(("round", "assertion", "proof"), rows)


def _providers(summary: Summary) -> str:
    lines: list[str] = []
    for total in summary.totals:
        known = [*filter(None, [total.label]), *provider_facts(summary.log, total.provider)]
        if known:
            lines.append(f"- **{escape(total.provider)}**: {escape(', '.join(known))}")
    return "\n".join(lines)


def _notes(summary: Summary) -> str:
    unfinished = [f"- no result: {escape(trial_id)}" for trial_id in summary.log.unfinished]
    return "\n".join([*(f"- {escape(note)}" for note in summary.log.notes), *unfinished])
