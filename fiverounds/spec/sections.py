"""A tree → typed parts, each by itself: what is well formed can be judged though its neighbour is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from fiverounds.spec.models import (
    BenchFile,
    DefaultsSpec,
    GateSpec,
    MatrixSpec,
    PromptSpec,
    ProviderEntry,
    RoundSpec,
    UseProvider,
)
from fiverounds.spec.models import ProviderSpec as Provider
from fiverounds.spec.nodes import Node, Source, plain

T = TypeVar("T")

_PROVIDER: TypeAdapter[Any] = TypeAdapter(ProviderEntry)
_PROMPT: TypeAdapter[Any] = TypeAdapter(PromptSpec)
_ROUND: TypeAdapter[Any] = TypeAdapter(RoundSpec)
_DEFAULTS: TypeAdapter[Any] = TypeAdapter(DefaultsSpec)
_GATE: TypeAdapter[Any] = TypeAdapter(GateSpec)
_MATRIX: TypeAdapter[Any] = TypeAdapter(MatrixSpec)


@dataclass(frozen=True, slots=True)
class Sections:
    """The parts that are well formed, by their place, and the names of all, well formed or not."""

    source: Source
    defaults: DefaultsSpec
    gate: GateSpec | None
    matrix: MatrixSpec
    providers: Mapping[int, Provider | UseProvider]
    rounds: Mapping[int, RoundSpec]
    prompts: Mapping[str, PromptSpec]
    provider_ids: Mapping[int, str]
    round_ids: Mapping[int, str]
    prompt_ids: tuple[str, ...]


def read_sections(source: Source) -> Sections:
    """What can be read of a bench; never raises."""
    root = source.root
    prompts = root.child("prompts")
    prompt_nodes = {key: entry.node for key, entry in prompts.items().items()} if prompts else {}
    return Sections(
        source=source,
        defaults=_read(root.child("defaults"), _DEFAULTS) or DefaultsSpec(),
        gate=_read(root.child("gate"), _GATE),
        matrix=_read(root.child("matrix"), _MATRIX) or MatrixSpec(),
        providers=_read_all(_elements(root, "providers"), _PROVIDER),
        rounds=_read_all(_elements(root, "rounds"), _ROUND),
        prompts=_read_all(prompt_nodes, _PROMPT),
        provider_ids=_ids(root, "providers"),
        round_ids=_ids(root, "rounds"),
        prompt_ids=tuple(prompt_nodes),
    )


def parse_bench(source: Source) -> BenchFile | str:
    """The whole bench, or what the models dislike (which the gate should have said before)."""
    try:
        text = json.dumps(plain(source.root))
        # The file's key is `assert`; `assertions` is Python's name for it and no key.
        return BenchFile.model_validate_json(text, by_alias=True, by_name=False)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['type']}"


def _elements(root: Node, key: str) -> dict[int, Node]:
    node = root.child(key)
    return dict(enumerate(node.elements())) if node else {}


def _read_all(nodes: Mapping[Any, Node], adapter: TypeAdapter[Any]) -> dict[Any, Any]:
    read = {key: _read(node, adapter) for key, node in nodes.items()}
    return {key: value for key, value in read.items() if value is not None}


def _read(node: Node | None, adapter: TypeAdapter[T]) -> T | None:
    if node is None or _is_broken(node):
        return None
    try:
        return adapter.validate_json(json.dumps(plain(node)), by_alias=True, by_name=False)
    except ValidationError:
        return None


def _is_broken(node: Node) -> bool:
    below = (*node.elements(), *(entry.node for entry in node.items().values()))
    return node.broken or any(map(_is_broken, below))


def _ids(root: Node, key: str) -> dict[int, str]:
    found = {index: node.child("id") for index, node in _elements(root, key).items()}
    return {index: text for index, node in found.items() if node and (text := node.text())}
