from __future__ import annotations

from typing import Any

import pytest

from fiverounds.spec.gate_validator import Own, accepts, branches, shape_errors

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["a", "b"],
    "properties": {
        "a": {"type": "integer"},
        "b": {"type": "string", "pattern": "^x$"},
        "c": {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}},
                {"type": "null"},
            ]
        },
        "d": {"$ref": "#/$defs/D"},
    },
    "$defs": {
        "D": {
            "oneOf": [{"$ref": "#/$defs/E"}, {"$ref": "#/$defs/F"}],
            "discriminator": {"propertyName": "t", "mapping": {"e": "#/$defs/E", "f": "#/$defs/F"}},
        },
        "E": {
            "type": "object",
            "properties": {"t": {"const": "e"}, "n": {"type": "number"}},
            "required": ["t"],
        },
        "F": {
            "type": "object",
            "properties": {"t": {"const": "f"}, "n": {"type": "string"}},
            "required": ["t"],
        },
    },
}


def errors(**document: object) -> list[tuple[tuple[str | int, ...], str]]:
    return [
        (error.path, error.keyword) for error in shape_errors({"a": 1, "b": "x"} | document, SCHEMA)
    ]


@pytest.mark.parametrize("value", [True, 1.0, "1", None])
def test_integers(value: object) -> None:
    assert errors(a=value) == [(("a",), "type")]


@pytest.mark.parametrize("value", ["x\n", "xx", "", "X"])
def test_patterns_match_the_whole_text(value: str) -> None:
    assert errors(b=value) == [(("b",), "pattern")]


def test_keys_one_by_one() -> None:
    found = [(error.keyword, error.argument) for error in shape_errors({"y": 1, "z": 2}, SCHEMA)]
    assert sorted(found) == [
        ("required", "a"),
        ("required", "b"),
        (Own.UNKNOWN_KEY, "y"),
        (Own.UNKNOWN_KEY, "z"),
    ]


def test_unions_report_the_branch_that_was_meant() -> None:
    assert errors(c=["a", 1]) == [(("c", 1), "type")]
    assert errors(c=1) == [(("c",), Own.WRONG_TYPE)]
    assert errors(c=None) == []
    assert errors(d={"t": "e", "n": "x"}) == [(("d", "n"), "type")]
    assert errors(d={"t": "f", "n": "x"}) == []
    assert errors(d={"t": "g"}) == [(("d", "t"), "enum")]
    assert errors(d={"t": ["e"]}) == [(("d", "t"), "enum")]
    assert errors(d={"n": 1}) == [(("d",), Own.CHOOSE)]
    assert errors(d=[1]) == [(("d",), Own.WRONG_TYPE)]


def test_verdicts() -> None:
    assert accepts({"a": 1, "b": "x"}, SCHEMA)
    assert not accepts({"a": 1}, SCHEMA)
    assert not accepts([], SCHEMA)


def test_branches() -> None:
    assert branches({"$ref": "#/$defs/D"}, SCHEMA["$defs"]) == [
        SCHEMA["$defs"]["E"],
        SCHEMA["$defs"]["F"],
    ]
    assert branches({"type": "string"}, {}) == [{"type": "string"}]
