"""Recorded answers."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fiverounds.errors import ProviderError
from fiverounds.providers import replay
from fiverounds.providers.base import Reply
from fiverounds.providers.offered import NotOffered
from fiverounds.providers.replay import Replay
from fiverounds.results import StopReason
from fiverounds.spec.models import ReplayProvider
from tests.support.tasks import task


def provider(root: Path, answers: str, **fields: Any) -> Replay:
    spec = ReplayProvider(kind="replay", id="reference", answers=answers, **fields)
    return Replay(spec, bench_root=root, environment={})


def answer(root: Path, answers: str, **names: Any) -> Reply:
    return asyncio.run(provider(root, answers).attempt(task(**names)))


def test_folder_becomes_files(tmp_path: Path) -> None:
    tree = tmp_path / "rounds/r1/reference"
    (tree / "pkg/__pycache__").mkdir(parents=True)
    (tree / ".git").mkdir()
    (tree / "README.md").write_text("hi")
    (tree / "pkg/a.py").write_bytes(b"\xff\x00")
    (tree / "pkg/__pycache__/a.pyc").write_text("x")
    (tree / ".git/config").write_text("x")
    (tree / "link").symlink_to("/etc/passwd")
    (tree / "folder-link").symlink_to("/etc")
    os.mkfifo(tree / "pipe")
    reply = answer(tmp_path, "rounds/{round}/reference")
    assert reply.stop is StopReason.FINISHED
    assert reply.text is None
    assert reply.files == {"README.md": b"hi", "pkg/a.py": b"\xff\x00"}
    assert reply.timing.provider_seconds >= 0


def test_text_file_becomes_a_chat_reply(tmp_path: Path) -> None:
    (tmp_path / "r1-p1-2-3.md").write_bytes(b"```py\nx\n```\xff")
    reply = answer(tmp_path, "{round}-{prompt}-{repeat}-{attempt}.md", repeat=2, attempt=3)
    assert (reply.text, reply.files) == ("```py\nx\n```\ufffd", None)


def test_other_braces_are_part_of_the_name(tmp_path: Path) -> None:
    (tmp_path / "{0}{x}r1").write_text("y")
    assert answer(tmp_path, "{0}{x}{round}").text == "y"


def test_nothing_recorded_is_skipped_not_failed(tmp_path: Path) -> None:
    with pytest.raises(NotOffered) as caught:
        answer(tmp_path, "rounds/{round}/reference")
    assert caught.value.unavailable.reason == "no recorded answer at rounds/r1/reference"
    assert "rounds: [...]" in caught.value.unavailable.mend


def test_check(tmp_path: Path) -> None:
    assert asyncio.run(provider(tmp_path, "rounds/{round}/x").check()) is None
    found = asyncio.run(provider(tmp_path, "answers", mend="make answers").check())
    assert found is not None
    assert (found.reason, found.mend) == ("no recorded answer at answers", "make answers")
    (tmp_path / "answers").mkdir()
    assert asyncio.run(provider(tmp_path, "answers").check()) is None


def test_a_tree_too_big_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "MAX_BYTES", 10)
    (tmp_path / "r").mkdir()
    (tmp_path / "r/a").write_bytes(b"x" * 11)
    with pytest.raises(ProviderError, match="larger than 10 bytes"):
        answer(tmp_path, "r")


def test_unreadable_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(NotOffered):
        answer(tmp_path, "loop")


def test_replaying_needs_no_http_library(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from fiverounds.providers import create\n"
        "from fiverounds.spec.models import ReplayProvider\n"
        "spec = ReplayProvider(kind='replay', id='r', answers='x')\n"
        "create(spec, bench_root=pathlib.Path('.'), environment={})\n"
        "print([name for name in ('httpx', 'xllamacpp', 'markdown_it') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
