"""What a message may show of a user's own text."""

from __future__ import annotations

from fiverounds.spec.key_guard import may_be_key
from fiverounds.spec.nodes import Plain

_LONGEST = 60


def quoted(text: str) -> str:
    """The text in backquotes; its length only, where it is long, unprintable or may be a key."""
    if not text:
        return "an empty text"
    if len(text) > _LONGEST or not text.isprintable() or may_be_key(text):
        return f"a text of {len(text):,} character{'s' if len(text) > 1 else ''}"
    return f"`{text}`"


def kind_of(value: Plain) -> str:
    """What a value is, in an author's words."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a mapping"
