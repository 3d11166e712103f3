from __future__ import annotations

import copy
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fiverounds.spec.gate import gate
from fiverounds.spec.nodes import Source
from fiverounds.spec.schema import bench_schema, provider_schema
from fiverounds.spec.yaml_source import parse_yaml
from tests.spec.helpers import GOOD
from tests.spec.test_gate_equals_models import EVERY_KEY, gate_accepts, mutate


def said(text: str) -> list[str]:
    root = parse_yaml(text, "f", "a bench").root
    assert root is not None
    return [f"{problem} | {problem.hint}" for problem in gate(Source(root), bench_schema())]


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(st.data())
def test_every_refused_document_gets_words_and_places(data: st.DataObject) -> None:
    document = copy.deepcopy(EVERY_KEY)
    for _ in range(3):
        mutate(document, data)
    text = json.dumps(document, indent=1)
    parsed = parse_yaml(text, "f", "a bench")
    if parsed.root is None or parsed.problems:
        return
    problems = list(gate(Source(parsed.root), bench_schema()))
    assert bool(problems) != gate_accepts(document)
    for problem in problems:
        assert 1 <= problem.line <= text.count("\n") + 1
        assert problem.message
        assert len(str(problem)) < 400
        assert str(problem).isprintable()


def test_what_was_reported_before_is_passed_over() -> None:
    assert said(GOOD.replace("output: {file: solution.py}", "output: !x 1")) == []
    assert said(GOOD.replace("brief: {file: prompts/brief.md}", "brief: *none")) == []


def test_a_provider_file() -> None:
    root = parse_yaml("kind: gguf\nfile: 1\n", "f", "a provider file").root
    assert root is not None
    (problem,) = gate(Source(root), provider_schema())
    assert str(problem) == "f:2:7: file: expected text, found a whole number"


def test_a_misspelt_key_is_not_also_missing() -> None:
    assert said(GOOD.replace("assert:", "asserts:")) == [
        "f:11:5: rounds[0].asserts: unknown key `asserts` | did you mean `assert`?"
    ]
    assert said(GOOD.replace("providers:", "provider:")) == [
        "f:3:1: provider: unknown key `provider` | did you mean `providers`?"
    ]
