"""Tree × JSON Schema → problems in our own words; values that may be secret are never quoted."""

from __future__ import annotations

from collections.abc import Iterator

from fiverounds.errors import Problem
from fiverounds.spec.gate_validator import Own, ShapeError, branches, shape_errors
from fiverounds.spec.key_words import choose, meant_key, missing_key, unknown_key, unknown_name
from fiverounds.spec.nodes import Source, plain
from fiverounds.spec.schema import JsonSchema
from fiverounds.spec.value_words import not_an_option, out_of_bounds, wrong_form, wrong_type


def gate(source: Source, schema: JsonSchema) -> Iterator[Problem]:
    """Every way in which a document does not have the shape of the schema.

    What was reported while the YAML was read (broken nodes) is passed over.
    """
    document = plain(source.root)
    errors = [e for e in shape_errors(document, schema) if not source.is_broken(e.path)]
    explained = {(error.path, meant) for error in errors for meant in _meant_keys(error)}
    for error in errors:
        if error.keyword != "required" or (error.path, error.argument) not in explained:
            yield _problem(error, source, schema)


def _meant_keys(error: ShapeError) -> Iterator[str]:
    """The missing key that a misspelt one stands for: reporting both would be one too many."""
    if error.keyword == Own.UNKNOWN_KEY:
        required = dict.fromkeys(error.schema.get("required", ()))
        meant = meant_key(error.argument, required)
        if meant is not None:
            yield meant


def _problem(error: ShapeError, source: Source, schema: JsonSchema) -> Problem:
    match error.keyword:
        case "type":
            return wrong_type(error, branches(error.schema, schema["$defs"]), source)
        case Own.WRONG_TYPE:
            parts = [part for part in error.argument if part.get("type") != "null"]
            return wrong_type(error, parts, source)
        case "pattern":
            return wrong_form(error, source)
        case "enum" | "const":
            return not_an_option(error, source)
        case Own.UNKNOWN_KEY:
            return unknown_key(error, source, schema)
        case Own.UNKNOWN_NAME:
            return unknown_name(error, source)
        case "required":
            return missing_key(error, source)
        case Own.CHOOSE:
            return choose(error, source)
        case _:
            return out_of_bounds(error, source)
