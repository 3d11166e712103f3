from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fiverounds.errors import StoreError
from fiverounds.report.writers import WRITERS, write_reports
from fiverounds.store.reader import read_run
from fiverounds.store.redact import MARK, Redactor
from tests.golden.sample import STORED, write


def test_every_report_is_written_and_replaced(tmp_path: Path) -> None:
    folder = write(tmp_path)
    write_reports(read_run(folder))
    first = {name: (folder / name).read_bytes() for name in WRITERS}
    assert all(first.values())
    write_reports(read_run(folder))
    assert {name: (folder / name).read_bytes() for name in WRITERS} == first
    assert read_run(folder).results == read_run(STORED).results


def test_whoever_knows_a_secret_can_still_take_it_out(tmp_path: Path) -> None:
    folder = write(tmp_path)
    write_reports(read_run(folder), Redactor(["502 Bad Gateway"]))
    for name in WRITERS:
        content = (folder / name).read_text(encoding="utf-8")
        assert "Bad Gateway" not in content
        assert MARK in content


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        write_reports(replace(read_run(STORED), folder=tmp_path / "gone"))
