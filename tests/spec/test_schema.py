from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from fiverounds.spec import schema
from fiverounds.spec.models import BenchFile
from tests.spec.helpers import HERE

ROOT = HERE.parent.parent


def test_committed_schema_is_current() -> None:
    stale = schema.stale(ROOT / "schema")
    assert stale == [], "schema/ is out of date: run `fiverounds schema --write`"


def test_written_schemas(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "schema"
    assert schema.stale(folder) == ["bench.schema.json", "provider.schema.json"]
    schema.write(folder)
    assert schema.stale(folder) == []
    for path in folder.iterdir():
        text = path.read_text("utf-8")
        made = json.loads(text)
        Draft202012Validator.check_schema(made)
        assert text.endswith("}\n")
        assert list(made) == sorted(made)
        assert {"$id", "$schema", "title"} <= made.keys()
    (folder / "bench.schema.json").write_text("{}")
    assert schema.stale(folder) == ["bench.schema.json"]


def patterns(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["pattern"]] if isinstance(part.get("pattern"), str) else []
        own += part.get("patternProperties", {})
        return own + [found for value in part.values() for found in patterns(value)]
    if isinstance(part, list):
        return [found for value in part for found in patterns(value)]
    return []


def test_patterns_mean_the_same_in_every_language() -> None:
    found = set(patterns(schema.bench_schema()))
    assert len(found) > 5
    for pattern in found:
        assert pattern.startswith("^")
        assert pattern.endswith("$")
        assert not any(escape in pattern for escape in (r"\s", r"\d", r"\w", r"\b", "(?"))


def test_every_key_is_explained() -> None:
    made = schema.bench_schema()
    mappings = {"bench.yaml": made, **made["$defs"]}
    silent = [
        f"{name}.{key}"
        for name, mapping in mappings.items()
        for key, value in mapping["properties"].items()
        if "description" not in value and "$ref" not in value
    ]
    assert silent == []


def test_every_mapping_is_closed() -> None:
    made = schema.bench_schema()
    assert all(
        mapping["additionalProperties"] is False for mapping in [made, *made["$defs"].values()]
    )
    assert set(made["properties"]) == set(BenchFile.model_fields)


def test_a_provider_file_has_no_id_and_needs_only_its_kind() -> None:
    for name, mapping in schema.provider_schema()["$defs"].items():
        if name.endswith("Provider"):
            assert "id" not in mapping["properties"]
            assert mapping["required"] == ["kind"]
    assert "id" in schema.bench_schema()["$defs"]["ChatProvider"]["properties"]
