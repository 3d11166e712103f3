"""Splits a leading chain of thought off a reply.

Servers that do not know a model's template leave `<think>…</think>` in the content; a template that
puts the opening tag into the prompt leaves only the closing one.
"""

from __future__ import annotations

_TAGS = (("<think>", "</think>"), ("<thinking>", "</thinking>"), ("[THINK]", "[/THINK]"))
_MOST_THOUGHTS = 50


def split_thinking(text: str) -> tuple[str, str]:
    """(reasoning, answer). An opening tag that is never closed makes everything reasoning."""
    thoughts: list[str] = []
    rest = text
    for _ in range(_MOST_THOUGHTS):
        tags = _leading(rest)
        if tags is None:
            break
        opening, closing = tags
        thought, closed, after = rest.lstrip()[len(opening) :].partition(closing)
        thoughts.append(thought.strip())
        if not closed:
            return "\n\n".join(thoughts), ""
        rest = after
    for opening, closing in _TAGS:
        before, closed, after = rest.partition(closing)
        if closed and opening not in before:
            return "\n\n".join([*thoughts, before.strip()]), after.lstrip("\r\n")
    return "\n\n".join(thoughts), rest.lstrip("\r\n") if thoughts else rest


def _leading(text: str) -> tuple[str, str] | None:
    start = text.lstrip()
    return next((tags for tags in _TAGS if start.startswith(tags[0])), None)
