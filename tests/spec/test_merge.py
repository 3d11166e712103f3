from __future__ import annotations

import shutil
from pathlib import Path

from fiverounds.spec.load import load
from fiverounds.spec.models import ChatProvider, GgufProvider, ReplayProvider
from tests.spec.helpers import ENVIRONMENT, GOOD, HERE, problems_in


def test_the_entry_lies_over_the_file(shared_folder: Path) -> None:
    spec = shutil.copy(HERE / "good/use.yaml", shared_folder)
    _, local, other, recorded, tiny = load(Path(spec), {"CHAT_URL": "http://here"}).providers
    assert isinstance(local, ChatProvider)
    assert (local.id, local.model, local.base_url) == ("local", "some", "http://here")
    assert local.optional is False
    assert local.params.temperature == 0
    assert local.params.max_tokens == 64, "params are merged one by one"
    assert isinstance(other, ChatProvider)
    assert other.optional is True
    assert other.params.temperature is None, "null takes the file's value away"
    assert isinstance(recorded, ReplayProvider)
    assert recorded.answers == "rounds/{round}/reference", (
        "relative to the file, as seen from the bench"
    )
    assert isinstance(tiny, GgufProvider)
    assert (tiny.file, tiny.threads) == ("models/tiny.gguf", 4)


def with_provider(entry: str) -> str:
    return GOOD.replace("prompts:", f"  - {entry}\nprompts:", 1)


def test_a_file_in_another_folder(folder: Path) -> None:
    (folder / "providers/deep").mkdir()
    (folder / "providers/deep/g.yaml").write_text("kind: gguf\nfile: ../../models/tiny.gguf\n")
    assert problems_in(folder, with_provider("{id: g, use: providers/deep/g.yaml}")) == []


def test_a_problem_in_a_file_is_told_once_with_its_place(folder: Path) -> None:
    (folder / "providers/p.yaml").write_text("kind: chat\nbase_url: ${NONE}\nmodel: 4.1\n")
    text = with_provider("{id: a, use: providers/p.yaml}\n  - {id: b, use: providers/p.yaml}")
    assert problems_in(folder, text) == [
        "providers/p.yaml:2:11: base_url: the variable `NONE` is not set"
        " | export NONE=…, or give a default: ${NONE:-…}",
        "providers/p.yaml:3:8: model: expected text, found a number | put it in quotes to make it text",
    ]


def test_an_undefined_variable_in_an_entry_is_one_problem(folder: Path) -> None:
    (problem,) = problems_in(
        folder, with_provider("{id: a, use: providers/chat.yaml, model: '${NONE}'}")
    )
    assert problem.startswith("bench.yaml:5:46: providers[1].model: the variable `NONE` is not set")


def test_the_value_of_a_variable_is_never_quoted(folder: Path) -> None:
    environment = {**ENVIRONMENT, "CHAT_URL": "no-canary-url"}
    (problem,) = problems_in(
        folder, with_provider("{id: a, use: providers/chat.yaml, model: m}"), environment
    )
    assert problem.startswith("providers/chat.yaml:3:11: base_url: write a URL")
    assert "canary" not in problem


def test_a_symlink_out(folder: Path) -> None:
    (folder.parent / "p.yaml").write_text("kind: replay\nanswers: x\n")
    (folder / "providers/p.yaml").symlink_to("../../p.yaml")
    (problem,) = problems_in(folder, with_provider("{id: a, use: providers/p.yaml}"))
    assert "leads out of the bench folder by a symlink" in problem
