"""Which paths of an answer may be written.

Pure: a text goes in, a plain relative path or a complaint comes out.
"""

from __future__ import annotations

from fiverounds.errors import FiveroundsError

MAX_PART_BYTES = 255
"""What Linux, macOS and Windows file systems take for one name."""
MAX_PATH_BYTES = 1024
_SHOWN_CHARACTERS = 120


class BadPath(FiveroundsError):
    """A path that an answer may not write. The message names it."""


def confined(path: str) -> str:
    """The path in its plain form (`./a//b.py` → `a/b.py`), certain to stay below its folder.

    Raises:
        BadPath: absolute, with a drive letter, `..`, `.git`, a backslash, a control or invisible
            character, a name too long, or the path of a folder.
    """
    if not path:
        raise BadPath("an empty path")
    if not path.isprintable():
        raise BadPath(f"path with a control or invisible character: {shown(path)}")
    if "\\" in path:
        raise BadPath(f"path with a backslash: {shown(path)}")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    # `./C:/x` too: what is left of it would have a drive.
    drive = bool(parts) and parts[0][1:2] == ":" and parts[0][0].isalpha()
    if path.startswith("/") or drive:
        raise BadPath(f"path is absolute: {shown(path)}")
    if path.endswith(("/", "/.")):
        raise BadPath(f"path of a folder, not of a file: {shown(path)}")
    if ".." in parts:
        raise BadPath(f"path leaves the workspace: {shown(path)}")
    if not parts:
        raise BadPath(f"path of a folder, not of a file: {shown(path)}")
    if any(part.lower() == ".git" for part in parts):
        raise BadPath(f"path inside .git: {shown(path)}")
    if (
        any(len(part.encode()) > MAX_PART_BYTES for part in parts)
        or len(path.encode()) > MAX_PATH_BYTES
    ):
        raise BadPath(f"path too long: {shown(path)}")
    return "/".join(parts)


def shown(path: str) -> str:
    """A path fit for a message: one line, bounded, nothing invisible."""
    clean = path if path.isprintable() else ascii(path)
    return clean if len(clean) <= _SHOWN_CHARACTERS else clean[:_SHOWN_CHARACTERS] + "…"


def collision(paths: list[str]) -> str | None:
    """The first path that would have to be a file and a folder at once."""
    folders = {
        "/".join(parts[:depth])
        for parts in (path.split("/") for path in paths)
        for depth in range(1, len(parts))
    }
    return next((path for path in paths if path in folders), None)
