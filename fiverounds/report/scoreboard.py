"""The scoreboard of a text report: providers down, rounds across. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from fiverounds.report.model import Summary
from fiverounds.report.style import Style
from fiverounds.report.terminal import columns_of, cut, framed_table, wrap
from fiverounds.report.words import UNICODE, cell

_NARROWEST_CELL = 12
_GAP = 3
"""What a column takes beside its text: a line and two spaces."""


def scoreboard(summary: Summary, style: Style) -> str:
    """The table; several, one below the other, when the rounds do not fit side by side."""
    if not summary.rows:
        return ""
    first = max(map(columns_of, ("provider", *summary.providers)))
    first = min(first, style.columns // 3)
    room = style.columns - 1 - (first + _GAP)
    natural = [_natural_width(summary, column, style) for column in summary.columns]
    tables: list[str] = []
    start = 0
    while start < len(natural):
        count, width = _fitting(natural[start:], room)
        tables += _board(summary, summary.columns[start : start + count], first, width, style)
        start += count
    return "\n".join(tables)


def _natural_width(summary: Summary, column: str, style: Style) -> int:
    cells = (cell(row, style.signs) for row in summary.rows if row.column == column)
    return max(map(columns_of, (column, *cells)))


def _fitting(natural: Sequence[int], room: int) -> tuple[int, int]:
    """How many columns go into one table, and how wide each may be."""
    most = min(len(natural), room // (_GAP + 1))
    for count in range(most, 1, -1):
        width = _widest_allowed(natural[:count], room)
        if width >= min(_NARROWEST_CELL, max(natural[:count])):
            return count, width
    return 1, max(_NARROWEST_CELL, room - _GAP)


def _widest_allowed(natural: Sequence[int], room: int) -> int:
    """The widest limit on every column with which all of them fit; narrow ones leave theirs."""
    for width in range(max(natural), 0, -1):
        if sum(min(one, width) + _GAP for one in natural) <= room:
            return width
    return 0


def _board(
    summary: Summary, chosen: Sequence[str], first: int, width: int, style: Style
) -> list[str]:
    header = ["provider", *("\n".join(wrap(column, width)) for column in chosen)]
    rows: list[list[str]] = []
    for provider in summary.providers:
        line = [cut(provider, first, style.signs.ellipsis)]
        for column in chosen:
            row = summary.board.get((provider, column))
            text = "\n".join(wrap(cell(row, style.signs), width)) if row else ""
            line.append(style.paint(text, row.verdict) if row else "")
        rows.append(line)
    return framed_table(header, rows, "rounded_" if style.signs is UNICODE else "")
