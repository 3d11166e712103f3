from __future__ import annotations

from fiverounds.spec.nodes import Node, plain
from fiverounds.spec.yaml_builder import MAX_DEPTH, MAX_NODES
from fiverounds.spec.yaml_source import parse_yaml


def root_of(text: str) -> Node:
    document = parse_yaml(text, "f", "a bench")
    assert document.root is not None, document.problems
    return document.root


def test_keys_are_text_as_written() -> None:
    assert plain(root_of("1: a\ntrue: b\n0x10: c\n~: d\n")) == {
        "1": "a",
        "true": "b",
        "0x10": "c",
        "~": "d",
    }
    assert plain(root_of("&k a: 1\nb: *k\n*k : 2\n".replace("*k : 2\n", ""))) == {"a": 1, "b": "a"}


def test_anchors_can_be_set_again() -> None:
    assert plain(root_of("a: &x 1\nb: *x\nc: &x 2\nd: *x\n")) == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_the_limits() -> None:
    assert root_of("a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)).height == MAX_DEPTH
    assert (
        "nested more than"
        in parse_yaml("a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH, "f", "").problems[0].message
    )
    aliases = ", ".join(["*x"] * 100)
    fits = f"a: &x [{', '.join('1' * 400)}]\nb: [{aliases}]\n"
    assert root_of(fits).size < MAX_NODES
    assert (
        "more than 50,000 values"
        in parse_yaml(fits + f"c: [{aliases}]\n", "f", "").problems[0].message
    )


def test_a_refused_tag_breaks_its_value_only() -> None:
    document = parse_yaml("a: !x {b: 1}\nc: !!seq [1]\nd: ! 5\n", "f", "a bench")
    assert document.root is not None
    assert len(document.problems) == 1
    assert [document.root.child(key).broken for key in "acd"] == [True, False, False]  # type: ignore[union-attr]
    assert plain(document.root)["d"] == "5"  # type: ignore[index,call-overload]
