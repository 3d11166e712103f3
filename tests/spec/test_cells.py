from __future__ import annotations

import time

import pytest

from fiverounds.spec.cells import Selector, TooManyTrials, prompt_names
from fiverounds.spec.models import (
    Cell,
    DefaultsSpec,
    MatrixSpec,
    OutputFile,
    RoundSpec,
    ScriptAssertion,
)

ONCE = DefaultsSpec()


def a_round(
    name: str, *prompts: str, after: str | None = None, repeats: int | None = None
) -> RoundSpec:
    return RoundSpec(
        id=name,
        prompt=prompts,
        after=after,
        repeats=repeats,
        output=OutputFile(file="x"),
        assertions=(ScriptAssertion(type="script", run=("true",)),),
    )


def test_names() -> None:
    rounds = [
        a_round("last", "e", after="pairs"),
        a_round("first", "a", "b"),
        a_round("same", "a", "b", after="first"),
        a_round("pairs", "c", "d", after="first"),
        a_round("mixed", "a", "c", after="first"),
        a_round("single", "x"),
        a_round("continued", "y", "z", after="single"),
    ]
    assert prompt_names(rounds, ONCE, 1) == {
        "first": ["a", "b"],
        "same": ["a", "b"],
        "pairs": ["a.c", "b.c", "a.d", "b.d"],
        "last": ["a.c.e", "b.c.e", "a.d.e", "b.d.e"],
        "mixed": ["a", "a.c", "b.c"],
        "single": ["x"],
        "continued": ["y", "z"],
    }


def test_too_many() -> None:
    with pytest.raises(TooManyTrials, match="one"):
        prompt_names([a_round("one", "a", repeats=1_000_001)], ONCE, 1)
    with pytest.raises(TooManyTrials, match="one"):
        prompt_names([a_round("one", "a", "b")], DefaultsSpec(repeats=1000), 501)
    assert prompt_names([a_round("one", "a", "b")], DefaultsSpec(repeats=1000), 500)


def test_an_exponential_chain_is_refused_quickly() -> None:
    rounds = [a_round("r0", "a0", "b0")]
    rounds += [a_round(f"r{i}", f"a{i}", f"b{i}", after=f"r{i - 1}") for i in range(1, 60)]
    started = time.process_time()
    with pytest.raises(TooManyTrials, match=r"r1[89]"):
        prompt_names(rounds, ONCE, 1)
    assert time.process_time() - started < 3


def test_a_long_chain() -> None:
    rounds = [a_round(f"r{i}", "a", "b", after=f"r{i - 1}" if i else None) for i in range(3000)]
    assert prompt_names(rounds[::-1], ONCE, 1)["r2999"] == ["a", "b"]


def test_selector() -> None:
    matrix = MatrixSpec(include=(Cell(provider="a*"),), exclude=(Cell(round="r1", prompt="x"),))
    wants = Selector(matrix).wants
    assert wants("ab", "r1", "y")
    assert not wants("ab", "r1", "x")
    assert not wants("b", "r2", "y")
    assert Selector(MatrixSpec()).wants("b", "r2", "y")
