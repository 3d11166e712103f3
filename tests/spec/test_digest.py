from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fiverounds.spec.digest import digest_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("bench.yaml", "suite/b.py", "suite/a.py", "suite/deep/c.py", "other"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_the_order_of_names_and_their_spelling_do_not_count(root: Path) -> None:
    digest = digest_of(root, ["bench.yaml", "suite"])
    assert len(digest) == 64
    assert digest_of(root, ["suite/../suite/", "./bench.yaml", "suite/a.py", "none"]) == digest


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "bench.yaml").write_text("x"),
        lambda root: (root / "suite/deep/c.py").write_text("x"),
        lambda root: (root / "suite/new").write_text(""),
        lambda root: (root / "suite/a.py").unlink(),
        lambda root: (root / "suite/a.py").rename(root / "suite/z.py"),
    ],
)
def test_what_counts(root: Path, change: Callable[[Path], object]) -> None:
    digest = digest_of(root, ["bench.yaml", "suite"])
    change(root)
    assert digest_of(root, ["bench.yaml", "suite"]) != digest


def test_what_does_not_count(root: Path) -> None:
    digest = digest_of(root, ["bench.yaml", "suite"])
    for name in ("__pycache__", ".git", ".pytest_cache"):
        (root / "suite" / name).mkdir()
        (root / "suite" / name / "x").write_text("x")
    (root / "suite/link").symlink_to("/etc/hostname")
    (root / "suite/empty").mkdir()
    os.mkfifo(root / "suite/fifo")
    (root / "other").write_text("changed")
    os.utime(root / "suite/a.py", (0, 0))
    assert digest_of(root, ["bench.yaml", "suite"]) == digest


def test_a_name_that_is_no_utf_8(root: Path) -> None:
    (root / "suite" / os.fsdecode(b"caf\xe9")).write_text("x")
    assert len(digest_of(root, ["suite"])) == 64
