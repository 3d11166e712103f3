from __future__ import annotations

from fiverounds.spec.models import OutputFile, ReplayProvider, RoundSpec, ScriptAssertion
from fiverounds.spec.placeholders import filled, strange


def a_round(name: str, *prompts: str) -> RoundSpec:
    return RoundSpec(
        id=name,
        prompt=prompts,
        output=OutputFile(file="x"),
        assertions=(ScriptAssertion(type="script", run=("true",)),),
    )


def test_strange() -> None:
    assert strange("a/{round}/{prompt}-{repeat}.{attempt}") == []
    assert strange("{Round}{}{") == ["{Round}", "{}", "{"]
    assert strange("{{round}}") == ["{", "}"]


def test_filled() -> None:
    rounds = [a_round("one", "a", "b"), a_round("two", "a")]
    provider = ReplayProvider(id="p", kind="replay", answers="{round}/{prompt}-{repeat}-{attempt}")
    assert filled(provider, rounds) == ["one/a-1-1", "one/b-1-1", "two/a-1-1"]
    assert filled(provider.model_copy(update={"rounds": ("two",)}), rounds) == ["two/a-1-1"]
    assert filled(provider.model_copy(update={"answers": "all"}), rounds) == ["all"]
