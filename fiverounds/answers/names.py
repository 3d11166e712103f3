"""Which file a fenced block says it is.

Pure: a block goes in, a path (not yet confined) and how plainly it was given come out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from fiverounds.answers.blocks import Block, plain
from fiverounds.answers.paths import BadPath, confined

_PATH_KEYS = ("path", "filename", "file")
_TITLE_KEYS = ("title", "name")
_BARE_NAMES = frozenset(
    "Makefile Dockerfile LICENSE README Procfile Justfile Jenkinsfile Containerfile Gemfile".split()
)
_COMMENTS = ("//", "/*", "<!--", "--", "#", ";", "%")
_LABELS = ("file", "path", "filename", "file name", "file path", "filepath")
_TERMINAL = frozenset(
    "bash sh shell zsh fish console terminal powershell ps1 cmd bat output diff patch".split()
)
_TERMINAL_FILES = (".sh", ".bash", ".zsh", ".fish", ".ps1", ".cmd", ".bat", ".diff", ".patch")
_PROSE_EXTENSIONS = frozenset(
    (
        "bat c cc cfg cpp cs css csv env go gohtml h hpp htm html ini java js json jsx kt lisp lock"
        " lua md mjs mod php proto py pyi rb rs scm sh sql sum svg swift templ tmpl toml ts tsx txt"
        " vue xml yaml yml zig"
    ).split()
)
"""Asked for only in sentences, where `fmt.Println` looks like a file name."""


class Certainty(IntEnum):
    """How plainly a block was named; a later, weaker name never overrules a surer one."""

    MENTIONED = 1
    """One file name somewhere in the sentence above."""
    STATED = 2
    """Info string, a line above that is nothing but the path, or a first-line comment."""


@dataclass(frozen=True, slots=True)
class Named:
    """A block and the path it carries, as written; None when it carries none."""

    block: Block
    path: str | None
    certainty: Certainty


def name(block: Block) -> Named:
    """Look in the info string, the line above, the first line and the sentence above, in turn."""
    stated = _from_info(block.info) or _from_line_above(block) or _from_first_line(block.content)
    if stated is not None:
        return Named(block, stated, Certainty.STATED)
    return Named(block, _from_sentence_above(block), Certainty.MENTIONED)


def language(block: Block) -> str:
    """The language hint, lower case; empty when there is none."""
    first = next(iter(block.info.split()), "")
    return first.partition(":")[0].strip("{}.,").lower()


def _from_info(info: str) -> str | None:
    words = _words(info)
    for word in words:
        key, _, value = word.partition("=")
        key, value = key.strip("{},").lower(), value.strip("{},").strip("\"'")
        if value and (key in _PATH_KEYS or (key in _TITLE_KEYS and _looks_like_path(value))):
            return value
    bare = [word for word in words if "=" not in word]
    return next(
        (path for place, word in enumerate(bare) if (path := _from_word(word, place))), None
    )


def _from_word(word: str, place: int) -> str | None:
    """`main.go`, `go:cmd/main.go`, or behind the language anything with a slash."""
    left, _, right = word.partition(":")
    if len(left) > 1 and ("/" in right or _looks_like_path(right)) and not right.startswith("//"):
        return right
    word = word.strip("{}(),\"'")
    slashed = place > 0 and "/" in word.strip("/") and _path_characters(word.replace("/", ""))
    return word if slashed or _looks_like_path(word) else None


def _words(info: str) -> list[str]:
    """Split at spaces outside quotes."""
    words, word, quote = [], "", ""
    for character in info[:2000]:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character.isspace():
            words.append(word)
            word = ""
            continue
        word += character
    return [each for each in [*words, word] if each]


def _from_line_above(block: Block) -> str | None:
    text, _ = plain(block.above)
    path = _only_path(text)
    return path if path is not None and _fits(block, path) else None


def _from_sentence_above(block: Block) -> str | None:
    _, marked = plain(block.above)
    paths = [
        text
        for text in marked
        if _looks_like_path(text) and text.rpartition(".")[2] in _PROSE_EXTENSIONS
    ]
    if len(set(paths)) != 1 or not _fits(block, paths[0]):
        return None
    try:
        return confined(paths[0])
    except BadPath:
        return None  # a mention is not a request to write there


def _from_first_line(content: str) -> str | None:
    line = content.partition("\n")[0].strip()
    opening = next((mark for mark in _COMMENTS if line.startswith(mark)), None)
    if opening is None or line.startswith("#!") or len(line) > 400:
        return None
    text = line[len(opening) :].lstrip(";#*!- ").rstrip()
    for closing in ("*/", "-->"):
        text = text.removesuffix(closing).strip()
    return _only_path(text)


def _only_path(text: str) -> str | None:
    """The path, when a line holds nothing else but a label or a remark.

    `File: main.go`, `1. main.go:`, `main.go (new)`, `main.go - the server`.
    """
    text = text.strip().rstrip(":").strip()
    label, colon, rest = text.partition(":")
    if colon and label.strip().lower() in _LABELS:
        text = rest.strip()
    first, _, rest = text.partition(" ")
    if first.lower() in _LABELS or first.rstrip(".)").isdigit():
        text = rest.strip()
    path, _, remark = text.partition(" ")
    aside = remark.startswith(("- ", "– ", "— ")) or (remark[:1] + remark[-1:] == "()")
    if remark and not aside:
        return None
    path = path.strip("\"'`*")
    return path if _looks_like_path(path) else None


def _looks_like_path(text: str) -> bool:
    """A file name with an extension, a well-known one without, or one that climbs out."""
    if len(text.split()) != 1 or text.strip() != text or "://" in text or len(text) > 2000:
        return False
    last = text.replace("\\", "/").rpartition("/")[2]
    if last in _BARE_NAMES or text.startswith("../"):
        return True
    stem, dot, extension = last.rpartition(".")
    if not dot or not extension[:1].isalpha() or not extension.isalnum() or len(extension) > 12:
        return False
    return _path_characters(stem)


def _path_characters(text: str) -> bool:
    return all(character.isalnum() or character in "._-+@[]()$~" for character in text)


def _fits(block: Block, path: str) -> bool:
    """False for `$ go run main.go` under a line that names main.go."""
    return language(block) not in _TERMINAL or path.lower().endswith(_TERMINAL_FILES)
