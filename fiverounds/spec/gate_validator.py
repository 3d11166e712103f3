"""A jsonschema validator that judges as the models do, and picks the branch of a union an author meant.

Four keywords differ from the library's:

- `integer` is an integer: `1.0` is not one, for the models neither;
- `pattern` matches the whole text: Python's `$` lets a newline pass, the models' does not;
- `required` and `additionalProperties` report each key by itself;
- `anyOf` and `oneOf` report the errors of one branch: the one named by `kind`, `type` or `policy`, or
  else the one that fits the value's type or its keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from fiverounds.spec.nodes import SpecPath
from fiverounds.spec.schema import JsonSchema


class Own:
    """Names of the errors that JSON Schema has no keyword of its own for."""

    UNKNOWN_KEY = "unknown key"
    UNKNOWN_NAME = "unknown name"
    CHOOSE = "choose"
    WRONG_TYPE = "wrong type"


_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "array": list,
    "object": dict,
    "boolean": bool,
    "number": (int, float),
}


@dataclass(frozen=True, slots=True)
class ShapeError:
    """One way in which a document does not fit: where, by which keyword, with which argument."""

    path: SpecPath
    keyword: str
    argument: Any
    instance: Any
    schema: JsonSchema
    """The innermost schema that holds the keyword."""


def shape_errors(document: Any, schema: JsonSchema) -> Iterator[ShapeError]:
    """Every way in which a document does not fit a schema whose references lead into its `$defs`."""
    for error in _validator(schema).iter_errors(document):
        path = tuple(error.absolute_path)
        inner = error.schema if isinstance(error.schema, dict) else {}
        yield ShapeError(path, str(error.validator), error.validator_value, error.instance, inner)


def accepts(document: Any, schema: JsonSchema) -> bool:
    """The verdict alone."""
    return next(shape_errors(document, schema), None) is None


_made: dict[int, tuple[JsonSchema, Any]] = {}
"""Validators by the identity of their schema (kept alive here); making one takes longer than using it."""


def _validator(schema: JsonSchema) -> Any:
    if id(schema) not in _made:
        _made[id(schema)] = schema, _new_validator(schema)
    return _made[id(schema)][1]


def _new_validator(schema: JsonSchema) -> Any:
    union = _Union(schema["$defs"])
    keywords = {
        "pattern": _pattern,
        "required": _required,
        "additionalProperties": _additional_properties,
        "anyOf": union.errors,
        "oneOf": union.errors,
    }
    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
    make: Any = extend  # typed by neither the library nor its stubs
    return make(Draft202012Validator, keywords, type_checker=types)(schema)


def branches(schema: JsonSchema, definitions: Mapping[str, Any]) -> list[JsonSchema]:
    """The schemas a union is made of, references followed, `null` and unions of unions included."""
    if "$ref" in schema:
        return branches(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    parts = schema.get("anyOf") or schema.get("oneOf")
    if not parts:
        return [schema]
    return [branch for part in parts for branch in branches(part, definitions)]


def _is_integer(_: Any, instance: object) -> bool:
    return isinstance(instance, int) and not isinstance(instance, bool)


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not re.fullmatch(pattern, instance):
        yield ValidationError("", validator="pattern")


def _required(_: Any, names: list[str], instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for name in names:
            if name not in instance:
                yield _error("required", name)


def _additional_properties(
    _: Any, allowed: bool, instance: Any, schema: JsonSchema
) -> Iterator[ValidationError]:
    if allowed or not isinstance(instance, dict):
        return
    known = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    for key in instance:
        if key not in known and not any(re.fullmatch(pattern, key) for pattern in patterns):
            yield _error(Own.UNKNOWN_KEY if known else Own.UNKNOWN_NAME, key)


def _error(validator: str, value: Any) -> ValidationError:
    return ValidationError("", validator=validator, validator_value=value)


class _Union:
    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions

    def errors(
        self, validator: Any, parts: list[JsonSchema], instance: Any, schema: JsonSchema
    ) -> Iterator[ValidationError]:
        tag = schema.get("discriminator", {}).get("propertyName")
        if tag is not None:
            yield from self._tagged(validator, schema, instance, tag)
        elif not any(_accepts(validator, part, instance) for part in parts):
            yield from self._untagged(validator, parts, instance)

    def _tagged(
        self, validator: Any, schema: JsonSchema, instance: Any, tag: str
    ) -> Iterator[ValidationError]:
        targets = schema["discriminator"]["mapping"]
        if not isinstance(instance, dict):
            yield _error(Own.WRONG_TYPE, [{"type": "object"}])
        elif tag not in instance:
            yield _error(Own.CHOOSE, (tag, sorted(targets)))
        elif not isinstance(instance[tag], str) or instance[tag] not in targets:
            error = _error("enum", list(targets))
            error.instance = instance[tag]
            error.path.appendleft(tag)
            yield error
        else:
            yield from validator.descend(instance, {"$ref": targets[instance[tag]]})

    def _untagged(
        self, validator: Any, parts: list[JsonSchema], instance: Any
    ) -> Iterator[ValidationError]:
        fitting = [part for part in parts if self._fits(part, instance)]
        if not fitting:
            flat = [branch for part in parts for branch in branches(part, self._definitions)]
            yield _error(Own.WRONG_TYPE, flat)
        elif len(fitting) == 1:
            yield from validator.descend(instance, fitting[0])
        elif isinstance(instance, dict):
            yield from self._by_key(validator, fitting, instance)
        else:
            yield from validator.descend(instance, _by_first_element(fitting, instance))

    def _fits(self, part: JsonSchema, instance: Any) -> bool:
        return any(_has_type(branch, instance) for branch in branches(part, self._definitions))

    def _by_key(
        self, validator: Any, parts: list[JsonSchema], instance: dict[str, Any]
    ) -> Iterator[ValidationError]:
        """Unions of mappings tell themselves apart by one key each: `file`, `files`, `workspace`."""
        marks = {self._telling_key(part): part for part in parts}
        present = [key for key in marks if key in instance]
        # `use` with a `kind` beside it is a use: its message says that the file gives the kind.
        if len(present) == 1 or "use" in present:
            chosen = marks["use" if "use" in present else present[0]]
            yield from validator.descend(instance, chosen)
        else:
            yield _error(Own.CHOOSE, (None, list(marks)))

    def _telling_key(self, part: JsonSchema) -> str:
        if "discriminator" in part:
            return str(part["discriminator"]["propertyName"])
        required = branches(part, self._definitions)[0]["required"]
        return str(next(name for name in required if name != "id"))


def _accepts(validator: Any, part: JsonSchema, instance: Any) -> bool:
    return next(iter(validator.descend(instance, part)), None) is None


def _has_type(branch: JsonSchema, instance: Any) -> bool:
    name = str(branch.get("type", "string"))
    if name == "integer":
        return _is_integer(None, instance)
    if isinstance(instance, bool):
        return name == "boolean"
    return isinstance(instance, _TYPES.get(name, type(None)))


def _by_first_element(parts: list[JsonSchema], instance: Any) -> JsonSchema:
    """A command, or a list of commands: the first element tells which."""
    first = instance[0] if isinstance(instance, list) and instance else ""
    for part in parts:
        if _has_type(part.get("items", {}), first):
            return part
    return parts[0]
