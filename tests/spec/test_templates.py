from __future__ import annotations

from pathlib import Path

import pytest

from tests.spec.helpers import GOOD, problems_in


def of_template(folder: Path, text: str) -> list[str]:
    (folder / "prompts/brief.md").write_text(text)
    return [problem.removeprefix("prompts/brief.md:") for problem in problems_in(folder, GOOD)]


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "{{ previous.assertions[0].metrics.fps }} {{ round }} {{ provider }} {{ attempt }}",
        "{% for a in previous.assertions %}{{ loop.index }} {{ a.id }}{% else %}none{% endfor %}",
        "{% set x = 1 %}{{ x }} {{ range(3) | list }} {% macro m(y) %}{{ y }}{% endmacro %}{{ m(1) }}",
        "{% raw %}{{ x }} {% nothing %}{% endraw %} {# comment #} ${HOME} { } %}",
        "{{ 9**9**9**9 }}",
    ],
)
def test_good(folder: Path, text: str) -> None:
    assert of_template(folder, text) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "\n{{ prvious }}",
            "2:4: prompts.brief: no variable is called `prvious` | did you mean `previous`?",
        ),
        ("{{ x }} {{ x }}", "1:4: prompts.brief: no variable is called `x` | known: `previous`"),
        (
            "a {{ round | uper }}",
            "1:14: prompts.brief: no filter is called `uper` | did you mean `upper`?",
        ),
        ("{% if round is defind %}{% endif %}", "1:16: prompts.brief: no test is called `defind`"),
        (
            "\n\n{% endif %}",
            "3:1: prompts.brief: the template cannot be read: encountered unknown tag 'endif'",
        ),
        ("{{ round", "1:1: prompts.brief: the template cannot be read: unexpected end of template"),
        ("{{ " + "(" * 5000, "1:1: prompts.brief: the template is nested too deeply"),
        (
            "{{ round" + ".a" * 20_000 + " }}",
            "1:1: prompts.brief: the template is nested too deeply",
        ),
        ("{% import 'a' as b %}", "1:1: prompts.brief: a template cannot read other files"),
        ("{% extends 'a' %}", "1:1: prompts.brief: a template cannot read other files"),
        (" \n", "1:1: prompts.brief: is empty"),
    ],
)
def test_bad(folder: Path, text: str, problem: str) -> None:
    (said,) = of_template(folder, text)
    assert said.startswith(problem)


def test_a_large_template(folder: Path) -> None:
    (said,) = of_template(folder, "x" * (1024 * 1024 + 1))
    assert "is too large" in said
