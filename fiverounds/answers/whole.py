"""Recognises a reply that has no code fence because it is the file itself."""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Callable

from fiverounds.limits import MIB

_PARSED_CHARACTERS = 1 * MIB


def is_whole_file(path: str, text: str) -> bool:
    """True only when the text plainly is a file of that kind.

    Kinds that cannot be told from prose are never taken.
    """
    test = _TESTS.get(path.rpartition(".")[2].lower())
    return test is not None and test(text.strip())


def _is_html(text: str) -> bool:
    return text[:20].lower().startswith(("<!doctype html", "<html"))


def _is_xml(text: str) -> bool:
    return text[:20].lower().startswith(("<?xml", "<svg"))


def _is_go(text: str) -> bool:
    lines = (line.strip() for line in text[:20_000].split("\n"))
    first = next((line for line in lines if line and not line.startswith("//")), "")
    return first.startswith("package ") and len(first.split()) == 2


def _is_json(text: str) -> bool:
    if not text.startswith(("{", "[")) or len(text) > _PARSED_CHARACTERS:
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_python(text: str) -> bool:
    if len(text) > _PARSED_CHARACTERS:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in somebody else's strings
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    # `Sure` is a valid expression; a program does something.
    return any(not isinstance(statement, ast.Expr) for statement in tree.body)


_TESTS: dict[str, Callable[[str], bool]] = {
    "html": _is_html,
    "htm": _is_html,
    "svg": _is_xml,
    "xml": _is_xml,
    "go": _is_go,
    "json": _is_json,
    "py": _is_python,
}
