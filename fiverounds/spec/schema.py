"""Models → JSON Schema (draft 2020-12), for the gate and for editors; committed in `schema/`, never edited."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from fiverounds.spec.models import BenchFile, ProviderSpec

JsonSchema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EXTENSION_KEYS = "^x-[!-~]+$"


@cache
def bench_schema() -> JsonSchema:
    """The schema of `bench.yaml`."""
    schema = BenchFile.model_json_schema(by_alias=True)
    schema["additionalProperties"] = False
    schema["patternProperties"] = {_EXTENSION_KEYS: {}}
    return _finished(schema, "bench", "fiverounds bench.yaml")


@cache
def provider_schema() -> JsonSchema:
    """The schema of a provider file: one provider of any kind.

    It has no `id`, and needs only its `kind`: whoever uses the file may give the rest.
    """
    schema = TypeAdapter(ProviderSpec).json_schema(by_alias=True)
    for branch in schema["oneOf"]:
        kind = schema["$defs"][branch["$ref"].rpartition("/")[2]]
        del kind["properties"]["id"]
        kind["required"] = ["kind"]
    schema["description"] = "A provider file, for `use:` in bench.yaml."
    return _finished(schema, "provider", "fiverounds provider file")


def write(folder: Path) -> None:
    """Write both schemas into a folder, making it where needed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in _files().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def stale(folder: Path) -> list[str]:
    """Names of the files in a folder that are missing or differ from what `write` would write."""
    return [name for name, text in _files().items() if _content(folder / name) != text.encode()]


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _files() -> dict[str, str]:
    schemas = {"bench.schema.json": bench_schema(), "provider.schema.json": provider_schema()}
    return {name: _json(schema) for name, schema in schemas.items()}


def _json(schema: JsonSchema) -> str:
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _finished(schema: JsonSchema, name: str, title: str) -> JsonSchema:
    tidy: JsonSchema = _tidy(schema)
    return tidy | {"$schema": _DIALECT, "$id": f"urn:fiverounds:schema:{name}:1", "title": title}


def _tidy(part: Any) -> Any:
    if isinstance(part, list):
        return [_tidy(element) for element in part]
    if not isinstance(part, dict):
        return part
    kept = {key: value for key, value in part.items() if not _is_noise(key, value)}
    if kept.get("type") == "object" and "patternProperties" in kept:
        # pydantic says what a key must look like, but not that no other key is allowed.
        kept.setdefault("additionalProperties", False)
        names = kept.pop("propertyNames", {})
        kept |= {key: names[key] for key in names if key == "patternErrorMessage"}
    return {key: _tidy_keyword(key, value) for key, value in kept.items()}


def _tidy_keyword(key: str, value: Any) -> Any:
    if key in ("properties", "patternProperties", "$defs"):  # these keys are names, not keywords
        return {name: _tidy(schema) for name, schema in value.items()}
    return _tidy(value)


def _is_noise(key: str, value: Any) -> bool:
    if key == "title":  # pydantic's echo of the key
        return True
    # "not given" is no default worth showing
    return key == "default" and (value is None or isinstance(value, dict))
