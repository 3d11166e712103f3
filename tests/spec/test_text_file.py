from __future__ import annotations

import os
import time
from pathlib import Path

from fiverounds.errors import Problem
from fiverounds.spec.text_file import MAX_BYTES, read_text


def said(path: Path) -> str:
    result = read_text(path, "f")
    assert isinstance(result, Problem)
    return str(result)


def test_text(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"\xef\xbb\xbfcaf\xc3\xa9\r\n")
    assert read_text(path, "f") == "café\r\n"


def test_fifty_megabytes_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "f"
    with path.open("wb") as stream:
        stream.truncate(50 * 1024 * 1024)
    started = time.process_time()
    assert said(path) == "f:1:1: is too large: 52,428,800 bytes, and at most 1,048,576 are read"
    assert time.process_time() - started < 0.2


def test_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"a" * MAX_BYTES)
    assert read_text(path, "f") == "a" * MAX_BYTES
    path.write_bytes(b"a" * (MAX_BYTES + 1))
    assert "is too large" in said(path)


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert said(tmp_path / "none") == "f:1:1: cannot be read: there is no such file"
    assert said(tmp_path) == "f:1:1: is a folder, not a file"
    assert said(tmp_path / "fifo") == "f:1:1: is not a regular file"
    (tmp_path / "loop").symlink_to("loop")
    assert "cannot be read" in said(tmp_path / "loop")
    assert "cannot be read" in said(tmp_path / ("n" * 300))
