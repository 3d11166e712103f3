"""Plain values as JSON and back, exactly.

The decoder trusts nothing: what it returns is made of exact built-in types, so no subclass with an `__eq__` of its
own ever reaches a test. JSON objects are always tags with one key; whatever else comes is refused.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

MAXIMUM_BYTES = 1024 * 1024
MAXIMUM_DEPTH = 200
MAXIMUM_VALUES = 200_000
_SAFE_INTEGER = 2**53
_PLAIN: tuple[type, ...] = (bool, int, float, str, bytes, list, tuple, dict, set, frozenset)
_MANY = {"t": tuple, "s": set, "z": frozenset}
_TAG_OF: dict[type, str] = {tuple: "t", set: "s", frozenset: "z"}


class CannotCross(Exception):
    """A value that is not plain, too deep or too big."""


class _Budget:
    """Counts values, so that neither side builds without bound."""

    def __init__(self) -> None:
        self.values = 0

    def spend(self, depth: int) -> None:
        self.values += 1
        if depth > MAXIMUM_DEPTH:
            raise CannotCross(f"a value nested more than {MAXIMUM_DEPTH} deep")
        if self.values > MAXIMUM_VALUES:
            raise CannotCross(f"more than {MAXIMUM_VALUES} values")


def encode(value: object) -> Any:
    """A plain value as what `json.dumps` takes. Subclasses are taken as their built-in base.

    Raises:
        CannotCross: the value, or something in it, is not plain.
    """
    return _encode(value, 0, _Budget())


def decode(data: object) -> Any:
    """The value that `encode` was given.

    Raises:
        CannotCross: too deep, too many.
        ValueError: not made by `encode`.
    """
    try:
        return _decode(data, 0, _Budget())
    except TypeError as error:  # an unhashable key
        raise ValueError(str(error)) from error


def _encode(value: Any, depth: int, budget: _Budget) -> Any:
    budget.spend(depth)
    if value is None:
        return None
    # type() and the base classes' own methods: a subclass may lie about everything else.
    base = next((plain for plain in _PLAIN if issubclass(type(value), plain)), None)
    if base is None:
        raise CannotCross(f"a value of type {type(value).__name__}")
    if base is bool:
        return value is True
    if base is int:
        number = int.__int__(value)
        return number if -_SAFE_INTEGER <= number <= _SAFE_INTEGER else {"i": hex(number)}
    if base is float:
        return {"f": float.hex(float.__float__(value))}
    if base is str:
        return _encode_text(str.__str__(value))
    if base is bytes:
        return {"b": base64.b64encode(bytes.__getitem__(value, slice(None))).decode("ascii")}
    return _encode_many(value, base, depth, budget)


def _encode_many(value: Any, base: type, depth: int, budget: _Budget) -> Any:
    def each(values: Iterable[Any]) -> list[Any]:
        return [_encode(inner, depth + 1, budget) for inner in values]

    if base is dict:
        return {"d": [each(pair) for pair in list(dict.items(value))]}
    items = each(base.__iter__(value))  # type: ignore[attr-defined]
    return items if base is list else {_TAG_OF[base]: items}


def _encode_text(text: str) -> Any:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # JSON would join two lone surrogates into one character
        return {"u": base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")}
    return text


def _decode(data: object, depth: int, budget: _Budget) -> Any:
    budget.spend(depth)
    if data is None or type(data) in (bool, int, str):
        return data
    if type(data) is list:
        return [_decode(inner, depth + 1, budget) for inner in data]
    if type(data) is not dict or len(data) != 1:
        raise ValueError("neither a plain value nor a tag")
    ((tag, content),) = data.items()
    if type(content) is list:
        return _decode_many(tag, content, depth, budget)
    if type(content) is str:
        return _decode_text(tag, content)
    raise ValueError(f"tag {tag!r} with content of the wrong type")


def _decode_many(tag: str, content: list[Any], depth: int, budget: _Budget) -> Any:
    if tag in _MANY:
        return _MANY[tag](_decode(inner, depth + 1, budget) for inner in content)
    if tag == "d" and all(type(pair) is list and len(pair) == 2 for pair in content):
        return {
            _decode(key, depth + 1, budget): _decode(inner, depth + 1, budget)
            for key, inner in content
        }
    raise ValueError(f"unknown tag {tag!r}")


def _decode_text(tag: str, content: str) -> Any:
    if tag == "i":
        return int(content, 16)
    if tag == "f":
        return float.fromhex(content)
    if tag == "u":
        return base64.b64decode(content, validate=True).decode("utf-8", "surrogatepass")
    if tag == "b":
        return base64.b64decode(content, validate=True)
    raise ValueError(f"unknown tag {tag!r}")
