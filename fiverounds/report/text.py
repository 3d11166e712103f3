"""A run as plain text for a terminal or a file: scoreboard, details, reasons, gate. Pure."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import astuple

from fiverounds.report.model import Row, Summary, Total
from fiverounds.report.scoreboard import scoreboard
from fiverounds.report.style import Style
from fiverounds.report.summary import several_attempts, skipped_together, summarise
from fiverounds.report.terminal import cut, fitting_table, paragraph, wrap
from fiverounds.report.words import (
    ASCII,
    UNICODE,
    amount_text,
    attempt_text,
    attempts_text,
    left_out_text,
    mean_text,
    provider_facts,
    run_facts,
    seconds_text,
    speed_text,
    verdict_text,
)
from fiverounds.results import Verdict
from fiverounds.store.layout import trial_path
from fiverounds.store.runlog import RunLog
from fiverounds.store.scores import one_line

NARROWEST = 40
_INDENT = "    "
_WIDEST_SCORE = 24
_MOST_REASONS = 3
_MOST_LINES = 3
_MOST_FAILING = 8
_COST = ("wall clock", "tok in", "tok out", "tok/s")
_DETAILS = ("round", "verdict", "score", "attempts", *_COST)
_FEWEST_DETAILS = 3
_TOTALS = ("total", "passed", "failed", "error", "skipped", "not run", "score", *_COST)
_FEWEST_TOTALS = 2


def render(
    log: RunLog, columns: int = 100, *, colour: bool = False, encoding: str = "utf-8"
) -> str:
    """The whole report, newline at the end.

    `columns` is the terminal's width (40 at least is used), `encoding` what it can show: with
    anything but UTF-8 the report keeps to ASCII signs, and letters it cannot show become `?`.
    """
    unicode = _is_utf8(encoding)
    style = Style(max(columns, NARROWEST), UNICODE if unicode else ASCII, colour)
    summary = summarise(log)
    sections = [
        _title(summary, style),
        scoreboard(summary, style),
        _details(summary, style),
        _totals(summary, style),
        _section("Attempts", _attempts(summary, style), style),
        _section("Not passed, and why", _not_passed(summary, style), style),
        _section("Skipped", _skipped(summary, style), style),
        _section("Tampering seen", _tampering(summary, style), style),
        _section("How verdicts are protected", _proofs(summary, style), style),
        _section("Providers", _providers(summary, style), style),
        _section("About this log", _notes(summary, style), style),
        _gate(summary, style),
    ]
    text = "\n\n".join(section for section in sections if section)
    text = "\n".join(line.rstrip() for line in text.split("\n")) + "\n"
    return text if unicode else text.encode("ascii", "replace").decode("ascii")


def _is_utf8(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name == "utf-8"
    except LookupError:
        return False


def _title(summary: Summary, style: Style) -> str:
    log, dot = summary.log, style.signs.dot
    title = one_line(dot.join([log.header.bench.name, log.header.run_id, log.status.value]))
    titles = map(style.heading, wrap(title, style.columns))
    facts = wrap(dot.join(run_facts(log)), style.columns)
    legend = ", ".join(verdict_text(verdict, style.signs) for verdict in (*Verdict, None))
    return "\n".join([*titles, *facts, "", *wrap(legend, style.columns)])


def _details(summary: Summary, style: Style) -> str:
    """A line for each row, grouped by provider; those wholly skipped are told of further down."""
    seen = {row.provider for row in summary.rows if row.verdict is not Verdict.SKIPPED}
    rows = [row for row in summary.rows if row.provider in seen]
    if not rows:
        return ""
    rows.sort(key=lambda row: summary.providers.index(row.provider))
    texts = [_detail(row, style) for row in rows]
    lines, missing = fitting_table(_DETAILS, texts, style.columns, _FEWEST_DETAILS, (4, 5, 6, 7))
    out = lines[:2]
    provider = ""
    for row, line in zip(rows, lines[2:], strict=True):
        if row.provider != provider:
            provider = row.provider
            out.append(style.heading(cut(provider, style.columns, style.signs.ellipsis)))
        out.append(line)
    return "\n".join([*out, *_no_room(missing, style)])


def _detail(row: Row, style: Style) -> list[str]:
    signs = style.signs
    return [
        "  " + cut(row.column, style.columns // 3 - 2, signs.ellipsis),
        style.paint(verdict_text(row.verdict, signs), row.verdict),
        cut(row.score, min(_WIDEST_SCORE, style.columns // 3), signs.ellipsis),
        attempts_text(row, signs),
        seconds_text(row.wall_clock_seconds) if row.counts.ran else "",
        amount_text(row.tokens.prompt, signs),
        amount_text(row.tokens.output, signs),
        speed_text(row.tokens.per_second),
    ]


def _totals(summary: Summary, style: Style) -> str:
    if not summary.totals:
        return ""
    header, *rows = _without_zeros([_TOTALS, *(_total(one, style) for one in summary.totals)])
    right = range(1, len(header))
    lines, missing = fitting_table(header, rows, style.columns, _FEWEST_TOTALS, right)
    sentences = [left_out_text(total) for total in summary.totals if total.left_out]
    wrapped = [line for sentence in sentences for line in wrap(sentence, style.columns)]
    return "\n".join([*lines, *_no_room(missing, style), *wrapped])


def _total(total: Total, style: Style) -> list[str]:
    signs = style.signs
    return [
        cut(total.provider, style.columns // 3, signs.ellipsis),
        *(str(number) for number in astuple(total.counts)),
        mean_text(total),
        seconds_text(total.wall_clock_seconds) if total.counts.ran else "",
        amount_text(total.tokens.prompt, signs),
        amount_text(total.tokens.output, signs),
        speed_text(total.tokens.per_second),
    ]


def _without_zeros(rows: list[Sequence[str]]) -> list[list[str]]:
    """Most runs end: a column of trials not run that holds zeros only would take the room."""
    index = _TOTALS.index("not run")
    idle = all(row[index] == "0" for row in rows[1:])
    return [[text for at, text in enumerate(row) if not (idle and at == index)] for row in rows]


def _no_room(missing: Sequence[str], style: Style) -> list[str]:
    return wrap(f"(no room for: {', '.join(missing)})", style.columns) if missing else []


def _section(title: str, lines: Iterator[str], style: Style) -> str:
    body = list(lines)
    return "\n".join([style.heading(title), *body]) if body else ""


def _attempts(summary: Summary, style: Style) -> Iterator[str]:
    """What each attempt achieved, where there were several."""
    for result in several_attempts(summary):
        made = (attempt_text(one, style.signs) for one in result.attempts)
        yield from wrap(f"{result.trial_id}: {', then '.join(made)}", style.columns)


def _not_passed(summary: Summary, style: Style) -> Iterator[str]:
    signs = style.signs
    for row in summary.rows:
        if row.verdict not in (Verdict.FAILED, Verdict.ERROR):
            continue
        verdict = verdict_text(row.verdict, signs)
        place = signs.dot.join(filter(None, [row.provider, row.column, row.score]))
        room = style.columns - len(verdict) - 2
        yield f"{style.paint(verdict, row.verdict)}  {cut(place, room, signs.ellipsis)}"
        for reason in row.reasons[:_MOST_REASONS]:
            yield from _indented(reason, style)
        if len(row.reasons) > _MOST_REASONS:
            yield f"{_INDENT}and {len(row.reasons) - _MOST_REASONS} more"
        yield from _other_tests(row, style)
        if row.mend and row.verdict is Verdict.ERROR:
            yield f"{_INDENT}mend: {row.mend}"
        for result in row.results:
            if result.verdict in (Verdict.FAILED, Verdict.ERROR) and result.attempts:
                yield f"{_INDENT}see {trial_path(result.trial_id)}"


def _other_tests(row: Row, style: Style) -> Iterator[str]:
    """Names of tests that did not pass, but for those the reasons told already."""
    told = "\n".join(row.reasons[:_MOST_REASONS])
    names = [name for name in row.failing if name not in told]
    if names:
        more = f" and {len(names) - _MOST_FAILING} more" if len(names) > _MOST_FAILING else ""
        listed = ", ".join(names[:_MOST_FAILING])
        yield from _indented(f"tests not passed: {listed}{more}", style)


def _skipped(summary: Summary, style: Style) -> Iterator[str]:
    sign = style.signs.verdicts[Verdict.SKIPPED]
    for provider, columns, reasons, mend in skipped_together(summary):
        yield from wrap(f"{sign} {provider}: {', '.join(columns)}", style.columns)
        for reason in reasons[:_MOST_REASONS]:
            yield from _indented(reason, style)
        if mend:
            # On one line, however long: it is there to be copied.
            yield f"{_INDENT}mend: {mend}"


def _tampering(summary: Summary, style: Style) -> Iterator[str]:
    for row in summary.rows:
        if row.tampered:
            yield from wrap(style.signs.dot.join([row.provider, row.column]), style.columns)
            yield from _indented(f"tampered: {', '.join(row.tampered)}", style)


def _proofs(summary: Summary, style: Style) -> Iterator[str]:
    groups: dict[tuple[str, str], list[str]] = {}
    for column, assertion, proof in summary.proofs:
        groups.setdefault((assertion, proof), []).append(column)
    for (assertion, proof), columns in groups.items():
        yield from wrap(f"{assertion}: {proof} ({', '.join(columns)})", style.columns)


def _providers(summary: Summary, style: Style) -> Iterator[str]:
    for total in summary.totals:
        known = [*filter(None, [total.label]), *provider_facts(summary.log, total.provider)]
        if known:
            yield from wrap(f"{total.provider}: {', '.join(known)}", style.columns)


def _notes(summary: Summary, style: Style) -> Iterator[str]:
    for note in summary.log.notes:
        yield from wrap(one_line(note), style.columns)
    if summary.log.unfinished:
        ids = ", ".join(summary.log.unfinished)
        text = f"not run ({len(summary.log.unfinished)}): {ids}"
        yield from paragraph(text, style.columns, "", _MOST_LINES, style.signs.ellipsis)


def _gate(summary: Summary, style: Style) -> str:
    verdict = Verdict.PASSED if summary.exit_code == 0 else Verdict.FAILED
    sentence = f"{summary.gate.sentence} (exit code {summary.exit_code.value})"
    return "\n".join(style.paint(line, verdict) for line in wrap(sentence, style.columns))


def _indented(text: str, style: Style) -> list[str]:
    return paragraph(text, style.columns, _INDENT, _MOST_LINES, style.signs.ellipsis)
