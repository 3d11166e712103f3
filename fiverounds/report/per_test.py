"""Part of the Markdown report: every test by provider, messages, links to evidence. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from urllib.parse import quote

from fiverounds.report.markup import escape, pipe_table
from fiverounds.report.model import Row, Summary
from fiverounds.report.summary import last_assertions, named_items
from fiverounds.report.words import UNICODE
from fiverounds.results import Item, TrialResult, Verdict
from fiverounds.store.layout import attempt_path, trial_path

_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})
_LONGEST_MESSAGE = 300


def every_test(summary: Summary) -> str:
    """A folded block for each round; empty when nothing was judged."""
    return "\n\n".join(filter(None, (_tests_of(summary, column) for column in summary.columns)))


def _tests_of(summary: Summary, column: str) -> str:
    """Tests by providers of one round, messages of those that did not pass, evidence."""
    rows = [row for row in summary.rows if row.column == column and row.results]
    by_row = [(row, items) for row in rows if (items := _items(row))]
    names = dict.fromkeys(name for _, items in by_row for name in items)
    lines = [
        [escape(name), *(_item_cell(items.get(name, []), row) for row, items in by_row)]
        for name in names
    ]
    parts = [
        pipe_table(["test", *(escape(row.provider) for row, _ in by_row)], lines),
        "\n".join(line for row in rows for line in _messages(row)),
        "\n".join(line for row in rows for line in _evidence(row)),
    ]
    body = "\n\n".join(filter(None, parts))
    title = f"<summary>{escape(column)}</summary>"
    return f"<details>\n{title}\n\n{body}\n\n</details>" if body else ""


def _items(row: Row) -> dict[str, list[Item]]:
    items: dict[str, list[Item]] = {}
    for result in row.results:
        for name, item in named_items(result):
            items.setdefault(name, []).append(item)
    return items


def _item_cell(items: Sequence[Item], row: Row) -> str:
    """A sign; with repeats, how often it passed."""
    if not items:
        return ""
    if row.counts.planned == 1:
        return UNICODE.verdicts[items[0].verdict]
    passed = sum(item.verdict is Verdict.PASSED for item in items)
    return f"{passed} of {len(items)}"


def _messages(row: Row) -> Iterator[str]:
    for result in row.results:
        for name, item in named_items(result):
            if item.verdict is not Verdict.PASSED and item.message:
                message = escape(item.message, _LONGEST_MESSAGE)
                yield f"- {escape(row.provider)}, {escape(name)}: {message}"


def _evidence(row: Row) -> Iterator[str]:
    for result in row.results:
        if not result.attempts:
            continue
        folder = trial_path(result.trial_id)
        links = "".join(f", {link}" for link in _links(result))
        yield f"- [{escape(result.trial_id)}]({quote(str(folder))}/){links}"


def _links(result: TrialResult) -> Iterator[str]:
    number = result.attempts[-1].number
    for assertion in last_assertions(result):
        for name in assertion.evidence:
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or not path.parts:
                continue  # leads out of the log
            link = (
                f"[{escape(path.name)}]({quote(str(attempt_path(result.trial_id, number) / path))})"
            )
            yield f"!{link}" if path.suffix.lower() in _PICTURES else link
