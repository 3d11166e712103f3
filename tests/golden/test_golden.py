"""The stored run through every report, byte for byte. To renew: see tests/golden/sample.py."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fiverounds.report import text
from fiverounds.report.writers import WRITERS
from fiverounds.store.reader import read_run
from fiverounds.store.runlog import RunLog
from tests.golden.sample import EXPECTED, STORED, write

UPDATE = "FIVEROUNDS_UPDATE_GOLDEN"
REPORTS: dict[str, Callable[[RunLog], str]] = {
    **WRITERS,
    "report-60-ascii.txt": lambda log: text.render(log, 60, encoding="ascii"),
    "report-160.txt": lambda log: text.render(log, 160),
}


@pytest.mark.parametrize("name", REPORTS)
def test_reports_are_as_expected(name: str) -> None:
    made = REPORTS[name](read_run(STORED))
    expected = EXPECTED / name
    if os.environ.get(UPDATE):
        expected.write_bytes(made.encode())
    assert made == expected.read_bytes().decode(), f"{UPDATE}=1 renews it; read the diff"


@pytest.mark.parametrize("name", REPORTS)
def test_reports_drive_no_terminal(name: str) -> None:
    made = REPORTS[name](read_run(STORED))
    assert "\x1b" not in made
    assert "\x07" not in made
    assert "\u202e" not in made
    assert made.endswith("\n")
    assert not made.endswith("\n\n")


def test_the_writer_still_writes_format_1_as_it_was_stored(tmp_path: Path) -> None:
    folder = write(tmp_path)
    for name in ("run.json", "plan.json", "journal.jsonl"):
        assert (folder / name).read_bytes() == (STORED / name).read_bytes(), name
