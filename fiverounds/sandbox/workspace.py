"""Workspaces on the host: made fresh, filled with confined paths, copied clean, read without following links.

What stands in a workspace after a subject ran is hostile: symlinks to host files, FIFOs, hard links, huge files,
endless folders. Nothing here follows or opens any of them.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath

from fiverounds.errors import SandboxError
from fiverounds.limits import MIB
from fiverounds.sandbox import process

IGNORED_FOLDERS = frozenset({"__pycache__", ".git", ".pytest_cache"})
_MAXIMUM_BYTES = 512 * MIB
_MAXIMUM_FILES = 50_000
_MAXIMUM_ENTRIES = 200_000
_MAXIMUM_REFUSED = 1_000
_MAXIMUM_DEPTH = 64
_MAXIMUM_NAME, _SHOWN_NAME = 1_024, 100
_REMOVE_SECONDS = 120.0
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NO_TEXT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
"""Controls, and what Python makes of bytes that are no UTF-8: no log could hold them."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What a clean copy took, and what it refused: `link.txt: symlink`."""

    files: tuple[str, ...]
    refused: tuple[str, ...]


class _Refused(Exception):
    """Why something of a workspace is not taken."""


class _Enough(Exception):
    """Why nothing more of it is taken."""


def write_files(folder: Path, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Put files (relative POSIX paths) into a folder that only the runner has written so far.

    Raises:
        SandboxError: a path leaves the folder, or cannot be written because something else is in its way.
    """
    for name, content in files.items():
        parts = _parts(name)
        if parts is None:
            raise SandboxError(f"path leaves the workspace: {name}")
        target = folder.joinpath(*parts)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        except OSError as error:
            raise SandboxError(f"{name} cannot be written there: {error.strerror}") from error
    return tuple(sorted(files))


def copy_clean(source: Path, target: Path) -> Copied:
    """Copy the plain files of a tree into `target` (made if missing).

    Caches and `.git` stay behind; so do, each with the reason, links, specials and what is beyond all measure.
    """
    target.mkdir(parents=True, exist_ok=True)
    files: list[str] = []
    refused: list[str] = []
    total_bytes = 0
    try:
        for name, descriptor, reason in _walk(source.resolve()):
            if descriptor is None:
                refused.append(f"{name}: {reason}")
                if len(refused) > _MAXIMUM_REFUSED:
                    raise _Enough("and so on: the rest is left out")
                continue
            with os.fdopen(descriptor, "rb") as reading:
                status = os.fstat(descriptor)
                if total_bytes + status.st_size > _MAXIMUM_BYTES or len(files) >= _MAXIMUM_FILES:
                    refused.append(f"{name}: the workspace is too big")
                    continue
                total_bytes += status.st_size
                destination = target / name
                destination.parent.mkdir(parents=True, exist_ok=True)
                with destination.open("wb") as writing:
                    shutil.copyfileobj(reading, writing)
                destination.chmod(0o755 if status.st_mode & 0o111 else 0o644)
                files.append(name)
    except _Enough as the_rest:
        refused.append(str(the_rest))
    return Copied(tuple(sorted(files)), tuple(sorted(refused)))


def read_file(folder: Path, name: str, limit_bytes: int) -> bytes | None:
    """A plain file of a workspace, at most `limit_bytes` of it; None if missing, special, linked or outside."""
    try:
        with _folder_of(folder, name) as (place, last):
            descriptor = _open_plain(last, place)
    except (OSError, _Refused):
        return None
    with os.fdopen(descriptor, "rb") as reading:
        return reading.read(limit_bytes)


def discard(folder: Path, name: str) -> None:
    """See to it that a workspace has no such file, so that what stands there later is new.

    Raises:
        SandboxError: it cannot be removed.
    """
    try:
        with _folder_of(folder, name) as (place, last):
            os.unlink(last, dir_fd=place)
    except FileNotFoundError:
        return
    except (OSError, _Refused) as error:
        raise SandboxError(f"{name} cannot be removed: {error}") from error


def remove(folder: Path) -> None:
    """Remove a tree, whatever a subject did to its permissions and depth; links are removed, not followed.

    Raises:
        SandboxError: it is still there.
    """
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except (OSError, RecursionError):
        # Python gives up on folders without permissions and on very deep trees; these two do not.
        process.capture(["chmod", "-R", "u+rwX", "--", str(folder)], _REMOVE_SECONDS)
        code, output = process.capture(["rm", "-rf", "--", str(folder)], _REMOVE_SECONDS)
        if code != 0:
            raise SandboxError(f"{folder} cannot be removed: {output[-300:].strip()}") from None


def _parts(name: str) -> tuple[str, ...] | None:
    """The parts of a path that stays below its folder, else None."""
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\0" in name:
        return None
    return path.parts


@contextlib.contextmanager
def _folder_of(folder: Path, name: str) -> Iterator[tuple[int, str]]:
    """The open folder that holds `name`, reached through real folders only, and the name's last part."""
    parts = _parts(name)
    if parts is None:
        raise _Refused("it leaves the workspace")
    with contextlib.ExitStack() as opened:
        place = opened.enter_context(_opened(folder.resolve(), _FOLDER))
        for part in parts[:-1]:
            place = opened.enter_context(_opened(part, _FOLDER, place))
        yield place, parts[-1]


def _walk(root: Path) -> Iterator[tuple[str, int | None, str]]:
    """(relative name, open descriptor, "") of each plain file; (name, None, why) of what is refused.

    Raises:
        _Enough: there is no end to it.
    """
    entries = count(1)

    def below(place: int, prefix: str, depth: int) -> Iterator[tuple[str, int | None, str]]:
        for name in sorted(os.listdir(place)):
            if next(entries) > _MAXIMUM_ENTRIES:
                raise _Enough(
                    f"more than {_MAXIMUM_ENTRIES} files and folders: the rest is left out"
                )
            path = prefix + name
            try:
                _check_name(path)
                if not stat.S_ISDIR(os.stat(name, dir_fd=place, follow_symlinks=False).st_mode):
                    if not name.endswith(".pyc"):
                        yield path, _open_plain(name, place), ""
                elif depth >= _MAXIMUM_DEPTH:
                    raise _Refused("too deep")
                elif name not in IGNORED_FOLDERS:
                    with _opened(name, _FOLDER, place) as inner:
                        yield from below(inner, f"{path}/", depth + 1)
            except (OSError, _Refused) as error:
                reason = error.strerror if isinstance(error, OSError) else str(error)
                yield (
                    path.encode("utf-8", "backslashreplace").decode(),
                    None,
                    reason or "unreadable",
                )

    try:
        with _opened(root, _FOLDER) as top:
            yield from below(top, "", 0)
    except PermissionError as error:  # a subject may close its own workspace
        yield ".", None, str(error.strerror)


def _check_name(path: str) -> None:
    if _NO_TEXT.search(path):
        raise _Refused("not a name that can be written down")
    if len(path) > _MAXIMUM_NAME:
        raise _Refused("its name is too long")


def _open_plain(name: str, place: int) -> int:
    """A descriptor of a file that is nothing but a file. Nothing else is even opened."""
    _check_plain(os.stat(name, dir_fd=place, follow_symlinks=False))
    descriptor = os.open(name, _FILE, dir_fd=place)
    try:
        _check_plain(os.fstat(descriptor))
    except _Refused:
        os.close(descriptor)
        raise
    return descriptor


def _check_plain(status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise _Refused("symlink")
    if not stat.S_ISREG(status.st_mode):
        raise _Refused("special file")
    if status.st_nlink != 1:
        raise _Refused("hard link")


@contextlib.contextmanager
def _opened(name: str | Path, flags: int, place: int | None = None) -> Iterator[int]:
    descriptor = os.open(name, flags, dir_fd=place)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
