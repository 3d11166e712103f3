from __future__ import annotations

from pathlib import Path

import pytest

from tests.spec.helpers import GOOD, problems_in

SUITE = "{type: pytest, suite: rounds/one/tests}"


def of_assertion(folder: Path, assertion: str, **changes: str) -> list[str]:
    text = GOOD.replace(SUITE, assertion)
    for old, new in changes.items():
        text = text.replace(f"{old}: ", f"{new}: ")
    return [problem.partition("assert[0]")[2] for problem in problems_in(folder, text)]


@pytest.mark.parametrize(
    "assertion",
    [
        "{type: pytest, suite: rounds/one/tests, isolation: process, module: solution}",
        "{type: pytest, suite: rounds/one/tests, expect_tests: 5, min_passed: 5}",
        "{type: pytest, suite: rounds/one/tests, min_passed: 5}",
        "{type: bug-count, manifest: rounds/one/bugs.yaml, total: 2, min_fixed: 2}",
        "{type: fps, page: ./solution.py, duration: 178s}",
        "{type: script, run: [a], report_file: out/x.json}",
    ],
)
def test_good(folder: Path, assertion: str) -> None:
    assert of_assertion(folder, assertion) == []


@pytest.mark.parametrize(
    ("assertion", "problem"),
    [
        (
            "{type: fps, page: solution.py, duration: 179s}",
            ".duration: `duration` and `warm_up` do not fit into the 180 s",
        ),
        ("{type: fps, page: solution.py, duration: 0ms}", ".duration: must be longer than nothing"),
        (
            "{type: pytest, suite: rounds/one/tests, test_timeout: 0s}",
            ".test_timeout: must be longer than nothing",
        ),
        (
            "{type: script, run: [a], report_file: /tmp/x}",
            ".report_file: `/tmp/x` must be relative",
        ),
        (
            "{type: script, run: [a], report_file: ../x}",
            ".report_file: `../x` leads out of the workspace",
        ),
        (
            "{type: script, run: make}",
            ".run: a script's path ends in `.py`; a command is a list | write the command as [make]",
        ),
    ],
)
def test_bad(folder: Path, assertion: str, problem: str) -> None:
    (said,) = of_assertion(folder, assertion)
    assert said.startswith(problem)


def test_starting_files_may_hold_the_module_or_the_page(folder: Path) -> None:
    text = GOOD.replace("prompt: brief", "prompt: brief\n    workspace: rounds/one/project")
    module = SUITE.replace("}", ", isolation: process, module: app}")
    assert problems_in(folder, text.replace(SUITE, module)) == []
    assert problems_in(folder, text.replace(SUITE, "{type: fps, page: index.html}")) == []
