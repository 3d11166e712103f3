"""Misspelt names → *did you mean*; long lists → a few words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import islice

from fiverounds.spec.quoting import quoted

_LONGEST = 64
_MOST_COMPARED = 500
_SHORTEST_PREFIX = 3
_MOST_LISTED = 12


def closest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name most like the word, if any is like it at all."""
    if len(word) > _LONGEST:
        return None
    by_lower = {name.lower(): name for name in islice(known, _MOST_COMPARED)}
    lower = word.lower()
    matches = difflib.get_close_matches(lower, by_lower, 1, cutoff)
    if not matches and len(lower) >= _SHORTEST_PREFIX:
        matches = [n for n in by_lower if len(n) >= _SHORTEST_PREFIX and _one_begins(n, lower)]
    return by_lower[matches[0]] if matches else None


def _one_begins(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def hint(word: str, known: Iterable[str]) -> str | None:
    """*Did you mean*; else what there is to choose from."""
    names = list(known)
    match = closest(word, names)
    if match is not None:
        return did_you_mean(match)
    return f"known: {listed(names, 'and')}" if names else None


def did_you_mean(name: str) -> str:
    """The question, in one form everywhere."""
    return f"did you mean {quoted(name)}?"


def listed(names: Iterable[str], word: str = "or") -> str:
    """`a`, `b` or `c`; a long list is cut."""
    marked = [quoted(name) for name in names]
    if len(marked) > _MOST_LISTED:
        return f"{', '.join(marked[:_MOST_LISTED])} and {len(marked) - _MOST_LISTED} more"
    if len(marked) < 2:
        return "".join(marked)
    return f"{', '.join(marked[:-1])} {word} {marked[-1]}"
