"""No provider holds a key: not in a URL, not in a command, not where the name of a variable goes."""

from __future__ import annotations

from collections.abc import Iterator

from fiverounds.errors import Problem
from fiverounds.spec.key_guard import is_key
from fiverounds.spec.nodes import Node, Source, SpecPath

_MESSAGE = "this looks like a key or a password, and a spec holds none"
_MEND = "put it in an environment variable, and its NAME under `api_key_env` or `pass_env`"


def check_keys(source: Source) -> Iterator[Problem]:
    """A problem, without the value, for each text in `providers` that looks like a key."""
    node = source.root.child("providers")
    for path in _key_paths(node, ("providers",)) if node else ():
        yield source.problem(path, _MESSAGE, _MEND)


def _key_paths(node: Node, path: SpecPath) -> Iterator[SpecPath]:
    if isinstance(node.value, str) and is_key(node.value):
        yield path
    for index, element in enumerate(node.elements()):
        yield from _key_paths(element, (*path, index))
    for key, entry in node.items().items():
        yield from _key_paths(entry.node, (*path, key))
