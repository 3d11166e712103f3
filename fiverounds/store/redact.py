"""Text and bytes in, the same without secrets out; and text made safe to print on a terminal.

Redaction is by value: whatever wrote a key (an agent dumping its environment, a server echoing a
header), the log does not hold it. Rather too much is redacted than too little.
"""

from __future__ import annotations

import base64
import html
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from typing import Any
from urllib.parse import quote, quote_plus

MARK = "[redacted]"
MINIMUM_CHARACTERS = 8
"""Shorter values would be found all over harmless text."""

_LINE_BREAK = rb"(?:\r?\n|(?:\\r)?\\n)?"
"""`base64` breaks lines at 76 characters; inside JSON the break is written `\\n`."""
_LINE_BREAK_BYTES = 4
_NEVER = re.compile(b"(?!)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TERMINAL_SEQUENCE = re.compile(
    # Strings (titles, links, clipboard). No line break inside: an unclosed one hides little.
    "(?:\x1b[]PX^_]|[\x90\x98\x9d-\x9f])[^\n\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\\\|\x9c)"
    "|(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, screen
    "|\x1b[ -/]*[0-~]"  # two-character sequences
)
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
"""Control characters, and those that reorder or hide the text around them."""


class Redactor:
    """Replaces secret values by `[redacted]`: plain, base64, URL-quoted, escaped or in hex.

    In: the values; those under 8 characters are left out, values of several lines go line by line.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        patterns = {pattern: size for value in values for pattern, size in _patterns(value)}
        # Longest first: of two secrets that start alike, the longer one must win.
        ordered = sorted(patterns, key=lambda pattern: (-patterns[pattern], pattern))
        self._regex = re.compile(b"|".join(ordered)) if ordered else None
        self._longest = max(patterns.values(), default=0)

    def data(self, data: bytes) -> bytes:
        """The same bytes without secrets."""
        return data if self._regex is None else self._regex.sub(MARK.encode(), data)

    def text(self, text: str) -> str:
        """The same text without secrets; lone surrogates become U+FFFD, so it always encodes."""
        text = _SURROGATE.sub("\ufffd", text)
        return text if self._regex is None else self.data(text.encode()).decode(errors="replace")

    def tree(self, value: Any) -> Any:
        """JSON-like data without secrets, keys included.

        Numbers that JSON cannot hold (NaN) become `None`.
        """
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.tree(item) for key, item in value.items()}
        return self._leaf_or_list(value, self.tree)

    def record(self, value: Any, keep: frozenset[str] = frozenset()) -> Any:
        """The same for data whose keys are ours (field names), which must stay.

        `keep` names keys of the outermost mapping whose values stay too: ids come from the bench
        file, and one that happens to equal a dummy key must still be found again.
        """
        if isinstance(value, Mapping):
            return {key: item if key in keep else self.record(item) for key, item in value.items()}
        return self._leaf_or_list(value, self.record)

    def _leaf_or_list(self, value: Any, redact: Callable[[Any], Any]) -> Any:
        if isinstance(value, (list, tuple)):
            return [redact(item) for item in value]
        if isinstance(value, str):
            return value.value if isinstance(value, Enum) else self.text(value)
        return None if isinstance(value, float) and not math.isfinite(value) else value

    def stream(self) -> RedactorStream:
        """A redactor for data that comes in pieces."""
        return RedactorStream(self._regex or _NEVER, self._longest)


class RedactorStream:
    """Feeds pieces through; what comes out is what redacting the whole would have given."""

    def __init__(self, regex: re.Pattern[bytes], longest: int) -> None:
        self._regex = regex
        self._longest = longest
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        """Redacted bytes that no later piece can change; the rest is held back."""
        data = self._held + piece
        # A match is certain once the longest secret that could start there fits into the data.
        settled = len(data) - self._longest + 1
        return self._redact(data, max(0, settled))

    def flush(self) -> bytes:
        """What was held back."""
        return self._redact(self._held, len(self._held) + 1)

    def _redact(self, data: bytes, settled: int) -> bytes:
        out: list[bytes] = []
        done = 0
        for match in self._regex.finditer(data):
            if match.start() >= settled:
                break
            out += [data[done : match.start()], MARK.encode()]
            done = match.end()
        end = max(done, min(settled, len(data)))
        out.append(data[done:end])
        self._held = data[end:]
        return b"".join(out)


def clean_terminal(text: str) -> str:
    """Text that cannot drive a terminal: no escape sequences, control or bidi characters.

    Line breaks (any kind) become newlines; tabs stay.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    return _UNPRINTABLE.sub("", _TERMINAL_SEQUENCE.sub("", text))


def _patterns(value: str) -> Iterator[tuple[bytes, int]]:
    """Regular expressions that find one value, each with the most bytes it can match."""
    for line in value.splitlines():
        secret = line.strip()
        # `-----BEGIN …` frames a key but is none; a value inside the mark would come back with it.
        if len(secret) < MINIMUM_CHARACTERS or secret.startswith("-----") or secret in MARK:
            continue
        raw = secret.encode("utf-8", "surrogateescape")
        for form in {raw, *_escaped(secret), *_quoted(raw), *_hex(raw)}:
            yield re.escape(form), len(form)
        for form in _base64(raw):
            letters = [re.escape(form[i : i + 1]) for i in range(len(form))]
            yield _LINE_BREAK.join(letters), len(form) * (1 + _LINE_BREAK_BYTES)


def _escaped(secret: str) -> Iterator[bytes]:
    """As written inside JSON (several dialects, also JSON within JSON) and HTML."""
    plain = _SURROGATE.sub("\ufffd", secret)
    yield html.escape(plain).encode()
    for ascii_only in (True, False):
        once = json.dumps(plain, ensure_ascii=ascii_only)[1:-1]
        for form in (once, once.replace("/", "\\/"), _go_escaped(once)):
            yield form.encode()
            yield json.dumps(form, ensure_ascii=ascii_only)[1:-1].encode()


def _go_escaped(text: str) -> str:
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _quoted(raw: bytes) -> Iterator[bytes]:
    """As written in a URL or a form, with capital or small hex digits, once or twice quoted."""
    for form in (quote(raw), quote(raw, safe=""), quote(raw, safe="!'()*"), quote_plus(raw)):
        small = re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), form)
        for text in (form, small):
            yield text.encode()
            yield quote(text, safe="").encode()


def _hex(raw: bytes) -> Iterator[bytes]:
    yield raw.hex().encode()
    yield raw.hex().upper().encode()


def _base64(raw: bytes) -> set[bytes]:
    """What any base64 text over data that holds `raw` surely contains, at three alignments."""
    forms: set[bytes] = set()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw).rstrip(b"=")
        # The letters at the borders also hold bits of the neighbouring bytes.
        start = (0, 2, 3)[before]
        end = len(encoded) - ((before + len(raw)) % 3 != 0)
        core = encoded[start:end]
        forms |= {core, core.translate(bytes.maketrans(b"+/", b"-_"))}
    return forms
