"""A chat reply → the files it stands for, or the reason why it stands for none.

One file asked (`output: {file: …}`): the longest fenced block; a block that names the asked file
goes before unnamed ones, and those before blocks that name another file. A reply without any fence
that plainly is the file is taken whole.

Several files (`output: {files: true}`, or a workspace): every block that carries a path; of two
with the same path the last wins, but a file that a sentence only mentions never overrules one that
was named plainly.

A reply that was cut off (tokens, context, time) inside a block yields no answer, if that block
would have been used: half a program is not what was asked for, and calling it wrong code would
blame the model for the budget. One path that leaves the workspace, and nothing is written at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fiverounds.answers.blocks import Block, fenced_blocks
from fiverounds.answers.names import Certainty, Named, language, name
from fiverounds.answers.paths import BadPath, collision, confined, shown
from fiverounds.answers.thinking import split_thinking
from fiverounds.answers.whole import is_whole_file
from fiverounds.limits import MIB
from fiverounds.results import StopReason
from fiverounds.spec.models import OutputFile, OutputSpec

MAX_FILES = 500
MAX_BYTES = 16 * MIB
MAX_LINES = 500_000
"""Keeps the worst reply at some seconds of parsing (about 20 µs a line of prose)."""

_CUT = {
    StopReason.MAX_TOKENS: "max_tokens",
    StopReason.CONTEXT_FULL: "a full context",
    StopReason.TIMED_OUT: "the time limit",
    StopReason.CRASHED: "a crash",
}
_LANGUAGES = {
    "py": ("python", "python3"),
    "js": ("javascript",),
    "ts": ("typescript",),
    "htm": ("html",),
    "md": ("markdown",),
    "yml": ("yaml",),
    "rs": ("rust",),
    "sh": ("bash", "shell"),
    "lisp": ("commonlisp", "common-lisp"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Files to put into the workspace: plain relative path → content."""

    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Why a reply cannot be used; a phrase for a table cell."""

    reason: str


def extract(text: str, output: OutputSpec, stop: StopReason, reasoning: str) -> Answer | NoAnswer:
    """What a reply puts into the workspace. Never raises for anything a model may say."""
    if stop is StopReason.REFUSED:
        return NoAnswer("refused")
    if len(text) > MAX_BYTES:
        return NoAnswer(f"reply too long: {len(text)} characters (limit {MAX_BYTES})")
    if text.count("\n") > MAX_LINES:
        return NoAnswer(f"reply too long: more than {MAX_LINES} lines")
    thoughts, content = split_thinking(text)
    if not content.strip():
        return NoAnswer(_silence(stop, bool(reasoning.strip() or thoughts)))
    blocks = fenced_blocks(content)
    try:
        if isinstance(output, OutputFile):
            return _one_file(output.file, content, blocks, stop)
        return _several_files(blocks, stop)
    except BadPath as bad:
        return NoAnswer(bad.message)


def _silence(stop: StopReason, thought: bool) -> str:
    if stop in _CUT:
        return f"cut off by {_CUT[stop]} " + (
            "while reasoning, no answer" if thought else "before an answer began"
        )
    return "only reasoning, no answer" if thought else "empty reply"


def _is_cut(block: Block, stop: StopReason) -> bool:
    return stop in _CUT and not block.closed


def _one_file(path: str, content: str, blocks: list[Block], stop: StopReason) -> Answer | NoAnswer:
    filled = [block for block in blocks if block.content.strip()]
    if not filled:
        if blocks:
            return NoAnswer("only empty code blocks" if stop not in _CUT else _cut_off(stop))
        if not is_whole_file(path, content):
            return NoAnswer("no code block in the reply" if stop not in _CUT else _cut_off(stop))
        return (
            NoAnswer(_cut_off(stop))
            if stop in _CUT
            else _answer({path: content.strip("\n") + "\n"})
        )
    best = max(filled, key=lambda block: _merit(block, path))
    if _is_cut(best, stop):
        return NoAnswer(_cut_off(stop))
    return _answer({path: best.content})


def _cut_off(stop: StopReason) -> str:
    return f"cut off by {_CUT[stop]} before a code block was complete"


def _merit(block: Block, path: str) -> tuple[int, int, bool]:
    """What makes a block the asked file, most important first; the first of equals wins.

    The asked file before unnamed blocks before other files; then length; then the language.
    """
    named = name(block)
    last = path.rpartition("/")[2]
    rank = 1
    if named.path is not None and named.certainty is Certainty.STATED:
        rank = 2 if named.path.removeprefix("./") in (path, last) else 0
    extension = last.rpartition(".")[2]
    return rank, len(block.content), language(block) in (extension, *_LANGUAGES.get(extension, ()))


def _several_files(blocks: list[Block], stop: StopReason) -> Answer | NoAnswer:
    chosen: dict[str, Named] = {}
    for block in blocks:
        named = name(block)
        if named.path is None:
            continue
        path = confined(named.path)
        if path not in chosen or named.certainty >= chosen[path].certainty:
            chosen.pop(path, None)
            chosen[path] = named
    for path, named in chosen.items():
        if _is_cut(named.block, stop):
            return NoAnswer(f"cut off by {_CUT[stop]} inside {shown(path)}")
    if not chosen:
        if stop in _CUT:
            return NoAnswer(_cut_off(stop))
        return NoAnswer("no code block carries a path" if blocks else "no code block in the reply")
    return _answer({path: named.block.content for path, named in chosen.items()})


def _answer(texts: Mapping[str, str]) -> Answer | NoAnswer:
    # Lone surrogates can come out of JSON escapes; they have no UTF-8 form.
    files = {confined(path): text.encode("utf-8", "replace") for path, text in texts.items()}
    if len(files) > MAX_FILES:
        return NoAnswer(f"too many files: {len(files)} (limit {MAX_FILES})")
    total = sum(len(content) for content in files.values())
    if total > MAX_BYTES:
        return NoAnswer(f"answer too big: {total} bytes (limit {MAX_BYTES})")
    both = collision(list(files))
    return (
        NoAnswer(f"both a file and a folder: {shown(both)}") if both is not None else Answer(files)
    )
