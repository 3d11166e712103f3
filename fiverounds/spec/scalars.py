"""YAML scalars → values, by the core schema of YAML 1.2.

So `no`, `on`, `2026-01-31`, `1_000`, `12:30` and `0b1` are text, `010` is ten and `0o10` is eight.
"""

from __future__ import annotations

import math
import re

from fiverounds.spec.nodes import Scalar
from fiverounds.spec.quoting import quoted

CORE_TAG = "tag:yaml.org,2002:"
TAG_HINT = "remove the tag: a spec is plain YAML and never runs code"

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGERS = (
    (re.compile(r"[-+]?[0-9]+"), 10),
    (re.compile(r"0o[0-7]+"), 8),
    (re.compile(r"0x[0-9a-fA-F]+"), 16),
)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LARGEST = 2**63 - 1
_MOST_DIGITS = 64
_TOO_LARGE = "this number is too large; put a text of digits in quotes"
_NAMES = {str: "str", bool: "bool", int: "int", float: "float", type(None): "null"}


class BadScalar(ValueError):
    """The scalar is YAML, but no value a spec can use: why, and what mends it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def scalar_value(text: str, tag: str | None, *, bare: bool) -> Scalar:
    """The value of a scalar, `bare` when it stands without quotes. Raises BadScalar."""
    if tag in ("!", f"{CORE_TAG}str") or (tag is None and not bare):
        return checked(text)
    value = resolve(text)
    if tag is None or tag == CORE_TAG + _NAMES[type(value)]:
        return checked(value) if isinstance(value, str) else value
    if tag in {CORE_TAG + name for name in _NAMES.values()}:
        raise BadScalar(f"{quoted(text)} is not what the tag {tag_text(tag)} says", TAG_HINT)
    raise BadScalar(f"the tag {tag_text(tag)} is not allowed", TAG_HINT)


def tag_text(tag: str) -> str:
    """A tag as it stands in the file, fit for a message."""
    return quoted(tag.replace(CORE_TAG, "!!", 1))


def checked(text: str) -> str:
    """The text itself. Raises BadScalar where no file name, JSON or template could hold it."""
    try:
        # JSON, and so YAML, may write one character as two escapes: "\\ud83d\\ude00".
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        raise BadScalar("a text must not hold half of a surrogate pair") from None
    if "\0" in whole:
        raise BadScalar("a text must not hold NUL")
    return whole


def resolve(text: str) -> Scalar:
    """The value of a bare scalar. Raises BadScalar for infinities, NaN and numbers out of range."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _SPECIAL.fullmatch(text):
        raise BadScalar("infinity and NaN are not numbers a spec can use; put a text in quotes")
    for pattern, base in _INTEGERS:
        if pattern.fullmatch(text):
            return _integer(text, base)
    return _float(text) if _FLOAT.fullmatch(text) else text


def _integer(text: str, base: int) -> int:
    # Python refuses to convert very long digit strings, and slows down long before.
    if len(text) <= _MOST_DIGITS:
        number = int(text if base == 10 else text[2:], base)
        if -_LARGEST <= number <= _LARGEST:
            return number
    raise BadScalar(_TOO_LARGE)


def _float(text: str) -> float:
    number = float(text) if len(text) <= _MOST_DIGITS else math.inf
    if math.isinf(number):
        raise BadScalar(_TOO_LARGE)
    return number
