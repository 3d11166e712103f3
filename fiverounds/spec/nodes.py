"""A spec as read: plain values, and where each key and value stands.

A node that several aliases point to is one object, so memory follows the file and not its expansion.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from fiverounds.errors import Problem

Scalar = str | int | float | bool | None
Plain: TypeAlias = "Scalar | list[Plain] | dict[str, Plain]"
SpecPath = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Mark(NamedTuple):
    """A place in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int


class Entry(NamedTuple):
    """One key of a mapping: where the key stands, and its value."""

    key: Mark
    node: Node


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A value and its place."""

    mark: Mark
    value: Scalar | tuple[Node, ...] | Mapping[str, Entry]
    size: int = 1
    """Nodes in it, aliases expanded."""
    height: int = 1
    """Levels in it, aliases expanded."""
    literal: bool = False
    """A `|` block: line n of the text stands n lines below the mark."""
    from_environment: bool = False
    """Holds text of an environment variable: never quoted in a message."""
    broken: bool = False
    """Already reported; what stands here is not judged any further."""

    def child(self, key: str | int) -> Node | None:
        """The value under a key or index, if there is one."""
        if isinstance(self.value, tuple) and isinstance(key, int):
            return self.value[key] if 0 <= key < len(self.value) else None
        entry = self.entry(key)
        return entry.node if entry else None

    def entry(self, key: str | int) -> Entry | None:
        """A key of a mapping, if it is there."""
        if isinstance(self.value, Mapping) and isinstance(key, str):
            return self.value.get(key)
        return None

    def items(self) -> Mapping[str, Entry]:
        """The keys of a mapping; nothing for any other value."""
        return self.value if isinstance(self.value, Mapping) else {}

    def elements(self) -> tuple[Node, ...]:
        """The elements of a list; nothing for any other value."""
        return self.value if isinstance(self.value, tuple) else ()

    def text(self) -> str | None:
        """The value, if it is text."""
        return self.value if isinstance(self.value, str) else None


def mapping(mark: Mark, entries: Mapping[str, Entry]) -> Node:
    """A mapping node, its size and height counted."""
    nodes = [entry.node for entry in entries.values()]
    return Node(mark, dict(entries), _size(nodes), _height(nodes))


def sequence(mark: Mark, nodes: tuple[Node, ...]) -> Node:
    """A list node, its size and height counted."""
    return Node(mark, nodes, _size(nodes), _height(nodes))


def _size(nodes: list[Node] | tuple[Node, ...]) -> int:
    return 1 + sum(node.size for node in nodes)


def _height(nodes: list[Node] | tuple[Node, ...]) -> int:
    return 1 + max((node.height for node in nodes), default=0)


def plain(node: Node) -> Plain:
    """The values alone: dicts, lists and scalars, aliases expanded."""
    if isinstance(node.value, tuple):
        return [plain(element) for element in node.value]
    if isinstance(node.value, Mapping):
        return {key: plain(entry.node) for key, entry in node.value.items()}
    return node.value


def path_text(path: SpecPath) -> str:
    """`("rounds", 2, "assert", 0)` → `rounds[2].assert[0]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += "[…]"  # an odd key may hold anything: a pasted secret, escape sequences
    return text


@dataclass(frozen=True, slots=True)
class Source:
    """The map from paths in a spec to places in its files."""

    root: Node

    def node(self, path: SpecPath) -> Node | None:
        """What stands at a path, if anything does."""
        node: Node | None = self.root
        for step in path:
            node = node.child(step) if node else None
        return node

    def value_mark(self, path: SpecPath) -> Mark:
        """Where the value at a path stands; where it is missing, the nearest thing around it."""
        node = self.root
        for step in path:
            below = node.child(step)
            if below is None:
                break
            node = below
        return node.mark

    def key_mark(self, path: SpecPath) -> Mark:
        """Where the key at the end of a path stands; else its value."""
        around = self.node(path[:-1]) if path else None
        entry = around.entry(path[-1]) if around else None
        return entry.key if entry else self.value_mark(path)

    def is_broken(self, path: SpecPath) -> bool:
        """True when the path leads to, or through, a value that was reported before."""
        node: Node | None = self.root
        for step in path:
            if node is None or node.broken:
                break
            node = node.child(step)
        return node is not None and node.broken

    def problem(
        self, path: SpecPath, message: str, hint: str | None = None, *, at_key: bool = False
    ) -> Problem:
        """A problem at the value (or at the key) of a path."""
        mark = self.key_mark(path) if at_key else self.value_mark(path)
        return Problem(*mark, path_text(path), message, hint)
