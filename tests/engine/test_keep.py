from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fiverounds.engine.keep import Keeper, changed_files
from fiverounds.results import Attempt, Verdict
from fiverounds.sandbox.workspace import write_files
from fiverounds.store.redact import Redactor
from fiverounds.store.writer import RunWriter
from tests.golden.sample import header


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[RunWriter]:
    plan = [{"trial_id": "p/r/q/1"}]
    with RunWriter.create(
        tmp_path / "_logs", header(), plan, Redactor(("s3cret-key-value",))
    ) as made:
        yield made


@pytest.fixture
def keeper(writer: RunWriter) -> Keeper:
    return Keeper(writer, "p/r/q/1", 2)


def kept(writer: RunWriter) -> dict[str, str]:
    folder = writer.attempt_folder("p/r/q/1", 2)
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_an_attempts_folder(keeper: Keeper, writer: RunWriter, tmp_path: Path) -> None:
    write_files(tmp_path / "evidence", {"fps/shot.txt": b"pixels"})
    keeper.prompt("Do it.")
    keeper.reply("Done.", "Hm.", [{"usage": {"output_tokens": 3}}])
    keeper.files({"src/app.py": b"print()\n"})
    keeper.evidence(tmp_path / "evidence")
    keeper.internal_error("Traceback")
    attempt = Attempt(number=2, verdict=Verdict.PASSED)
    keeper.finish(attempt)
    found = kept(writer)
    assert Attempt.model_validate_json(found.pop("attempt.json")) == attempt
    assert json.loads(found.pop("raw.json")) == [{"usage": {"output_tokens": 3}}]
    assert found == {
        "prompt.md": "Do it.",
        "reply.md": "Done.",
        "reasoning.md": "Hm.",
        "files/src/app.py": "print()\n",
        "evidence/fps/shot.txt": "pixels",
        "internal-error.txt": "Traceback",
    }


def test_what_there_was_not_is_not_kept(keeper: Keeper, writer: RunWriter, tmp_path: Path) -> None:
    keeper.reply(None, "", [])
    keeper.files({})
    keeper.evidence(tmp_path / "missing")
    assert kept(writer) == {}


def test_an_empty_reply_is_a_reply(keeper: Keeper, writer: RunWriter) -> None:
    keeper.reply("", "", [])
    assert kept(writer) == {"reply.md": ""}


def test_keys_are_not_kept(keeper: Keeper, writer: RunWriter) -> None:
    keeper.prompt("with s3cret-key-value")
    keeper.reply("s3cret-key-value", "s3cret-key-value", [{"a": "s3cret-key-value"}])
    keeper.files({"a.txt": b"s3cret-key-value"})
    assert "s3cret" not in str(kept(writer))


# --- what an agent changed --------------------------------------------------------------------------------------------


def test_changed_and_new_files_are_the_answer(tmp_path: Path) -> None:
    before = {"same.py": b"1", "changed.py": b"1", "removed.py": b"1", "folder/x": b"1"}
    write_files(tmp_path / "before", before)
    after = {"same.py": b"1", "changed.py": b"2", "new/file.py": b"3", "folder/x": b"1"}
    write_files(tmp_path / "workspace", {**after, "__pycache__/a.pyc": b""})
    assert changed_files(tmp_path / "before", tmp_path / "workspace", tmp_path / "scratch") == {
        "changed.py": b"2",
        "new/file.py": b"3",
    }


def test_without_a_start_everything_is_new(tmp_path: Path) -> None:
    write_files(tmp_path / "workspace", {"a": b"1"})
    assert changed_files(None, tmp_path / "workspace", tmp_path / "scratch") == {"a": b"1"}


def test_a_file_in_the_place_of_a_folder_is_new(tmp_path: Path) -> None:
    write_files(tmp_path / "before", {"thing/x": b"1"})
    write_files(tmp_path / "workspace", {"thing": b"1"})
    found = changed_files(tmp_path / "before", tmp_path / "workspace", tmp_path / "scratch")
    assert found == {"thing": b"1"}


def test_links_are_no_answer(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret")
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace/link").symlink_to(tmp_path / "secret")
    assert changed_files(None, tmp_path / "workspace", tmp_path / "scratch") == {}
