"""A YAML file → a tree of nodes that know their places, and every problem of the YAML itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scanner import Scanner, ScannerError

from fiverounds.errors import Problem
from fiverounds.spec.nodes import Node
from fiverounds.spec.text_file import read_text
from fiverounds.spec.yaml_builder import MAX_DEPTH, Builder, Stop
from fiverounds.spec.yaml_words import syntax_problem


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds. Without a root there is nothing to go on with; `problems` says why."""

    root: Node | None
    problems: tuple[Problem, ...]


def read_yaml(path: Path, shown: str, what: str) -> Document:
    """Read a file that must hold one mapping; never raises.

    Args:
        path: the file.
        shown: how problems name it.
        what: what the mapping is, e.g. "a bench".
    """
    text = read_text(path, shown)
    return parse_yaml(text, shown, what) if isinstance(text, str) else Document(None, (text,))


def parse_yaml(text: str, shown: str, what: str) -> Document:
    """Parse a text that must hold one mapping; never raises."""
    builder = Builder(shown, _events(text, shown))
    try:
        root = builder.document()
    except Stop as stop:
        return Document(None, (*builder.problems, stop.problem))
    if root is not None and isinstance(root.value, Mapping):
        return Document(root, tuple(builder.problems))
    if root is not None and root.broken:
        return Document(None, tuple(builder.problems))
    if root is None or root.value is None:
        wrong = Problem(shown, 1, 1, "", f"is empty: {what} is a mapping of keys (`name: value`)")
    else:
        wrong = Problem(*root.mark, "", f"{what} is a mapping of keys (`name: value`); this is not")
    return Document(None, (*builder.problems, wrong))


class _BoundedScanner(Scanner):
    """Looks for `:` behind every open bracket at every token, so many brackets take quadratic time."""

    def fetch_flow_collection_start(self, token: Any, to_push: str) -> None:
        if self.flow_level > MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} levels deep"
            raise ScannerError(None, None, message, self.reader.get_mark())
        super().fetch_flow_collection_start(token, to_push)


def _events(text: str, shown: str) -> Iterator[Any]:
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner = _BoundedScanner
    try:
        yield from yaml.parse(text)
    except Exception as error:  # the scanner lets ValueError and others through on odd escapes
        raise Stop(syntax_problem(error, text, shown)) from error
