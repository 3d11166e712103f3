"""Markdown → the fenced code blocks in it, each with the text just above.

Parsed by markdown-it-py (CommonMark).
"""

from __future__ import annotations

from dataclasses import dataclass

from markdown_it import MarkdownIt

# Raw HTML and link definitions would only hide fences; inline parsing of whole replies is waste.
_STRICT = MarkdownIt("commonmark").disable(["html_block", "reference", "inline"])
_LENIENT = MarkdownIt("commonmark").disable(["html_block", "reference", "inline", "code"])
_INLINE = MarkdownIt("commonmark")
_TEXT = frozenset({"inline"})
_OTHER_LEAVES = frozenset({"code_block", "hr", "html_block"})


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block."""

    info: str
    """What stands behind the opening fence, e.g. `go main.go`."""
    content: str
    above: str
    """Markdown source of the paragraph line or heading directly above; else empty."""
    closed: bool
    """False for a last block whose closing fence never came."""


def fenced_blocks(text: str) -> list[Block]:
    """Every fenced block in order. Line ends come out as LF.

    Fences indented like code count only when there are no others: inside a block such a line is
    content (a docstring that shows Markdown), outside one it is a list item that a model indented
    too far.
    """
    if "```" not in text and "~~~" not in text:
        return []
    source = "\n".join(_widen_markdown(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")))
    return _parse(_STRICT, source) or _parse(_LENIENT, source)


def _parse(parser: MarkdownIt, source: str) -> list[Block]:
    blocks: list[Block] = []
    above = ""
    for token in parser.parse(source):
        if token.type == "fence":
            first, last = token.map or [0, 0]
            # The closing fence counts into the block's lines only when there is one.
            lines = token.content.count("\n") + (
                token.content != "" and not token.content.endswith("\n")
            )
            blocks.append(
                Block(token.info.strip(), token.content, above, closed=last - first - 1 > lines)
            )
            above = ""
        elif token.type in _TEXT:
            above = token.content.rsplit("\n", 1)[-1].strip()
        elif token.type in _OTHER_LEAVES:
            above = ""
    return blocks


def plain(markdown: str) -> tuple[str, list[str]]:
    """A line of Markdown as (its text without marks, its `code` and **bold** parts in order)."""
    if len(markdown) > 1000:
        return "", []
    marked: list[str] = []
    everything: list[str] = []
    bold = 0
    for token in _INLINE.parseInline(markdown)[0].children or []:
        bold += (token.type in ("strong_open", "em_open")) - (
            token.type in ("strong_close", "em_close")
        )
        if token.type in ("text", "code_inline"):
            everything.append(token.content)
            if token.type == "code_inline" or bold:
                marked.append(token.content.strip())
    return "".join(everything).strip(), marked


def _widen_markdown(lines: list[str]) -> list[str]:
    """Lengthen the fence of a Markdown file that holds fences of its own.

    Models write README.md inside three backticks and put three-backtick blocks into it; by
    CommonMark the first inner closing fence would end the file. Inside a block announced as
    Markdown a fence with an info string opens and a bare one closes; when that comes out even, the
    outer fence is made longer. Otherwise nothing is changed.
    """
    out = list(lines)
    number = 0
    while number < len(lines):
        run, info = _fence(lines[number])
        if run and _is_markdown(info):
            last, inner = _balanced(lines, number + 1, run)
            if last < len(lines) and inner >= len(run):
                longer = run[0] * (inner + 1)
                out[number] = lines[number].replace(run, longer, 1)
                out[last] = lines[last].replace(_fence(lines[last])[0], longer, 1)
            number = last
        elif run:
            number = _closing(lines, number + 1, run)
        number += 1
    return out


def _balanced(lines: list[str], start: int, outer: str) -> tuple[int, int]:
    """(line that closes a Markdown block, length of the longest fence inside it)."""
    depth, inner = 1, 0
    for number in range(start, len(lines)):
        run, info = _fence(lines[number])
        if not run or run[0] != outer[0]:
            continue
        if info:
            depth, inner = depth + 1, max(inner, len(run))
        elif depth > 1 or len(run) >= len(outer):
            depth -= 1
        if depth == 0:
            return number, inner
    return len(lines), inner


def _closing(lines: list[str], start: int, outer: str) -> int:
    for number in range(start, len(lines)):
        run, info = _fence(lines[number])
        if run.startswith(outer) and not info:
            return number
    return len(lines)


def _fence(line: str) -> tuple[str, str]:
    """(the run of fence characters, the info string), or two empty texts."""
    stripped = line.lstrip(" ")
    if len(line) - len(stripped) > 3 or not stripped.startswith(("```", "~~~")):
        return "", ""
    info = stripped.lstrip(stripped[0])
    run = stripped[: len(stripped) - len(info)]
    return ("", "") if run[0] == "`" and "`" in info else (run, info.strip())


def _is_markdown(info: str) -> bool:
    words = info.lower().split()
    return bool(words) and (
        words[0].partition(":")[0] in ("md", "markdown") or words[-1].endswith((".md", ".markdown"))
    )
