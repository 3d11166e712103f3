"""Problems → text for a terminal, JSON, GitHub annotations, SARIF."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from fiverounds.errors import Problem
from fiverounds.spec.frame import Frames

MANY = 100
"""Reading a bench stops looking for more problems of one sort at this many."""
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def render_text(problems: Iterable[Problem]) -> str:
    """One paragraph a problem: where and what, the lines around it, what mends it; then a count."""
    problems, frames = list(problems), Frames()
    paragraphs = [_paragraph(problem, frames) for problem in problems]
    files = {problem.file for problem in problems}
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    where = f" in {len(files)} files" if len(files) > 1 else ""
    more = "; there may be more" if len(problems) >= MANY else ""
    return "\n\n".join([*paragraphs, count + where + more]) + "\n"


def _paragraph(problem: Problem, frames: Frames) -> str:
    hint = f"  {problem.hint}" if problem.hint else ""
    return "\n".join(part for part in (str(problem), frames.frame(problem), hint) if part)


def render_json(problems: Iterable[Problem]) -> str:
    """A list of objects with the fields of `Problem`."""
    return json.dumps([_fields(problem) for problem in problems], indent=2) + "\n"


def _fields(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "path": problem.path,
        "message": problem.message,
        "hint": problem.hint,
    }


def render_github(problems: Iterable[Problem]) -> str:
    """Workflow commands that GitHub Actions shows beside the line in a pull request."""
    return "".join(f"{_annotation(problem)}\n" for problem in problems)


def _annotation(problem: Problem) -> str:
    title = _property(problem.path or "bench")
    place = f"file={_property(problem.file)},line={problem.line},col={problem.column}"
    return f"::error {place},title={title}::{_data(_sentence(problem))}"


def _sentence(problem: Problem) -> str:
    return f"{problem.message} ({problem.hint})" if problem.hint else problem.message


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def render_sarif(problems: Iterable[Problem]) -> str:
    """A SARIF 2.1.0 log, for code scanning."""
    driver = {"name": "fiverounds", "rules": [{"id": "spec"}]}
    run = {"tool": {"driver": driver}, "results": [_result(problem) for problem in problems]}
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(problem: Problem) -> dict[str, Any]:
    region = {"startLine": problem.line, "startColumn": problem.column}
    place = {"artifactLocation": {"uri": problem.file}, "region": region}
    path = f"{problem.path}: " if problem.path else ""
    return {
        "ruleId": "spec",
        "level": "error",
        "message": {"text": path + _sentence(problem)},
        "locations": [{"physicalLocation": place}],
    }
