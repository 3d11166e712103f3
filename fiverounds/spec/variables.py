"""`${VAR}` and `${VAR:-default}` in the text of providers → text. `$$` is a `$`.

Keys never come in this way: a variable that is called like one, or holds one, is a problem.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fiverounds.errors import Problem
from fiverounds.spec.key_guard import is_key, names_a_secret
from fiverounds.spec.nodes import Entry, Node, SpecPath, mapping, path_text, sequence
from fiverounds.spec.quoting import quoted

_REFERENCE = re.compile(r"\$\$|\$\{(?P<inside>[^}]*)(?P<end>\}?)")
_INSIDE = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<with_default>:-(?P<default>.*))?", re.DOTALL
)
_NAMES_ONLY = frozenset(
    {"id", "kind", "use", "rounds", "tags", "api_key_env", "pass_env", "cap_field", "mend"}
)
"""Keys whose text is taken as it stands; `mend` is a shell command, and `${…}` in it is the shell's."""


@dataclass(slots=True)
class Filler:
    """Fills variables in; what is wrong gathers in `problems`, and the text it is in becomes broken."""

    environment: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def provider(self, node: Node, path: SpecPath) -> Node:
        """A provider (or provider file) with its variables filled in."""
        entries = {
            key: entry
            if key in _NAMES_ONLY
            else Entry(entry.key, self._value(entry.node, (*path, key)))
            for key, entry in node.items().items()
        }
        return mapping(node.mark, entries) if entries else node

    def _value(self, node: Node, path: SpecPath) -> Node:
        if isinstance(node.value, str):
            return self._text(node, node.value, path) if "$" in node.value else node
        if isinstance(node.value, tuple):
            parts = enumerate(node.value)
            return sequence(node.mark, tuple(self._value(part, (*path, i)) for i, part in parts))
        if isinstance(node.value, Mapping):
            entries = {
                key: Entry(entry.key, self._value(entry.node, (*path, key)))
                for key, entry in node.value.items()
            }
            return mapping(node.mark, entries)
        return node

    def _text(self, node: Node, text: str, path: SpecPath) -> Node:
        filled: list[str] = []
        end, foreign = 0, False
        for match in _REFERENCE.finditer(text):
            value = "$" if match[0] == "$$" else self._variable(match, node, path)
            if value is None:
                return replace(node, broken=True)
            foreign = foreign or match[0] != "$$"
            filled += [text[end : match.start()], value]
            end = match.end()
        return replace(node, value="".join([*filled, text[end:]]), from_environment=foreign)

    def _variable(self, match: re.Match[str], node: Node, path: SpecPath) -> str | None:
        inside = _INSIDE.fullmatch(match["inside"]) if match["end"] else None
        if inside is None:
            wrong = "this `${` is no variable"
            self._report(node, path, wrong, "write ${NAME}, ${NAME:-default}, or $$ for a `$`")
            return None
        name, value = inside["name"], self.environment.get(inside["name"])
        if names_a_secret(name) or is_key(value or ""):
            wrong = f"{quoted(name)} is a key, and a key must not become part of a plan or a log"
            mend = "name the variable under `api_key_env` (chat) or `pass_env` (agent)"
            self._report(node, path, wrong, mend)
            return None
        if inside["with_default"] and not value:
            return str(inside["default"])
        if value is None:
            mend = f"export {name}=…, or give a default: ${{{name}:-…}}"
            self._report(node, path, f"the variable {quoted(name)} is not set", mend)
            return None
        return value

    def _report(self, node: Node, path: SpecPath, message: str, hint: str) -> None:
        self.problems.append(Problem(*node.mark, path_text(path), message, hint))
