"""Whatever a model says: no exception, no path outside, and an answer read again stays the same."""

from __future__ import annotations

import time
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiverounds.answers import MAX_BYTES, Answer, NoAnswer, extract
from fiverounds.answers.paths import BadPath, confined
from fiverounds.answers.thinking import split_thinking
from fiverounds.results import StopReason
from fiverounds.spec.models import OutputFile, OutputFiles, OutputSpec

OUTPUTS: list[OutputSpec] = [
    OutputFiles(files=True),
    OutputFile(file="a.py"),
    OutputFile(file="index.html"),
]

pieces = st.sampled_from(
    [
        "```", "````", "~~~", "```python", "```go main.go", "```md README.md", "```py path=", "\n", "\r\n", "\n\n",
        " ", "    ", "- ", "1. ", "> ", "# ", "**", "`", "a.py", "x/y.go", "../", "/", ".git/", "C:", "\\", "\x00",
        "<think>", "</think>", "<!DOCTYPE html>", "// file: ", "x = 1", "title=\"", "\"", ":", "{", "}", "\ud800",
        "\u2028", "\t", "<details>", "---", "[a]: b",
    ]
)  # fmt: skip
replies = st.one_of(st.text(max_size=200), st.lists(pieces, max_size=40).map("".join))
paths = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(["..", ".", "/", "a", ".git", "\\", "C:", "\x00", "~"]), max_size=9
    ).map("".join),
)


@settings(max_examples=600, deadline=None)
@given(
    replies,
    st.sampled_from(OUTPUTS),
    st.sampled_from(list(StopReason)),
    st.sampled_from(["", "hm"]),
)
def test_never_raises_and_never_escapes(
    text: str, output: OutputSpec, stop: StopReason, reasoning: str
) -> None:
    answer = extract(text, output, stop, reasoning)
    if isinstance(answer, NoAnswer):
        assert answer.reason
        assert answer.reason.isprintable()
        return
    assert answer.files
    for path in answer.files:
        assert confined(path) == path


@settings(max_examples=400, deadline=None)
@given(paths)
def test_a_confined_path_stays_below_its_root(path: str) -> None:
    try:
        plain = confined(path)
    except BadPath:
        return
    assert confined(plain) == plain
    root = Path("/nowhere/root")
    assert not PurePosixPath(plain).is_absolute()
    assert (root / plain).resolve().is_relative_to(root)
    assert (root / plain).resolve() != root


@settings(max_examples=300, deadline=None)
@given(replies)
def test_an_answer_written_out_and_read_again_is_the_same(text: str) -> None:
    answer = extract(text, OUTPUTS[0], StopReason.FINISHED, "")
    if isinstance(answer, NoAnswer):
        return
    fence = "`" * 60
    quotable = {  # what can stand in quotes in the info string of such a fence
        path: content for path, content in answer.files.items() if not set(path) & set("\"'`")
    }
    again = "\n\n".join(
        f'{fence}x path="{path}"\n{content.decode()}{fence}' for path, content in quotable.items()
    )
    if "think" in again.lower():
        return  # a closing tag in a file's content reads as the end of thoughts
    if again and all(content.endswith(b"\n") or not content for content in quotable.values()):
        second = extract(again, OUTPUTS[0], StopReason.FINISHED, "")
        assert isinstance(second, Answer)
        assert second.files == quotable


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>/thinka\n ", max_size=80))
def test_split_thinking_adds_nothing(text: str) -> None:
    thoughts, answer = split_thinking(text)
    assert text.endswith(answer)
    assert not answer.lstrip().startswith("<think>")
    assert set(thoughts.split()) <= set(
        " ".join(text.replace("<think>", " ").split("</think>")).split()
    )


@pytest.mark.parametrize(
    "unit",
    [
        "```md\n", "```py a.py\nx\n```\n", "`", "> ", "- ", "*", "[", "<think></think>", "**a.py**\n```\n",
        "a.py ", "\n", "    ```\n", "![", "<", "_a", "```md\n```sh\n", "1. ", "\t", "a\n",
    ],
)  # fmt: skip
def test_hostile_repetition_ends_soon(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    began = time.process_time()
    for output in OUTPUTS:
        extract(text, output, StopReason.FINISHED, "")
    assert time.process_time() - began < 10, "a reply of 100 kB must not hold up a run"


def test_a_reply_at_the_limit_is_read() -> None:
    line = "x = 1  # some line of a program, as long as such lines are\n"
    body = line * ((MAX_BYTES - 100) // len(line))
    answer = extract(f"```py a.py\n{body}```", OUTPUTS[0], StopReason.FINISHED, "")
    assert isinstance(answer, Answer)
    assert len(answer.files["a.py"]) == len(body)
