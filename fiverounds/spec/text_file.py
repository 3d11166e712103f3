"""A text file of a bench → its text, or the one problem that keeps it from being read.

Never reads more than the limit, never opens anything but a regular file (a FIFO would hang us).
"""

from __future__ import annotations

import stat
from pathlib import Path

from fiverounds.errors import Problem

MAX_BYTES = 1024 * 1024
_OTHER_ENCODINGS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
_AS_UTF8 = "save the file as UTF-8"


def read_text(path: Path, shown: str) -> str | Problem:
    """The file's text without its byte order mark, or why it cannot be had."""
    try:
        data = _read(path)
    except OSError as error:
        return Problem(shown, 1, 1, "", f"cannot be read: {_reason(error)}")
    if isinstance(data, str):
        return Problem(shown, 1, 1, "", data)
    return _decode(data, shown)


def _read(path: Path) -> bytes | str:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        return "is a folder, not a file"
    if not stat.S_ISREG(status.st_mode):
        return "is not a regular file"
    with path.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        return f"is too large: {status.st_size:,} bytes, and at most {MAX_BYTES:,} are read"
    return data


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return (error.strerror or type(error).__name__).lower()


def _decode(data: bytes, shown: str) -> str | Problem:
    for mark, name in _OTHER_ENCODINGS:
        if data.startswith(mark):
            return Problem(shown, 1, 1, "", f"is {name}, not UTF-8", _AS_UTF8)
    zero = data.find(b"\0")
    if zero >= 0:
        line, column = _place(data, zero)
        return Problem(shown, line, column, "", "holds a NUL byte: is it text in UTF-8?", _AS_UTF8)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _place(data, error.start)
        byte = data[error.start]
        return Problem(shown, line, column, "", f"byte 0x{byte:02X} is not UTF-8", _AS_UTF8)


def _place(data: bytes, offset: int) -> tuple[int, int]:
    before = data[:offset].removeprefix(b"\xef\xbb\xbf")
    line_start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[line_start:].decode("utf-8", "replace")) + 1
