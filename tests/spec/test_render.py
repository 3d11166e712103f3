from __future__ import annotations

import json
from pathlib import Path

import pytest

from fiverounds.errors import Problem
from fiverounds.spec.load import MAX_PROBLEMS
from fiverounds.spec.render import MANY, render_github, render_json, render_sarif, render_text

PROBLEM = Problem("b.yaml", 2, 3, "a.b", "unknown key `c`", "did you mean `d`?")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b.yaml").write_text("a:\n  c: 1\nd: 2\ne: 3\n")


def test_text() -> None:
    assert render_text([PROBLEM]) == (
        "b.yaml:2:3: a.b: unknown key `c`\n"
        "  1 │ a:\n"
        "  2 │   c: 1\n"
        "    │   ^\n"
        "  3 │ d: 2\n"
        "  did you mean `d`?\n"
        "\n"
        "1 problem\n"
    )


def test_text_without_a_file() -> None:
    problems = [Problem("none.yaml", 1, 1, "", "is empty"), PROBLEM]
    text = render_text(problems)
    assert text.startswith("none.yaml:1:1: is empty\n\nb.yaml:2:3")
    assert text.endswith("\n2 problems in 2 files\n")


def test_a_flood_says_so() -> None:
    assert render_text([PROBLEM] * MANY).endswith("\n100 problems; there may be more\n")
    assert MANY == MAX_PROBLEMS


def test_json() -> None:
    assert json.loads(render_json([PROBLEM])) == [
        {
            "file": "b.yaml",
            "line": 2,
            "column": 3,
            "path": "a.b",
            "message": "unknown key `c`",
            "hint": "did you mean `d`?",
        }
    ]
    assert json.loads(render_json([])) == []


def test_github() -> None:
    odd = Problem("a,b:c%.yaml", 1, 2, "", "100 %\r\n::error::x", None)
    assert render_github([PROBLEM, odd]) == (
        "::error file=b.yaml,line=2,col=3,title=a.b::unknown key `c` (did you mean `d`?)\n"
        "::error file=a%2Cb%3Ac%25.yaml,line=1,col=2,title=bench::100 %25%0D%0A::error::x\n"
    )


def test_sarif() -> None:
    (run,) = json.loads(render_sarif([PROBLEM]))["runs"]
    (result,) = run["results"]
    assert result["message"]["text"] == "a.b: unknown key `c` (did you mean `d`?)"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "b.yaml"
    assert place["region"] == {"startLine": 2, "startColumn": 3}
