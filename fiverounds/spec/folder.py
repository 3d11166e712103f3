"""The bench's folder: what its paths mean, how messages name them, and that none leads out of it."""

from __future__ import annotations

import os
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a bench lives."""

    file: Path
    """`bench.yaml`, absolute."""
    root: Path
    """The folder it stands in, absolute; symlinks not followed."""
    real_root: Path
    """The same, symlinks followed."""
    shown_file: str
    """`bench.yaml` as the user would name it."""

    def shown(self, relative: str) -> str:
        """A path of the bench as the user would name it: relative to where they stand, if below."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.shown_file), relative))

    def path(self, relative: str) -> Path:
        """A path of the bench on this machine (an absolute one stays as it is)."""
        return self.root / relative

    def complaint(self, relative: str) -> str | None:
        """Why a path must not be used, or None for one that stays inside the folder."""
        lexical = complaint(relative, "the bench folder")
        if lexical is not None:
            return lexical
        try:
            inside = self.path(relative).resolve().is_relative_to(self.real_root)
        except (OSError, RuntimeError):  # a loop of symlinks, or a name that is too long
            return "cannot be followed"
        return None if inside else "leads out of the bench folder by a symlink"


def open_folder(path: Path) -> Folder:
    """The folder of a bench named by its file or by its folder."""
    named = path / "bench.yaml" if os.path.isdir(path) else path
    file = Path(os.path.abspath(named))
    here = Path.cwd()
    shown = file.relative_to(here) if file.is_relative_to(here) else named
    return Folder(file, file.parent, file.parent.resolve(), shown.as_posix())


def complaint(relative: str, container: str) -> str | None:
    """Why a path is not one inside a container, judged by its text alone."""
    if "${" in relative:
        return "`${…}` works in the text of providers only"
    if not relative.isprintable():
        return "holds characters that cannot be shown"
    if "\\" in relative:
        return "write `/` between folders"
    if relative.startswith(("/", "~")) or _DRIVE.match(relative):
        return f"must be relative: it may not leave {container}"
    normal = posixpath.normpath(relative)
    if normal.split("/")[0] == "..":
        return f"leads out of {container}"
    if normal == ".":
        return f"is {container} itself; name a file or folder in it"
    return None
