"""YAML events → nodes.

Only the event stream is used: no tag ever makes an object, aliases are counted and not copied, and
building stops at the first level or node too many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from fiverounds.errors import Problem
from fiverounds.spec.nodes import Entry, Mark, Node, mapping, sequence
from fiverounds.spec.quoting import quoted
from fiverounds.spec.scalars import CORE_TAG, TAG_HINT, BadScalar, checked, scalar_value, tag_text
from fiverounds.spec.suggest import hint

MAX_DEPTH = 64
MAX_NODES = 50_000
MAX_PROBLEMS = 100
_MERGE = "<<"


class Stop(Exception):
    """The rest of the file cannot be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(slots=True)
class Builder:
    """Builds one document; what is wrong but does not stop it gathers in `problems`."""

    file: str
    events: Iterator[Any]
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, Node | None] = field(default_factory=dict)
    nodes: int = 0

    def document(self) -> Node | None:
        """The root, None for an empty file. Raises Stop."""
        root: Node | None = None
        started = False
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                if started:
                    self._stop(event, "a second document starts here: a file holds one")
                started = True
                if event.version not in (None, (1, 2)):
                    self._stop(event, "only YAML 1.2 is read: remove the %YAML line")
            elif isinstance(event, NodeEvent):
                root = self._node(event, 1)
        return root

    def _mark(self, event: Any) -> Mark:
        return Mark(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _report(self, mark: Mark, message: str, hint: str | None = None) -> None:
        problem = Problem(*mark, "", message, hint)
        if len(self.problems) + 1 >= MAX_PROBLEMS:
            raise Stop(problem)
        self.problems.append(problem)

    def _stop(self, event: Any, message: str) -> NoReturn:
        raise Stop(Problem(*self._mark(event), "", message))

    def _spend(self, event: Any, nodes: int, depth: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            self._stop(event, f"more than {MAX_NODES:,} values, aliases expanded: too large a spec")
        if depth > MAX_DEPTH:
            self._stop(event, f"nested more than {MAX_DEPTH} levels deep")

    def _node(self, event: Any, depth: int) -> Node:
        if isinstance(event, AliasEvent):
            return self._alias(event, depth)
        self._spend(event, 1, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = None  # an alias to it from inside would be endless
        is_scalar = isinstance(event, ScalarEvent)
        node = self._scalar(event) if is_scalar else self._collection(event, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def _alias(self, event: Any, depth: int) -> Node:
        target = self.anchors.get(event.anchor)
        if target is not None:
            self._spend(event, target.size, depth + target.height - 1)
            return target
        self._spend(event, 1, depth)
        mark, name = self._mark(event), quoted(event.anchor)
        if event.anchor in self.anchors:
            self._report(mark, f"the anchor {name} contains itself")
        else:
            known = hint(event.anchor, self.anchors)
            self._report(mark, f"no anchor above this line is called {name}", known)
        return Node(mark, None, broken=True)

    def _scalar(self, event: Any) -> Node:
        mark = self._mark(event)
        try:
            value = scalar_value(event.value, event.tag, bare=event.implicit[0])
        except BadScalar as bad:
            self._report(mark, bad.message, bad.hint)
            return Node(mark, None, broken=True)
        return Node(mark, value, literal=event.style == "|")

    def _collection(self, event: Any, depth: int) -> Node:
        is_mapping = isinstance(event, MappingStartEvent)
        mark = self._mark(event)
        refused = event.tag not in (None, "!", CORE_TAG + ("map" if is_mapping else "seq"))
        if refused:
            self._report(mark, f"the tag {tag_text(event.tag)} is not allowed", TAG_HINT)
        node = self._mapping(mark, depth) if is_mapping else self._sequence(mark, depth)
        return Node(mark, node.value, node.size, node.height, broken=refused)

    def _sequence(self, mark: Mark, depth: int) -> Node:
        elements = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                break
            elements.append(self._node(event, depth + 1))
        return sequence(mark, tuple(elements))

    def _mapping(self, mark: Mark, depth: int) -> Node:
        entries: dict[str, Entry] = {}
        merged: dict[str, Entry] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            key_mark, key = self._mark(event), self._key(event, depth + 1)
            node = self._value(key_mark, depth + 1)
            if key == _MERGE and isinstance(event, ScalarEvent) and event.implicit[0]:
                self._merge(key_mark, node, merged)
            elif key is not None and key in entries:
                first = entries[key].key.line
                self._report(
                    key_mark, f"the key {quoted(key)} is here twice; first on line {first}"
                )
            elif key is not None:
                entries[key] = Entry(key_mark, node)
        return mapping(mark, merged | entries)

    def _key(self, event: Any, depth: int) -> str | None:
        """A key's text as written (`1` and `true` are texts too), or None after reporting it."""
        mark = self._mark(event)
        if not isinstance(event, ScalarEvent):
            node = self._node(event, depth)
            if not isinstance(node.value, str) and not node.broken:
                self._report(mark, "a key must be text")
            return node.text()
        self._spend(event, 1, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = Node(mark, event.value)
        return self._key_text(mark, event)

    def _key_text(self, mark: Mark, event: Any) -> str | None:
        try:
            if event.tag is not None:
                scalar_value(event.value, event.tag, bare=False)
            checked(event.value)
        except BadScalar as bad:
            self._report(mark, bad.message, bad.hint)
            return None
        if event.value == "":
            self._report(mark, "a key is missing before this `:`")
            return None
        return str(event.value)

    def _value(self, key_mark: Mark, depth: int) -> Node:
        event = next(self.events)
        node = self._node(event, depth)
        nothing = isinstance(event, ScalarEvent) and event.value == "" and event.implicit[0]
        # A value that is not there has its place at the end of the line, or on a line below.
        return Node(key_mark, node.value, broken=node.broken) if nothing else node

    def _merge(self, mark: Mark, node: Node, merged: dict[str, Entry]) -> None:
        for part in node.elements() or (node,):
            if isinstance(part.value, Mapping):
                for key, entry in part.value.items():
                    merged.setdefault(key, entry)
            elif not part.broken:
                self._report(mark, "`<<` takes a mapping, or a list of mappings")
