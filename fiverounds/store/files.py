"""Disk primitives: JSON as text, atomic and durable writes, safe names. Failure is StoreError."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from fiverounds.errors import StoreError
from fiverounds.store.redact import Redactor, clean_terminal

_PIECE_BYTES = 1024 * 1024
_NOT_FOR_TERMINALS = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turns what the disk refuses into a StoreError that names the path."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path}: {error.strerror or error}",
            hint="make room there, or mend the rights",
        ) from error


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON that may be shown by `cat`: characters that drive a terminal are written as escapes."""
    text = json.dumps(
        value,
        indent=indent,
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":") if indent is None else None,
    )
    # Outside strings JSON is plain ASCII, so each of these stands inside one.
    return _NOT_FOR_TERMINALS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def write_atomic(path: Path, data: bytes) -> None:
    """All of `data` or what was there before, also after a power cut."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    with disk_errors(path):
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(path.parent)


def append_whole(descriptor: int, line: bytes) -> None:
    """Append with one write; what got there of a line that did not fit is taken back."""
    size = os.fstat(descriptor).st_size
    try:
        if os.write(descriptor, line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def sync_folder(folder: Path) -> None:
    """Make new names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(top: Path) -> None:
    """Make every file below a folder durable; nothing happens when there is no such folder."""
    for path in plain_files(top):
        with path.open("rb") as file:
            os.fsync(file.fileno())
    for folder, _, _ in os.walk(top):
        sync_folder(Path(folder))


def inside(folder: Path, name: str) -> Path:
    """The path of `name` (relative, POSIX) in `folder`; its parents are made.

    Raises StoreError when the name leads out of the folder, also by way of a link.
    """
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\0" in name or "\\" in name:
        raise StoreError(f"{name!r} is no name for a file inside the log")
    path = folder.joinpath(*parts)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or not path.parent.resolve().is_relative_to(folder.resolve()):
            raise StoreError(f"{name!r} leads out of the log")
    return path


def clean_name(name: str) -> str:
    """A file name as it may stand in a log: no control characters, none that do not encode."""
    encodable = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return clean_terminal(encodable).replace("\n", "_").replace("\t", "_").replace("\\", "_")


def plain_files(top: Path) -> Iterator[Path]:
    """Regular files below a folder, sorted; links and special files are passed over, unfollowed."""
    for folder, folders, names in os.walk(top, followlinks=False):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            if stat.S_ISREG(path.lstat().st_mode):
                yield path


def copy_redacted(source: Path, target: Path, redactor: Redactor) -> None:
    """Copy a file of any size without its secrets, holding little of it in memory."""
    stream = redactor.stream()
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as reading, target.open("wb") as writing:
        while piece := reading.read(_PIECE_BYTES):
            writing.write(stream.feed(piece))
        writing.write(stream.flush())
