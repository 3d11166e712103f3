from __future__ import annotations

import os
from pathlib import Path

from tests.spec.helpers import GOOD, problems_in


def test_symlinks_that_lead_out(folder: Path) -> None:
    (folder.parent / "secret").write_text("x")
    (folder / "rounds/one/tests/link").symlink_to("../../../../secret")
    (folder / "prompts/out.md").symlink_to("../../secret")
    assert problems_in(folder, GOOD.replace("brief.md", "out.md")) == [
        "bench.yaml:6:17: prompts.brief.file: `prompts/out.md` leads out of the bench folder by a symlink",
        "bench.yaml:12:31: rounds[0].assert[0].suite: `rounds/one/tests/link` leads out of the bench folder"
        " by a symlink | put a copy of the file in its place",
    ]


def test_symlinks_that_stay_inside(folder: Path) -> None:
    (folder / "rounds/one/tests/link").symlink_to("check_solution.py")
    (folder / "prompts/in.md").symlink_to("brief.md")
    assert problems_in(folder, GOOD.replace("brief.md", "in.md")) == []


def test_odd_things_in_the_way(folder: Path) -> None:
    os.mkfifo(folder / "prompts/fifo.md")
    (folder / "prompts/dangling.md").symlink_to("none.md")
    (folder / "prompts/loop.md").symlink_to("loop.md")
    for name, words in (
        ("fifo", "is no plain file; here goes a file"),
        ("dangling", "is a symlink to nothing"),
        ("loop", "cannot be followed"),
    ):
        (problem,) = problems_in(folder, GOOD.replace("brief.md", f"{name}.md"))
        assert words in problem
    (problem,) = problems_in(folder, GOOD.replace("brief.md", "n" * 300))
    assert "there is no file a text of 308 characters" in problem


def test_answers_need_to_exist_for_one_round_only(folder: Path) -> None:
    second = GOOD + GOOD.partition("rounds:\n  - ")[2].join(["  - ", ""]).replace(
        "id: one", "id: three"
    )
    assert problems_in(folder, second.replace("\n  - id: one\n", "\n  - id: one\n")) == []


def test_a_gguf_file_outside_comes_from_the_environment_only(folder: Path) -> None:
    model = folder.parent / "model.gguf"
    model.write_text("GGUF")
    text = GOOD.replace(
        "prompts:", "  - {id: g, kind: gguf, file: '${MODELS}/model.gguf'}\nprompts:", 1
    )
    assert problems_in(folder, text, {"MODELS": str(folder.parent)}) == []
    (problem,) = problems_in(folder, text, {"MODELS": "/canary"})
    assert problem == "bench.yaml:5:31: providers[1].file: there is no file at this path"
    assert (
        problems_in(folder, text.replace("kind", "optional: true, kind"), {"MODELS": "/canary"})
        == []
    )
    (problem,) = problems_in(folder, text.replace("${MODELS}", str(folder.parent)))
    assert "must be relative" in problem
