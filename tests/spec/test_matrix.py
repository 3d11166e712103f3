from __future__ import annotations

from pathlib import Path

import pytest

from tests.spec.helpers import GOOD, problems_in


@pytest.mark.parametrize(
    "matrix",
    [
        "{include: [{provider: 'r*'}]}",
        "{include: [{prompt: '[ab]rief'}], exclude: []}",
        "{include: [{round: 'o?e'}]}",
    ],
)
def test_good(folder: Path, matrix: str) -> None:
    assert problems_in(folder, f"{GOOD}matrix: {matrix}\n") == []


def test_many_wildcards(folder: Path) -> None:
    pattern = "*a" * 30
    (problem,) = problems_in(folder, f"{GOOD}matrix: {{exclude: [{{round: '{pattern}'}}]}}\n")
    assert "a pattern takes at most 8 `*`" in problem


def test_too_many_trials_by_a_round(folder: Path) -> None:
    text = GOOD.replace("prompt: brief", "prompt: brief\n    repeats: 9223372036854775807")
    (problem,) = problems_in(folder, text)
    assert problem.startswith("bench.yaml:10:14: rounds[0].repeats: more than 1,000,000 trials")


def test_the_matrix_is_not_judged_while_names_are_wrong(folder: Path) -> None:
    text = GOOD.replace("prompt: brief", "prompt: breif") + "matrix: {include: [{round: none}]}\n"
    (problem,) = problems_in(folder, text)
    assert "no prompt is called `breif`" in problem
