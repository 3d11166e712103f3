"""Words for what does not fit; and: the gate and the models accept exactly the same documents."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiverounds.spec.gate import gate
from fiverounds.spec.nodes import Source, plain
from fiverounds.spec.schema import bench_schema, provider_schema
from fiverounds.spec.yaml_source import parse_yaml, read_yaml
from tests.spec.helpers import FUZZED, GOOD, HERE
from tests.spec.mutations import EVERY_KEY, USES, containers, gate_accepts, models_accept, mutate


def said(text: str) -> list[str]:
    root = parse_yaml(text, "f", "a bench").root
    assert root is not None
    return [f"{problem} | {problem.hint}" for problem in gate(Source(root), bench_schema())]


@settings(FUZZED, max_examples=60)
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


@FUZZED
@given(st.sampled_from([EVERY_KEY, USES]), st.integers(1, 3), st.data())
def test_mutations_of_good_documents(good: Any, mutations: int, data: st.DataObject) -> None:
    document = copy.deepcopy(good)
    for _ in range(mutations):
        mutate(document, data)
    assert gate_accepts(document) == models_accept(document)


def test_every_value_replaced_by_every_odd_one() -> None:
    document = copy.deepcopy(EVERY_KEY)
    for container in containers(document):
        for place in list(container) if isinstance(container, dict) else range(len(container)):
            kept = container[place]
            for value in (None, True, 1, 1.0, "x\n", ["x"], {"x": 1}):
                container[place] = value
                assert gate_accepts(document) == models_accept(document), (place, value)
            container[place] = kept


def test_every_key_dropped() -> None:
    document = copy.deepcopy(EVERY_KEY)
    for container in containers(document):
        for place in list(container) if isinstance(container, dict) else ():
            kept = dict(container)
            del container[place]
            assert gate_accepts(document) == models_accept(document), place
            container.clear()
            container.update(kept)


@pytest.mark.parametrize("spec", sorted(HERE.glob("*/*.yaml")), ids=lambda path: path.stem)
def test_good_and_bad_specs(spec: Path) -> None:
    root = read_yaml(spec, spec.name, "a bench").root
    if root is not None:
        assert gate_accepts(plain(root)) == models_accept(plain(root))


def test_python_names_of_keys_are_no_keys() -> None:
    document = copy.deepcopy(EVERY_KEY)
    document["rounds"][0]["assertions"] = document["rounds"][0].pop("assert")
    assert not gate_accepts(document)
    assert not models_accept(document)
