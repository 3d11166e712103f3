from __future__ import annotations

from fiverounds.spec.nodes import Plain
from fiverounds.spec.quoting import kind_of, quoted


def test_short_texts_are_quoted() -> None:
    assert quoted("one") == "`one`"
    assert quoted("") == "an empty text"


def test_what_is_long_unprintable_or_secret_is_not() -> None:
    assert quoted("a" * 61) == "a text of 61 characters"
    assert quoted("\x1b[31m") == "a text of 5 characters"
    assert quoted("\n") == "a text of 1 character"
    assert quoted("sk-proj-0123456789abcdef") == "a text of 24 characters"


def test_kinds() -> None:
    values: list[Plain] = [None, True, 1, 1.5, "a", [], {}]
    kinds = [kind_of(value) for value in values]
    assert kinds == [
        "nothing",
        "true or false",
        "a whole number",
        "a number",
        "text",
        "a list",
        "a mapping",
    ]
