from __future__ import annotations

from pathlib import Path

import pytest

from fiverounds.assertions.pytest_suite.protected import changes
from fiverounds.sandbox.workspace import write_files


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Path, Path]:
    files = {
        "setup.cfg": b"x",
        "src/a.py": b"a",
        "tests/test_a.py": b"a",
        "tests/deep/test_b.py": b"b",
    }
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
        write_files(tmp_path / name, files)
    return tmp_path / "before", tmp_path / "after"


@pytest.mark.parametrize("pattern", ["tests/**", "tests", "tests/", "**/test_*.py", "**"])
def test_changed_added_and_deleted(trees: tuple[Path, Path], pattern: str) -> None:
    before, after = trees
    assert changes(before, after, [pattern]) == ()
    write_files(after, {"tests/test_a.py": b"b", "tests/deep/test_c.py": b"c"})
    (after / "tests/deep/test_b.py").unlink()
    assert changes(before, after, [pattern]) == (
        "tests/deep/test_b.py deleted",
        "tests/deep/test_c.py added",
        "tests/test_a.py changed",
    )


@pytest.mark.parametrize("pattern", ["src/**", "*.cfg", "tests/*.txt", "test?/x", "ests"])
def test_other_files_are_free(trees: tuple[Path, Path], pattern: str) -> None:
    before, after = trees
    write_files(after, {"tests/test_a.py": b"b", "tests/new.py": b""})
    assert changes(before, after, [pattern]) == ()


def test_stars_stay_within_a_folder(trees: tuple[Path, Path]) -> None:
    before, after = trees
    write_files(after, {"tests/test_a.py": b"b", "tests/deep/test_b.py": b"c", "a+b.txt": b""})
    assert changes(before, after, ["tests/*.py"]) == ("tests/test_a.py changed",)
    assert changes(before, after, ["a+?.txt"]) == ("a+b.txt added",)


def test_caches_do_not_count_and_links_are_no_files(trees: tuple[Path, Path]) -> None:
    before, after = trees
    write_files(
        after, {"tests/__pycache__/a.pyc": b"", "tests/.pytest_cache/x": b"", "tests/a.pyc": b""}
    )
    (after / "tests/test_a.py").unlink()
    (after / "tests/test_a.py").symlink_to(before / "tests/test_a.py")
    assert changes(before, after, ["tests"]) == ("tests/test_a.py deleted",)
