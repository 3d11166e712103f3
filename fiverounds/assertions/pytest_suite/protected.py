"""Files of the starting workspace that the subject must leave as they were."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

_IGNORED = frozenset({"__pycache__", ".git", ".pytest_cache"})


def changes(starting: Path, workspace: Path, patterns: Sequence[str]) -> tuple[str, ...]:
    """What happened to files that match: `tests/test_x.py changed`, `… deleted`, `… added`."""
    matches = re.compile("|".join(_expression(pattern) for pattern in patterns)).fullmatch
    before = {name for name in _files(starting) if matches(name)}
    after = {name for name in _files(workspace) if matches(name)}
    found = [f"{name} added" for name in after - before]
    found += [f"{name} deleted" for name in before - after]
    found += [
        f"{name} changed"
        for name in before & after
        if not _equal(starting / name, workspace / name)
    ]
    return tuple(sorted(found))


def _files(folder: Path) -> set[str]:
    names = (
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    )
    return {
        name.as_posix()
        for name in names
        if not _IGNORED.intersection(name.parts) and name.suffix != ".pyc"
    }


def _equal(first: Path, second: Path) -> bool:
    return (
        first.stat().st_size == second.stat().st_size and first.read_bytes() == second.read_bytes()
    )


def _expression(pattern: str) -> str:
    """A glob as a regular expression: `**` crosses folders, `*` and `?` do not; a bare folder means all below it."""
    crossing = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", pattern.removesuffix("/"))
    parts = [crossing.get(piece, re.escape(piece)) for piece in pieces]
    return f"(?:{''.join(parts)}(?:/.*)?)"
