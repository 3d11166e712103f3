"""What a jailed pytest reported, read with distrust: in-process, the subject may have written there too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_FORGED = "something other than pytest wrote to the result channel"


@dataclass(frozen=True, slots=True)
class Observed:
    """One test that ran to its end."""

    id: str
    outcome: str
    message: str
    seconds: float
    tokens: tuple[str, ...]
    """Checkpoints passed while it ran."""


@dataclass(slots=True)
class Transcript:
    """One run of pytest."""

    observed: list[Observed] = field(default_factory=list)
    uncollected: dict[str, str] = field(default_factory=dict)
    """Files (or classes) that could not be collected, and why."""
    collecting: str | None = None
    """The file whose collection began last."""
    running: str | None = None
    """The test that began and did not end."""
    end_code: int | None = None
    """pytest's exit code, as it reported it itself; None when it did not come that far."""
    tampered: list[str] = field(default_factory=list)
    broken: str = ""
    """Why the subject's process could not be started (`isolation: process`)."""
    fault: str = ""
    """What the subject did, if that is why nothing ran (`isolation: process`)."""

    @property
    def began(self) -> bool:
        """The suite's files were reached, and with them the subject's code."""
        return self.collecting is not None

    @property
    def complete(self) -> bool:
        """It ended by itself, with every test it began (0: all passed, 1: some failed, 5: nothing to run)."""
        return self.end_code in (0, 1, 5) and self.running is None


def read(lines: bytes, key: str) -> Transcript:
    """Follow the lines; those that do not fit are forgeries."""
    transcript = Transcript()
    tokens: list[str] = []
    for number, line in enumerate(
        lines.split(b"\n")[:-1]
    ):  # what follows the last newline was cut off
        record = _record(line)
        if (
            record.get("key") != key
            or record.get("number") != number
            or transcript.end_code is not None
        ):
            transcript.tampered.append(_FORGED)
            break
        try:
            _follow(record, transcript, tokens)
        except (KeyError, TypeError, ValueError):
            transcript.tampered.append(_FORGED)
            break
    return transcript


def _record(line: bytes) -> Mapping[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _follow(record: Mapping[str, Any], transcript: Transcript, tokens: list[str]) -> None:
    match record["event"]:
        case "collecting":
            transcript.collecting = str(record["file"])
        case "uncollected":
            transcript.uncollected[str(record["file"])] = str(record["message"])
        case "start":
            transcript.running = str(record["id"])
            tokens.clear()
        case "checkpoint":
            tokens.append(str(record["token"]))
        case "result":
            if record["id"] != transcript.running:
                raise ValueError("a result of a test that did not start")
            transcript.observed.append(_observed(record, tuple(tokens)))
            transcript.running = None
        case "end":
            transcript.end_code = int(record["code"])
            transcript.broken = str(record.get("broken", ""))
            transcript.fault = str(record.get("fault", ""))
            transcript.tampered += [str(one)[:200] for one in record["tampered"]]
        case unknown:
            raise ValueError(f"no such event: {unknown}")


def _observed(record: Mapping[str, Any], tokens: tuple[str, ...]) -> Observed:
    seconds = min(max(float(record["seconds"]), 0.0), 86_400.0)
    return Observed(
        str(record["id"]), str(record["outcome"]), str(record["message"]), seconds, tokens
    )
