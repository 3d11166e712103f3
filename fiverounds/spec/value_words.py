"""Words for values of the wrong type, form or size, each with what one would write instead."""

from __future__ import annotations

import re
from typing import Any

from fiverounds.errors import Problem
from fiverounds.spec.gate_validator import ShapeError
from fiverounds.spec.nodes import Source, SpecPath
from fiverounds.spec.quoting import kind_of, quoted
from fiverounds.spec.schema import JsonSchema
from fiverounds.spec.suggest import closest, did_you_mean, listed

_TYPE_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
_BOUND_WORDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "greater than",
    "exclusiveMaximum": "less than",
}
_NEVER_SHOWN = frozenset({"api_key_env", "pass_env"})
_AMOUNT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*")
_DURATION_UNITS = {
    "ms": ("msec", "msecs", "millis", "milliseconds"),
    "s": ("", "sec", "secs", "second", "seconds"),
    "m": ("min", "mins", "minute", "minutes"),
    "h": ("hr", "hrs", "hour", "hours"),
}
_SIZE_UNITS = {
    "B": ("", "b", "byte", "bytes"),
    "KiB": ("k", "kib", "ki"),
    "MiB": ("m", "mib", "mi"),
    "GiB": ("g", "gib", "gi"),
    "kB": ("kb",),
    "MB": ("mb",),
    "GB": ("gb",),
}


def wrong_type(error: ShapeError, branches: list[JsonSchema], source: Source) -> Problem:
    """A value of a type that none of the branches takes."""
    found = kind_of(error.instance)
    how = next((_how(branch) for branch in branches if _how(branch)), None)
    message = f"found {found}: {how}" if how else f"expected {_expected(branches)}, found {found}"
    mend = _mend_for_type(error.instance, branches, error.path, source)
    return source.problem(error.path, message, mend)


def _how(branch: JsonSchema) -> str | None:
    how = branch.get("patternErrorMessage")
    return str(how) if how and branch.get("type") == "string" else None


def _expected(branches: list[JsonSchema]) -> str:
    words: list[str] = []
    for branch in branches:
        options = branch.get("enum") or ([branch["const"]] if "const" in branch else None)
        if options and isinstance(options[0], str):
            words.append(listed(options))
        elif branch.get("type") in _TYPE_WORDS:
            words.append(_TYPE_WORDS[branch["type"]])
    return " or ".join(dict.fromkeys(words)) or "something else"


def _mend_for_type(
    value: Any, branches: list[JsonSchema], path: SpecPath, source: Source
) -> str | None:
    types = {branch.get("type") for branch in branches}
    node = source.node(path)
    if node is not None and node.from_environment:
        return "an environment variable gives text, and this key takes none"
    if isinstance(value, bool | int | float) and "string" in types:
        guess = next((_unit_guess(f"{value}", _how(branch)) for branch in branches), None)
        return guess or "put it in quotes to make it text"
    if isinstance(value, dict) and "array" in types:
        return "begin each entry of a list with `- `"
    if not isinstance(value, str):
        return None
    if types & {"integer", "number"} and re.fullmatch(r"-?[0-9.]+", value):
        return "remove the quotes to make it a number"
    if "boolean" in types:
        return "write true or false, without quotes"
    return "put it in brackets to make it a list: [ … ]" if "array" in types else None


def wrong_form(error: ShapeError, source: Source) -> Problem:
    """A text that does not match its pattern."""
    path, text = error.path, error.instance
    how = error.schema.get("patternErrorMessage", "has the wrong form")
    if is_hidden(path, source):
        return source.problem(path, how)
    message = f"{quoted(text)} does not fit: {how}"
    return source.problem(path, message, _unit_guess(text, how))


def is_hidden(path: SpecPath, source: Source) -> bool:
    """True for values that must not be quoted: what should name a key, what the environment gave."""
    node = source.node(path)
    named = any(step in _NEVER_SHOWN for step in path)
    return named or node is None or node.from_environment


def _unit_guess(text: str, how: str | None) -> str | None:
    if how is None or not how.startswith(("write a duration", "write a size")):
        return None
    match = _AMOUNT.fullmatch(text)
    units = _DURATION_UNITS if "duration" in how else _SIZE_UNITS
    for unit, spellings in units.items():
        if match and match[2].lower() in (unit.lower(), *spellings):
            return did_you_mean(match[1] + unit)
    return None


def not_an_option(error: ShapeError, source: Source) -> Problem:
    """A value that is none of the few allowed ones."""
    path = error.path
    options = error.argument if error.keyword == "enum" else [error.argument]
    if path == ("fiverounds",):
        return source.problem(path, "this fiverounds reads format 1 only: write `fiverounds: 1`")
    if not isinstance(options[0], str):
        allowed = str(options[0]).lower()
        return source.problem(path, f"can only be `{allowed}`; leave the key out otherwise")
    if not isinstance(error.instance, str):
        message = f"expected {listed(options)}, found {kind_of(error.instance)}"
        return source.problem(path, message)
    what = "value" if is_hidden(path, source) else quoted(error.instance)
    match = closest(error.instance, options)
    mend = did_you_mean(match) if match else f"choose {listed(options)}"
    name = next((step for step in reversed(path) if isinstance(step, str)), "value")
    return source.problem(path, f"unknown {name} {what}", mend)


def out_of_bounds(error: ShapeError, source: Source) -> Problem:
    """A number, text or list that is too small or too large."""
    path, keyword, bound = error.path, error.keyword, error.argument
    if keyword in _BOUND_WORDS:
        message = f"must be {_BOUND_WORDS[keyword]} {bound:g}"
    elif keyword == "maxLength":
        message = f"must not be longer than {bound:,} characters"
    elif keyword == "minItems" and path and path[-1] == "assert":
        message = "a round without assertions measures nothing: add at least one"
    elif keyword in ("minItems", "minLength", "minProperties"):
        message = "must not be empty"
    else:
        message = f"is not allowed here ({keyword})"
    return source.problem(path, message)
