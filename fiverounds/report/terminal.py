"""Text measured, cut and wrapped by the columns it takes on a terminal; tables that fit. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from tabulate import tabulate

from fiverounds.store.redact import clean_terminal

Table = Sequence[Sequence[str]]


def columns_of(text: str) -> int:
    """How many columns a terminal gives to a line; colours take none."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(map(_columns, clean_terminal(text)))


def cut(text: str, columns: int, ellipsis: str) -> str:
    """The text, or as much of it as fits with an ellipsis behind it."""
    if columns_of(text) <= columns:
        return text
    return _head(text, columns - columns_of(ellipsis)).rstrip() + ellipsis


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most so many columns, broken at spaces, within words only where needed."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and columns_of(line) + 1 + columns_of(word) <= columns:
            line = f"{line} {word}"
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, columns)
        lines += full
    return [*lines, line] if line else lines


def paragraph(text: str, columns: int, indent: str, most_lines: int, ellipsis: str) -> list[str]:
    """A wrapped, indented paragraph of few lines; what was left out shows as an ellipsis."""
    inner = columns - len(indent)
    lines = wrap(text, inner)
    if len(lines) > most_lines:
        kept = _head(lines[most_lines - 1], inner - columns_of(ellipsis)).rstrip()
        lines = [*lines[: most_lines - 1], kept + ellipsis]
    return [indent + line for line in lines]


def table(rows: Table, tablefmt: str, right: Sequence[int] = ()) -> list[str]:
    """The lines of a table of texts as they are; columns numbered in `right` go to the right.

    The header is a row like the others: tabulate widens columns whose header it knows.
    """
    alignment = ["right" if index in right else "left" for index in range(len(rows[0]))]
    return tabulate(
        rows,
        tablefmt=tablefmt,
        colalign=alignment,
        disable_numparse=True,
        preserve_whitespace=True,
    ).split("\n")


def framed_table(header: Sequence[str], rows: Table, frame: str) -> list[str]:
    """A table in a frame (`frame` is "rounded_" or, for ASCII, empty).

    With cells of several lines there is a line below each row, otherwise only below the header.
    """
    if any("\n" in text for row in rows for text in row):
        return table([header, *rows], f"{frame}grid")
    top, *lines = table([header, *rows], f"{frame}outline")
    height = max(text.count("\n") for text in header) + 1
    rule = top.translate(str.maketrans("╭┬╮", "├┼┤"))
    return [top, *lines[:height], rule, *lines[height:]]


def fitting_table(
    header: Sequence[str], rows: Table, columns: int, fewest: int, right: Sequence[int]
) -> tuple[list[str], Sequence[str]]:
    """The lines of a table with as many columns as fit, and the headers of those left out.

    Columns go from the right; `fewest` stay even when they do not fit.
    """
    shown = len(header)
    widths = [max(map(columns_of, cells)) for cells in zip(header, *rows, strict=True)]
    while shown > fewest and sum(widths[:shown]) + 2 * (shown - 1) > columns:
        shown -= 1
    kept = [row[:shown] for row in (header, *rows)]
    top, *lines = table(kept, "plain", [index for index in right if index < shown])
    rule = "  ".join("-" * width for width in widths[:shown])
    return [top, rule, *lines], header[shown:]


def _pieces(word: str, columns: int) -> list[str]:
    pieces: list[str] = []
    while columns_of(word) > columns:
        head = _head(word, columns) or word[0]
        pieces.append(head)
        word = word[len(head) :]
    return [*pieces, word]


def _head(text: str, columns: int) -> str:
    used = 0
    for index, letter in enumerate(text):
        used += _columns(letter)
        if used > columns:
            return text[:index]
    return text


def _columns(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1
