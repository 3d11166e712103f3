"""Files and folders of a bench → one digest that changes when any of them does."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Iterable, Iterator
from pathlib import Path

# What tools leave behind in a folder without anybody having changed it.
_PASSED_OVER = frozenset({"__pycache__", ".git", ".mypy_cache", ".pytest_cache", ".ruff_cache"})


def digest_of(root: Path, names: Iterable[str]) -> str:
    """SHA-256 (hex) over the relative path and content of every file named or below a folder named.

    Symlinks below a folder, caches and `.git` do not count; a name that is not there counts for nothing.
    """
    found = {relative: path for name in names for relative, path in _files(root, name)}
    whole = hashlib.sha256()
    for relative in sorted(found):
        whole.update(f"{relative}\0{_sha256(found[relative])}\n".encode(errors="surrogateescape"))
    return whole.hexdigest()


def _files(root: Path, name: str) -> Iterator[tuple[str, Path]]:
    name = posixpath.normpath(name)
    path = root / name
    if os.path.isfile(path):  # Path.is_file raises on a name that is too long
        yield name, path
    for here, folders, files in os.walk(path):
        folders[:] = [folder for folder in folders if folder not in _PASSED_OVER]
        for file in files:
            below = Path(here, file)
            if below.is_file() and not below.is_symlink():
                yield below.relative_to(root).as_posix(), below


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
