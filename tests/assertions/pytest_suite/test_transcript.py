from __future__ import annotations

import json
from typing import Any

import pytest

from fiverounds.assertions.pytest_suite.transcript import Transcript, read

COLLECTING = {"event": "collecting", "file": "test_x.py"}
START = {"event": "start", "id": "test_x.py::test_a"}
RESULT = START | {"event": "result", "outcome": "passed", "message": "", "seconds": 0.5}
END = {"event": "end", "code": 0, "tampered": []}


def lines(*records: dict[str, Any], key: str = "k", first: int = 0) -> bytes:
    numbered = [{"key": key, "number": n} | each for n, each in enumerate(records, first)]
    return b"".join(json.dumps(each).encode() + b"\n" for each in numbered)


def test_a_whole_run() -> None:
    token = {"event": "checkpoint", "token": "t"}
    failed = {"event": "uncollected", "file": "test_y.py", "message": "why"}
    transcript = read(lines(COLLECTING, failed, START, token, RESULT, END), "k")
    assert (transcript.complete, transcript.end_code, transcript.tampered) == (True, 0, [])
    (seen,) = transcript.observed
    assert (seen.id, seen.outcome, seen.seconds, seen.tokens) == (
        START["id"],
        "passed",
        0.5,
        ("t",),
    )
    assert transcript.uncollected == {"test_y.py": "why"}


def test_a_run_that_was_cut_off() -> None:
    whole = lines(COLLECTING, START, RESULT, END)
    transcript = read(whole[:-5], "k")
    assert not transcript.complete
    assert transcript.tampered == []
    assert read(lines(COLLECTING, START), "k").running == START["id"]
    assert not read(b"", "k").began


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\n",
        b"[]\n",
        b"\n",
        b"[" * 100_000 + b"\n",
        lines(COLLECTING, key="other"),
        lines(COLLECTING, first=1),
        lines(COLLECTING) + lines(START),
        lines(RESULT),
        lines(START, RESULT | {"id": "test_x.py::test_b"}),
        lines(START, RESULT | {"seconds": "x"}),
        lines({"event": "start"}),
        lines({"event": "else"}),
        lines(END, START),
        lines(END | {"code": []}),
    ],
)
def test_lines_that_do_not_fit_are_forgeries(data: bytes) -> None:
    transcript = read(data, "k")
    assert transcript.tampered
    assert transcript.observed == []


def test_complete_means_that_pytest_said_so() -> None:
    assert not Transcript(end_code=2).complete
    assert not Transcript(end_code=0, running="x").complete
    assert Transcript(end_code=1).complete
