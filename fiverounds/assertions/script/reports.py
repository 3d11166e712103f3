"""Reports a script or command leaves → items. In: bytes somebody else wrote. Out: items, metrics, or what is wrong."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from fiverounds.results import Item, Metric, Verdict

_NAME_CHARACTERS, _MESSAGE_CHARACTERS = 200, 2000
_ITEMS = 5000
_METRICS = 200
_OUTCOMES = {
    "passed": Verdict.PASSED,
    "failed": Verdict.FAILED,
    "error": Verdict.ERROR,
    "skipped": Verdict.SKIPPED,
}


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked."""

    items: tuple[Item, ...]
    metrics: tuple[Metric, ...] = ()


def parse(data: bytes, kind: str) -> Report | str:
    """A report, or a sentence saying why it is none.

    `kind` is `json`, `junit` or `auto` (told by the first character).
    """
    text = data.decode("utf-8-sig", "replace").strip()
    if kind == "auto":
        kind = "junit" if text.startswith("<") else "json"
    return parse_junit(text) if kind == "junit" else parse_json(text)


def parse_json(text: str) -> Report | str:
    """`{"checks": [{"name", "outcome", "message"?, "seconds"?}], "metrics": {name: number}}`."""
    try:
        document: Any = json.loads(text)
        checks = document["checks"]
        if len(checks) > _ITEMS:
            return f"the JSON report holds more than {_ITEMS} checks"
        items = tuple(
            Item(
                id=_text(check["name"], _NAME_CHARACTERS),
                verdict=_OUTCOMES[check["outcome"]],
                message=_text(check.get("message", ""), _MESSAGE_CHARACTERS),
                duration_seconds=_number(check.get("seconds")),
            )
            for check in checks
        )
        metrics = tuple(
            Metric(name=_text(name, _NAME_CHARACTERS), value=_number(value), unit="")
            for name, value in list(dict(document.get("metrics", {})).items())[:_METRICS]
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return f"the JSON report is not one: {type(error).__name__}: {error}"
    return Report(items, metrics) if items else "the JSON report holds no checks"


def parse_junit(text: str) -> Report | str:
    """JUnit XML as written by pytest, Surefire, gotestsum and others."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return "the JUnit report declares entities; that is refused"
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        return f"the JUnit report is not XML: {error}"
    items: list[Item] = []
    for case in root.iter("testcase"):
        if len(items) == _ITEMS:
            return f"the JUnit report holds more than {_ITEMS} test cases"
        verdict, message = Verdict.PASSED, ""
        for tag, outcome in (
            ("failure", Verdict.FAILED),
            ("error", Verdict.FAILED),
            ("skipped", Verdict.SKIPPED),
        ):
            found = case.find(tag)
            if found is not None:
                verdict, message = outcome, found.get("message") or (found.text or "")
                break
        name = "::".join(part for part in (case.get("classname"), case.get("name")) if part)
        items.append(
            Item(
                id=_text(name, _NAME_CHARACTERS) or "unnamed",
                verdict=verdict,
                message=_text(message.strip(), _MESSAGE_CHARACTERS),
                duration_seconds=_number(case.get("time")),
            )
        )
    return Report(tuple(items)) if items else "the JUnit report holds no test cases"


def _text(value: Any, characters: int) -> str:
    """Cut, and free of the halves of characters that JSON can spell and no file can hold."""
    return str(value)[:characters].encode("utf-8", "replace").decode()


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
