"""What the YAML parser complains of → a problem in an author's words, at the place to look."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from fiverounds.errors import Problem
from fiverounds.spec.quoting import quoted
from fiverounds.spec.yaml_builder import MAX_DEPTH

_INDENT = "check that the lines above and below start in the same column"
_FLOW = "a text that holds `{`, `}`, `[`, `]` or `,` needs quotes here"
_FLOW = "a text that holds `{`, `}`, `[`, `]` or `,` needs quotes here"
_TABLE: tuple[tuple[str, str, str | None], ...] = (
    (r"^nested more than", f"nested more than {MAX_DEPTH} levels deep", None),
    (r"'\\t' that cannot start", "a tab cannot stand here", "indent with spaces"),
    (
        r"mapping values are not allowed",
        "`:` is not allowed here",
        "put a text that holds `: ` in quotes, or check the indentation",
    ),
    (r"could not find expected ':'", "this line is no `key: value`", _INDENT),
    (r"expected <block end>", "this line does not fit the indentation above it", _INDENT),
    (r"expected ',' or '\]'", "this `[` is not closed, or a `,` is missing in it", _FLOW),
    (r"expected ',' or '\}'", "this `{` is not closed, or a `,` is missing in it", _FLOW),
    (r"found unexpected end of stream", "this quote is not closed", None),
    (r"unexpected document separator", "this quote is not closed", None),
    (
        r"expected escape sequence",
        "an unknown `\\` escape",
        "use 'single quotes' for a text with `\\`",
    ),
    (r"found unknown escape", "an unknown `\\` escape", "use 'single quotes' for a text with `\\`"),
    (r"found undefined tag handle", "a tag is not allowed here", "a text with `!` needs quotes"),
    (r"'[%@`]' that cannot start", "a text cannot start like this", "put it in quotes"),
    (r"sequence entries are not allowed", "a `-` is not allowed here", _INDENT),
    (r"expected alphabetic or numeric", "`*` and `&` need a name", "a text with `*` needs quotes"),
)
_AT_CONTEXT = re.compile(r"expected ',' or|unexpected end of stream|document separator")


def syntax_problem(error: Exception, text: str, shown: str) -> Problem:
    """One problem for whatever the parser raised."""
    if isinstance(error, MarkedYAMLError):
        return _marked(error, shown)
    if isinstance(error, ReaderError):
        return _unreadable(error, text, shown)
    return Problem(shown, 1, 1, "", "is not valid YAML: a number or an escape is out of range")


def _marked(error: MarkedYAMLError, shown: str) -> Problem:
    complaint = str(error.problem or error.context or "")
    mark = error.problem_mark or error.context_mark
    opened = error.context_mark
    if _AT_CONTEXT.search(complaint) and opened is not None and opened.line != mark.line:
        mark = opened  # the parser notices an open bracket or quote lines later
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    for pattern, message, hint in _TABLE:
        if re.search(pattern, complaint):
            return Problem(shown, line, column, "", message, hint)
    return Problem(shown, line, column, "", f"is not valid YAML: {_safe(complaint)}")


def _safe(complaint: str) -> str:
    shown = quoted(complaint)
    return complaint if shown == f"`{complaint}`" else "the parser cannot go on here"


def _unreadable(error: ReaderError, text: str, shown: str) -> Problem:
    before = text[: error.position]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    code = ord(error.character) if isinstance(error.character, str) else int(error.character)
    message = f"the control character U+{code:04X} is not allowed in YAML"
    return Problem(
        shown, line, column, "", message, "remove it, or write an escape in double quotes"
    )
