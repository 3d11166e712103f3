"""What an agent left in a workspace, as files.

What stands there may be hostile; links are never followed.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path

from fiverounds.sandbox.workspace import copy_clean


def snapshot(workspace: Path) -> Mapping[str, str]:
    """Digest of every plain file."""
    with tempfile.TemporaryDirectory(prefix="fiverounds-changes-") as scratch:
        copy = Path(scratch)
        return {name: _digest(copy / name) for name in copy_clean(workspace, copy).files}


def changed_since(before: Mapping[str, str], workspace: Path) -> dict[str, bytes]:
    """Content of every plain file that is new or different."""
    with tempfile.TemporaryDirectory(prefix="fiverounds-changes-") as scratch:
        copy = Path(scratch)
        names = copy_clean(workspace, copy).files
        return {
            name: (copy / name).read_bytes()
            for name in names
            if before.get(name) != _digest(copy / name)
        }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
