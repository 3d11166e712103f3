"""Good documents made bad, anywhere, and what the gate and the models say of them."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st
from pydantic import ValidationError

from fiverounds.spec.gate_validator import accepts
from fiverounds.spec.models import BenchFile
from fiverounds.spec.nodes import plain
from fiverounds.spec.schema import bench_schema
from fiverounds.spec.yaml_source import read_yaml
from tests.spec.helpers import HERE

EVERY_KEY: Any = plain(read_yaml(HERE / "good/every-key.yaml", "every-key", "a bench").root)  # type: ignore[arg-type]
USES: Any = plain(read_yaml(HERE / "good/use.yaml", "use", "a bench").root)  # type: ignore[arg-type]

TEXTS = [
    "", " ", "x", "one", "One", "a b", "a\n", "90", "90s", "90s\n", "1.5h", "1.h", ".5s", "2GiB", "2gib",
    "go", "auto", "once", "feedback", "pytest", "fps", "chat", "replay", "gguf", "true", "null", "é", "٣s",
    "http://x", "https://x y", "http://é", "${URL}", "HOME", "home", "_", "A" * 129, "a" * 64, "a" * 65,
    "x" * 1025, "\u2028", "\x85", "\ud7ff", "😀", "..", "/", "0ms", "999999999s", "9999999999s",
]  # fmt: skip
SCALARS = st.one_of(
    st.sampled_from(TEXTS),
    st.text(max_size=8),
    st.sampled_from(
        [None, True, False, 0, 1, -1, 2, 5, 20, 21, 50, 51, 1000, 2**63 - 1, -(2**63 - 1)]
    ),
    st.sampled_from([0.0, 1.0, -0.0, 0.5, 1.5, 2.0, 5.0, 5.1, 1000.0, 1e300, 5e-324]),
)
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.lists(st.lists(SCALARS, max_size=2), max_size=2),
    st.dictionaries(st.sampled_from(["id", "file", "text", "type", "kind", "use", "x-a"]), SCALARS, max_size=3),
)  # fmt: skip
KEYS = [
    "id", "kind", "use", "type", "policy", "file", "files", "workspace", "text", "assert", "assertions", "after",
    "x-a", "x-", "X-a", "x a", "model", "params", "limits", "rounds", "prompts", "fiverounds", "title", "suite", "",
]  # fmt: skip


def gate_accepts(document: Any) -> bool:
    return accepts(document, bench_schema())


def models_accept(document: Any) -> bool:
    try:
        BenchFile.model_validate_json(json.dumps(document), by_alias=True, by_name=False)
    except ValidationError:
        return False
    return True


def containers(value: Any) -> list[Any]:
    """Every mapping and list in a document, the document first."""
    if isinstance(value, dict):
        return [value, *(found for child in value.values() for found in containers(child))]
    if isinstance(value, list):
        return [value, *(found for child in value for found in containers(child))]
    return []


def mutate(document: Any, data: st.DataObject) -> None:
    """Drop, rename, add, replace or double something, anywhere."""
    container = data.draw(st.sampled_from(containers(document)))
    places = list(container) if isinstance(container, dict) else list(range(len(container)))
    what = data.draw(st.sampled_from(["replace", "replace", "drop", "rename", "add", "swap"]))
    if what == "add" or not places:
        if isinstance(container, dict):
            container[data.draw(st.sampled_from(KEYS))] = data.draw(VALUES)
        else:
            container.append(data.draw(VALUES))
        return
    place = data.draw(st.sampled_from(places))
    if what == "replace":
        container[place] = data.draw(VALUES)
    elif what == "swap":
        container[place] = copy.deepcopy(data.draw(st.sampled_from(containers(document))))
    else:
        value = container.pop(place)
        if what == "rename" and isinstance(container, dict):
            container[data.draw(st.sampled_from(KEYS))] = value
