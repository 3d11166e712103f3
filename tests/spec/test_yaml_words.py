from __future__ import annotations

import pytest

from fiverounds.spec.yaml_source import parse_yaml


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a:\n\tb: 1\n", "indent with spaces"),
        ("a: b: c\n", "put a text that holds `: ` in quotes"),
        ("a: {b: {c}d}\n", "needs quotes here"),
        ('a: "\\q"\n', "use 'single quotes'"),
        ("a: !x!y z\n", "a text with `!` needs quotes"),
        ("a: %b\n", "put it in quotes"),
        ("a: *\n", "a text with `*` needs quotes"),
        ("a: - b\n", "check that the lines above and below start in the same column"),
        ("a: 1\n b: 2\n", "check the indentation"),
    ],
)
def test_each_complaint_comes_with_what_mends_it(text: str, words: str) -> None:
    (problem,) = parse_yaml(text, "f", "a bench").problems
    assert words in str(problem.hint)


def test_what_the_parser_says_is_not_passed_on_unseen() -> None:
    for text in (
        "%TAG ! \x1b\n",
        "a: !<\u202e> b\n",
        "%sk-proj-0123456789abcdef 1\n--- *x\n",
        "- [\n",
        "a: >9x\n b\n",
    ):
        for problem in parse_yaml(text, "f", "a bench").problems:
            assert str(problem).isprintable()
            assert "sk-proj" not in str(problem)
