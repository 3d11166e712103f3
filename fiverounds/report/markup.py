"""Text from anywhere made harmless in GitHub Markdown. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fiverounds.report.terminal import table
from fiverounds.store.scores import one_line

_SPECIAL = re.compile(r"([\\`*_{}\[\]|~#])")
_LONGEST_REASON = 600


def escape(text: str, longest: int = _LONGEST_REASON) -> str:
    """Any text as one line of Markdown that shows just this text."""
    line = one_line(text)
    if len(line) > longest:
        line = line[: longest - 1].rstrip() + "…"
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = _SPECIAL.sub(r"\\\1", line)
    # An empty comment keeps GitHub from calling the person, and from making a link of an address.
    return (
        line.replace("@", "@<!-- -->").replace("://", ":<!-- -->//").replace("www.", "www<!-- -->.")
    )


def code(text: str) -> str:
    """Any text as a piece of code, to be copied. Not for table cells."""
    line = one_line(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    return f"{fence} {line} {fence}" if "`" in line else f"{fence}{line}{fence}"


def pipe_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()
) -> str:
    """A table of escaped cells; empty without rows."""
    if not rows:
        return ""
    rule, *lines = table([header, *rows], "pipe", right)
    return "\n".join([lines[0], rule, *lines[1:]])
