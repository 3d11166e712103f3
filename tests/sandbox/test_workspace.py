"""Everything a hostile subject can leave behind: nothing of it is followed, opened or left."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiverounds.errors import SandboxError
from fiverounds.sandbox import workspace
from fiverounds.sandbox.workspace import copy_clean, discard, read_file, remove, write_files
from tests.sandbox.support import AS_ROOT, deep, open_descriptors

not_as_root = pytest.mark.skipif(AS_ROOT, reason="permissions do not stop root")


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Path]:
    """A workspace; whatever is put there can be removed at last."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    yield folder
    remove(folder)
    assert not folder.exists()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret.txt"
    file.write_text("s3cret")
    return file


# --- writing ----------------------------------------------------------------------------------------------------------


def test_files_are_written_with_their_folders(tmp_path: Path) -> None:
    assert write_files(tmp_path, {"b/c.txt": b"2", "a.txt": b"1"}) == ("a.txt", "b/c.txt")
    assert (tmp_path / "b/c.txt").read_bytes() == b"2"


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", ".", "a/..", "a\0b"])
def test_nothing_is_written_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(SandboxError, match="leaves the workspace"):
        write_files(tmp_path / "w", {name: b""})
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    "files", [{"a": b"", "a/b": b""}, {"folder": b""}, {"x" * 300: b""}], ids=str
)
def test_what_is_in_the_way_is_told(tmp_path: Path, files: dict[str, bytes]) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(SandboxError, match="cannot be written there"):
        write_files(tmp_path, files)


# --- copying ----------------------------------------------------------------------------------------------------------


def test_plain_files_are_copied_with_their_content_and_executable_bit(
    hostile: Path, tmp_path: Path
) -> None:
    write_files(hostile, {"a.txt": b"a", "bin/run": b"#!/bin/sh\n", "ünï/çode.txt": b""})
    (hostile / "bin/run").chmod(0o4711)
    (hostile / "a.txt").chmod(0o600)
    copied = copy_clean(hostile, tmp_path / "copy")
    assert copied.files == ("a.txt", "bin/run", "ünï/çode.txt")
    assert copied.refused == ()
    assert (tmp_path / "copy/a.txt").read_bytes() == b"a"
    modes = {name: stat.S_IMODE((tmp_path / "copy" / name).stat().st_mode) for name in copied.files}
    assert modes == {"a.txt": 0o644, "bin/run": 0o755, "ünï/çode.txt": 0o644}


def test_caches_stay_behind(hostile: Path, tmp_path: Path) -> None:
    names = [".git/config", "a/__pycache__/x.pyc", ".pytest_cache/y", "z.pyc", ".gitignore"]
    write_files(hostile, dict.fromkeys(names, b"x"))
    assert copy_clean(hostile, tmp_path / "copy").files == (".gitignore",)


def test_links_and_specials_are_refused_and_never_opened(
    hostile: Path, tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (hostile / "to-file").symlink_to(secret)
    (hostile / "to-folder").symlink_to(tmp_path)
    (hostile / "to-nothing").symlink_to("nowhere")
    (hostile / "to-itself").symlink_to("to-itself")
    os.link(secret, hostile / "hard")
    os.mkfifo(hostile / "fifo")  # opening it would wait for ever
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(hostile)  # a socket's path must be short
        listener.bind("socket")
    (hostile / "good.txt").write_text("good")
    copied = copy_clean(hostile, tmp_path / "copy")
    assert copied.files == ("good.txt",)
    assert copied.refused == (
        "fifo: special file",
        "hard: hard link",
        "socket: special file",
        "to-file: symlink",
        "to-folder: symlink",
        "to-itself: symlink",
        "to-nothing: symlink",
    )
    assert [path.name for path in (tmp_path / "copy").iterdir()] == ["good.txt"]


@pytest.mark.skipif(not AS_ROOT, reason="only root can make device nodes")
def test_devices_are_never_opened(hostile: Path, tmp_path: Path) -> None:
    os.mknod(hostile / "zero", 0o666 | stat.S_IFCHR, os.makedev(1, 5))
    assert copy_clean(hostile, tmp_path / "copy").refused == ("zero: special file",)
    assert read_file(hostile, "zero", 10) is None


@pytest.mark.parametrize("name", [b"not-utf8-\xff", b"new\nline", b"escape\x1b[2J"])
def test_names_that_no_log_could_hold_are_refused_in_writing(
    hostile: Path, tmp_path: Path, name: bytes
) -> None:
    with open(os.fsencode(hostile) + b"/" + name, "wb"):
        pass
    copied = copy_clean(hostile, tmp_path / "copy")
    assert copied.files == ()
    assert len(copied.refused) == 1
    copied.refused[0].encode()


def test_there_is_an_end_to_depth(abyss: Path, tmp_path: Path) -> None:
    (abyss / "shallow").mkdir()
    deep(abyss / "shallow", 10)
    (abyss / "deep").mkdir()
    deep(abyss / "deep", 1050)  # beyond Python's recursion limit and the number of descriptors
    copied = copy_clean(abyss, tmp_path / "copy")
    assert copied.files == (f"shallow/{'d/' * 10}bottom",)
    assert len(copied.refused) == 1
    assert copied.refused[0].endswith(": too deep")


def test_there_is_an_end_to_long_names(hostile: Path, tmp_path: Path) -> None:
    (hostile / "/".join(["n" * 250] * 6)).mkdir(parents=True)
    (copied,) = copy_clean(hostile, tmp_path / "copy").refused
    assert copied.endswith(": its name is too long")


def test_there_is_an_end_to_size(
    hostile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "_MAXIMUM_BYTES", 100)
    write_files(hostile, {"a": b"x" * 60, "b": b"x" * 60, "c": b"x" * 40})
    with (hostile / "sparse").open("wb") as sparse:
        sparse.truncate(10**12)
    copied = copy_clean(hostile, tmp_path / "copy")
    assert copied.files == ("a", "c")
    assert copied.refused == ("b: the workspace is too big", "sparse: the workspace is too big")


@pytest.mark.parametrize(
    ("limit", "value", "files", "refused"),
    [
        ("_MAXIMUM_FILES", 3, 3, 7),
        ("_MAXIMUM_ENTRIES", 3, 3, 1),
        ("_MAXIMUM_REFUSED", 2, 10, 0),
    ],
)
def test_there_is_an_end_to_files(
    hostile: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: int,
    files: int,
    refused: int,
) -> None:
    monkeypatch.setattr(workspace, limit, value)
    write_files(hostile, {f"f{number}": b"" for number in range(10)})
    copied = copy_clean(hostile, tmp_path / "copy")
    assert (len(copied.files), len(copied.refused)) == (files, refused)


def test_there_is_an_end_to_complaints(
    hostile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "_MAXIMUM_REFUSED", 3)
    for number in range(20):
        (hostile / f"link{number}").symlink_to("x")
    (hostile / "z.txt").write_text("never reached")
    copied = copy_clean(hostile, tmp_path / "copy")
    assert copied.files == ()
    assert len(copied.refused) == 5
    assert "and so on: the rest is left out" in copied.refused


def test_no_descriptor_stays_open(hostile: Path, tmp_path: Path) -> None:
    write_files(hostile, {"a/b/c.txt": b"1"})
    (hostile / "a/link").symlink_to("x")
    before = open_descriptors()
    copy_clean(hostile, tmp_path / "copy")
    read_file(hostile, "a/b/c.txt", 1)
    read_file(hostile, "a/link", 1)
    read_file(hostile, "a/link/c", 1)
    assert open_descriptors() == before


@not_as_root
def test_what_may_not_be_read_is_named(hostile: Path, tmp_path: Path) -> None:
    write_files(hostile, {"good": b"", "closed.txt": b"", "closed/x": b"", "no-entry/x": b""})
    (hostile / "closed.txt").chmod(0)
    (hostile / "closed").chmod(0)
    (hostile / "no-entry").chmod(0o400)  # its names can be read, what they stand for cannot
    copied = copy_clean(hostile, tmp_path / "copy")
    assert copied.files == ("good",)
    assert copied.refused == (
        "closed.txt: Permission denied",
        "closed: Permission denied",
        "no-entry/x: Permission denied",
    )


@not_as_root
def test_a_workspace_that_closed_itself_is_named(hostile: Path, tmp_path: Path) -> None:
    hostile.chmod(0)
    assert copy_clean(hostile, tmp_path / "copy").refused == (".: Permission denied",)


def test_a_workspace_that_is_not_there_is_our_mistake(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        copy_clean(tmp_path / "missing", tmp_path / "copy")


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.text(alphabet="ab/._", min_size=1, max_size=12), st.binary(max_size=20)))
def test_whatever_can_be_written_is_copied_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    written = {}
    for name, content in files.items():
        with contextlib.suppress(SandboxError):
            write_files(folder / "source", {name: content})
            written[PurePosixPath(name).as_posix()] = content
    (folder / "source").mkdir(exist_ok=True)
    assert set(copy_clean(folder / "source", folder / "copy").files) == set(written)
    for name, content in written.items():
        assert (folder / "copy" / name).read_bytes() == content
    remove(folder)


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_file_is_read_up_to_the_limit(hostile: Path) -> None:
    write_files(hostile, {"a/b.txt": b"12345"})
    assert read_file(hostile, "a/b.txt", 100) == b"12345"
    assert read_file(hostile, "a/b.txt", 3) == b"123"


@pytest.mark.parametrize("name", ["missing", "folder", "", ".", "x\0y", "a/../b.txt", "b.txt/x"])
def test_what_is_no_file_is_none(hostile: Path, name: str) -> None:
    write_files(hostile, {"folder/x": b"", "b.txt": b""})
    assert read_file(hostile, name, 10) is None


def test_reading_stays_inside(hostile: Path, secret: Path) -> None:
    (hostile / "link").symlink_to(secret)
    (hostile / "up").symlink_to("..")
    os.link(secret, hostile / "hard")
    os.mkfifo(hostile / "fifo")
    names = ["link", "up/secret.txt", "hard", "fifo", "../secret.txt", str(secret)]
    assert [read_file(hostile, name, 10) for name in names] == [None] * len(names)


def test_a_missing_workspace_is_none(tmp_path: Path) -> None:
    assert read_file(tmp_path / "missing", "x", 10) is None


# --- discarding -------------------------------------------------------------------------------------------------------


def test_discarding_removes_the_file_or_the_link_itself(hostile: Path, secret: Path) -> None:
    write_files(hostile, {"a/report.xml": b"forged"})
    (hostile / "link").symlink_to(secret)
    for name in ("a/report.xml", "link", "missing", "missing/too"):
        discard(hostile, name)
    assert [path.name for path in hostile.iterdir()] == ["a"]
    assert secret.read_text() == "s3cret"


@pytest.mark.parametrize("name", ["folder", "up/secret.txt", "../secret.txt"])
def test_discarding_reaches_nothing_else(hostile: Path, secret: Path, name: str) -> None:
    (hostile / "folder").mkdir()
    (hostile / "up").symlink_to("..")
    with pytest.raises(SandboxError, match="cannot be removed"):
        discard(hostile, name)
    assert secret.exists()


# --- removing ---------------------------------------------------------------------------------------------------------


def test_removing_follows_nothing(tmp_path: Path, secret: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tmp_path / "kept").mkdir()
    (tree / "link").symlink_to(secret)
    (tree / "folder-link").symlink_to(tmp_path / "kept")
    os.mkfifo(tree / "fifo")
    remove(tree)
    assert not tree.exists()
    assert secret.exists()
    assert (tmp_path / "kept").exists()


def test_trees_without_permissions_and_without_end_are_removed(abyss: Path, secret: Path) -> None:
    tree = abyss / "tree"
    write_files(tree, {"a/b/c.txt": b"", "d/e": b""})
    (tree / "a/link").symlink_to(secret)
    secret.chmod(0o640)
    deep(tree / "d", 1050)
    for folder in (tree / "a/b", tree / "a", tree / "d", tree):
        folder.chmod(0o000)
    remove(tree)
    assert not tree.exists()
    assert stat.S_IMODE(secret.stat().st_mode) == 0o640


def test_removing_what_is_not_there_is_fine(tmp_path: Path) -> None:
    remove(tmp_path / "missing")


@not_as_root
def test_what_cannot_be_removed_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "above/tree").mkdir(parents=True)
    (tmp_path / "above").chmod(0o500)
    with pytest.raises(SandboxError, match="cannot be removed"):
        remove(tmp_path / "above/tree")
    (tmp_path / "above").chmod(0o700)
