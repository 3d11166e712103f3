from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiverounds.errors import StoreError
from fiverounds.store import files
from fiverounds.store.files import (
    append_whole,
    clean_name,
    copy_redacted,
    disk_errors,
    inside,
    json_text,
    plain_files,
    sync_tree,
    write_atomic,
)
from fiverounds.store.redact import Redactor

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(values)
def test_json_comes_back_as_it_was(value: object) -> None:
    assert json.loads(json_text(value)) == value
    assert json.loads(json_text(value, indent=2)) == value


@given(st.text())
def test_json_may_be_shown_on_a_terminal(text: str) -> None:
    written = json_text({text: text})
    assert not any(letter < " " or "\x7f" <= letter <= "\x9f" for letter in written)
    assert not set(written) & set("\u202e\u2066\u2028")


def test_disk_errors_name_the_path_and_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No space left") as caught, disk_errors(tmp_path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert str(tmp_path) in caught.value.message
    assert "make room" in (caught.value.hint or "")


def test_an_atomic_write_replaces_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_atomic(path, b"one")
    write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_failed_atomic_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    write_atomic(path, b"one")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError):
        write_atomic(path, b"two")
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["a.json"]


def test_writing_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        write_atomic(tmp_path / "no" / "a.json", b"")


def test_a_short_append_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b"before\n")
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[:3]))
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    with pytest.raises(OSError, match="No space left"):
        append_whole(descriptor, b"a whole line\n")
    os.close(descriptor)
    assert path.read_bytes() == b"before\n"


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "..", "a/../../b", "a\0b", "a\\b", "link/x", "link"]
)
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "attempt"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    with pytest.raises(StoreError):
        inside(folder, name)


def test_names_inside_get_their_folders(tmp_path: Path) -> None:
    path = inside(tmp_path, "files/src/./main.go")
    assert path == tmp_path / "files" / "src" / "main.go"
    assert path.parent.is_dir()


def test_a_file_where_a_folder_is_needed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(StoreError):
        inside(tmp_path, "a/b")


def test_clean_name() -> None:
    assert clean_name("a\n\x1b[31mb\tc\\d\udcff") == "a_b_c_d\ufffd"
    assert clean_name("dir/naïve ✔.png") == "dir/naïve ✔.png"


def test_only_plain_files_are_found(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("s")
    top = tmp_path / "top"
    (top / "b").mkdir(parents=True)
    (top / "b" / "one").write_text("1")
    (top / "a").write_text("2")
    (top / "to-file").symlink_to(outside / "secret")
    (top / "to-folder").symlink_to(outside)
    os.mkfifo(top / "pipe")
    assert [path.relative_to(top).as_posix() for path in plain_files(top)] == ["a", "b/one"]
    sync_tree(top)
    sync_tree(tmp_path / "not-there")


def test_copying_a_large_file_redacts_over_piece_borders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PIECE_BYTES", 7)
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"x" * 20 + b"canary-secret" + b"\xff" * 20)
    copy_redacted(source, target, Redactor(["canary-secret"]))
    assert target.read_bytes() == b"x" * 20 + b"[redacted]" + b"\xff" * 20


def test_copying_does_not_follow_a_link(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match="symbolic links"):
        copy_redacted(tmp_path / "link", tmp_path / "target", Redactor())
