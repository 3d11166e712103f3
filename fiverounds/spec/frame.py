"""The lines around a problem, with a caret: `16 │     asserts: []`."""

from __future__ import annotations

from pathlib import Path

from fiverounds.errors import Problem
from fiverounds.spec.key_guard import masked
from fiverounds.spec.text_file import read_text

_WIDTH = 110
_CONTEXT = 30
_LONGEST = 4000


class Frames:
    """Makes frames; reads each file once."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def frame(self, problem: Problem) -> str:
        """Three lines and a caret; empty for a file that cannot be shown as text."""
        if problem.file not in self._lines:
            text = read_text(Path(problem.file), problem.file)
            self._lines[problem.file] = text.splitlines() if isinstance(text, str) else []
        lines = self._lines[problem.file]
        if not 1 <= problem.line <= len(lines) or problem.column > _LONGEST:
            return ""
        start = _window(lines[problem.line - 1], problem.column)
        width = len(str(problem.line + 1))
        shown = []
        for number in range(max(1, problem.line - 1), min(len(lines), problem.line + 1) + 1):
            left = start if number == problem.line else 0
            cut = _visible(lines[number - 1])[left : left + _WIDTH]
            shown.append(f"  {number:>{width}} │ {cut}".rstrip())
            if number == problem.line:
                shown.append(f"  {'':>{width}} │ {' ' * (problem.column - 1 - start)}^")
        return "\n".join(shown)


def _window(line: str, column: int) -> int:
    """How many characters to leave out on the left, so that the caret can be seen."""
    return 0 if column <= _WIDTH else min(column, len(line)) - _CONTEXT


def _visible(line: str) -> str:
    """The line without what could be a key, and without what could move a terminal's cursor."""
    safe = masked(line[:_LONGEST])
    return "".join(c if c.isprintable() else " " if c == "\t" else "·" for c in safe)
