"""`use:` → the provider file's keys under the entry's own, as if all had been written in place."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from fiverounds.errors import Problem
from fiverounds.spec.files import missing_file
from fiverounds.spec.folder import Folder
from fiverounds.spec.gate import gate
from fiverounds.spec.gate_validator import accepts
from fiverounds.spec.nodes import Entry, Node, Source, mapping, plain, sequence
from fiverounds.spec.schema import bench_schema, provider_schema
from fiverounds.spec.variables import Filler
from fiverounds.spec.yaml_source import read_yaml

_PATH_KEYS = ("answers", "file")


@dataclass(slots=True)
class Merger:
    """Reads the provider files of one bench, each once."""

    folder: Folder
    environment: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    files: dict[str, Node | None] = field(default_factory=dict)
    """Provider files read, relative to the bench's folder; None for one with problems."""

    def merged(self, source: Source) -> Source:
        """The bench with its variables filled in and its provider files merged.

        An entry that cannot be merged stays as it is; `problems` says why.
        """
        entry = source.root.entry("providers")
        if entry is None or not entry.node.elements():
            return source
        filler = Filler(self.environment)
        nodes = [
            filler.provider(node, ("providers", index)) if not node.broken else node
            for index, node in enumerate(entry.node.elements())
        ]
        self.problems += filler.problems
        merged = tuple(self._entry(node, index, source) for index, node in enumerate(nodes))
        entries = dict(source.root.items())
        entries["providers"] = Entry(entry.key, sequence(entry.node.mark, merged))
        return Source(mapping(source.root.mark, entries))

    def _entry(self, node: Node, index: int, source: Source) -> Node:
        used = node.child("use")
        name = used.text() if used else None
        if not name or not accepts(plain(node), _use_schema()):
            return node
        wrong = missing_file(self.folder, name)
        if wrong is not None:
            self.problems.append(source.problem(("providers", index, "use"), *wrong))
            return node
        name = posixpath.normpath(name)
        if name not in self.files:
            self.files[name] = self._read(name)
        below = self.files[name]
        return node if below is None else _over(node, below)

    def _read(self, name: str) -> Node | None:
        document = read_yaml(self.folder.path(name), self.folder.shown(name), "a provider file")
        problems = list(document.problems)
        root = document.root
        if root is not None:
            filler = Filler(self.environment)
            root = filler.provider(root, ())
            problems += filler.problems
            problems += gate(Source(root), provider_schema())
            root = _rebased(root, posixpath.dirname(name))
        self.problems += problems
        return None if problems else root


@cache
def _use_schema() -> dict[str, object]:
    definitions = bench_schema()["$defs"]
    return {"$ref": "#/$defs/UseProvider", "$defs": definitions}


def _rebased(root: Node, base: str) -> Node:
    """Paths of the file, made relative to the bench's folder."""
    entries = dict(root.items())
    for key in _PATH_KEYS:
        node = root.child(key)
        text = node.text() if node else None
        if node is not None and text and not text.startswith("~"):
            path = posixpath.normpath(posixpath.join(base, text))
            entries[key] = Entry(entries[key].key, replace(node, value=path))
    return mapping(root.mark, entries)


def _over(upper: Node, below: Node) -> Node:
    entries = dict(below.items())
    for key, entry in upper.items().items():
        under = entries.get(key)
        if key == "use":
            continue
        if (
            entry.node.value is None and not entry.node.broken
        ):  # written out as nothing: back to the default
            entries.pop(key, None)
        elif under is not None and isinstance(entry.node.value, Mapping):
            both = dict(under.node.items()) | dict(entry.node.items())
            entries[key] = Entry(entry.key, mapping(entry.node.mark, both))
        else:
            entries[key] = entry
    return mapping(upper.mark, entries)
