from __future__ import annotations

from pathlib import Path

import pytest

from fiverounds.spec.folder import open_folder


def test_names_are_relative_to_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    assert open_folder(Path("sub/b.yaml")).shown("x/y") == "sub/x/y"
    assert open_folder(tmp_path / "sub" / "b.yaml").shown_file == "sub/b.yaml"
    assert open_folder(Path("b.yaml")).shown("./x/../y") == "y"
    assert open_folder(Path("sub")).shown_file == "sub/bench.yaml"
    monkeypatch.chdir(tmp_path / "sub")
    assert open_folder(Path("../b.yaml")).shown("x") == "../x"
    assert open_folder(tmp_path / "b.yaml").shown("x") == f"{tmp_path.as_posix()}/x"


@pytest.mark.parametrize("path", ["a", "a/b.c", "./a", "a/../b", "..a/b", "a..b", "a b", "é"])
def test_paths_that_stay_inside(tmp_path: Path, path: str) -> None:
    assert open_folder(tmp_path / "b.yaml").complaint(path) is None


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../a",
        "a/../../b",
        "/a",
        "//a",
        "~",
        "~/a",
        "C:/a",
        "C:a",
        "a\\b",
        "${A}/b",
        "a\n",
        "\x1b[2J",
    ],
)
def test_paths_that_do_not(tmp_path: Path, path: str) -> None:
    assert open_folder(tmp_path / "b.yaml").complaint(path)


def test_symlinks(tmp_path: Path) -> None:
    root = tmp_path / "bench"
    root.mkdir()
    (tmp_path / "outside").write_text("x")
    (root / "inside").write_text("x")
    (root / "good").symlink_to("inside")
    (root / "bad").symlink_to("../outside")
    (root / "up").symlink_to("..")
    (root / "loop").symlink_to("loop")
    folder = open_folder(root / "b.yaml")
    assert folder.complaint("good") is None
    assert folder.complaint("bad") == "leads out of the bench folder by a symlink"
    assert folder.complaint("up/outside") == "leads out of the bench folder by a symlink"
    assert folder.complaint("loop/x") == "cannot be followed"


def test_a_bench_folder_that_is_itself_a_symlink(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/x").write_text("x")
    (tmp_path / "link").symlink_to("real")
    assert open_folder(tmp_path / "link" / "b.yaml").complaint("x") is None
