"""The users that subjects run as."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fiverounds.sandbox.users import give, throwaway_users


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes owners")
def test_giving_follows_no_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    tree = tmp_path / "tree"
    (tree / "below").mkdir(parents=True)
    (tree / "below" / "file").write_text("x")
    (tree / "link").symlink_to(outside)
    give(tree, 200_001)
    assert outside.stat().st_uid == os.getuid()
    for path in (tree, tree / "below", tree / "below" / "file", tree / "link"):
        assert path.lstat().st_uid == 200_001


def test_an_ordinary_user_has_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert throwaway_users() is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has other users")
def test_root_draws_from_users_that_nobody_is() -> None:
    users = throwaway_users()
    assert users is not None
    assert min(users) > 30_000
    assert len(users) > 10_000
