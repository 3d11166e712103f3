"""`fiverounds report` and `fiverounds ls`, on a real run."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.support import bench_here, call


@pytest.fixture
def run_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """The id of a run in the current folder."""
    bench_here(tmp_path, monkeypatch)
    call(capsys, "run", "-q", "-p", "good", "-p", "absent")
    (folder,) = (path for path in (tmp_path / "_logs").iterdir() if path.is_dir())
    return folder.name


def test_formats(run_here: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text, _ = call(capsys, "report")
    assert code == 0
    assert "3/3" in text
    _, markdown, _ = call(capsys, "report", run_here, "--format", "markdown")
    assert "| " in markdown
    _, results, _ = call(capsys, "report", run_here[:-2], "--format", "json")
    assert json.loads(results)["trials"]
    code, out, _ = call(capsys, "report", "--format", "junit", "-o", "out.xml")
    assert (code, out) == (0, "")
    assert ElementTree.parse(tmp_path / "out.xml").getroot().tag == "testsuites"


def test_reports_are_made_from_the_log_alone(
    run_here: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = call(capsys, "report", "--format", "markdown")[1]
    for path in (tmp_path / "bench.yaml", tmp_path / "suite" / "test_calc.py"):
        path.unlink()
    assert call(capsys, "report", "--format", "markdown")[1] == before


def test_a_run_that_is_not_there(run_here: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "report", run_here.replace("2", "3", 1))
    assert code == 4
    assert "fiverounds ls" in err
    code, _, err = call(capsys, "report", "--logs", "nowhere")
    assert code == 4
    assert "fiverounds run" in err


def test_a_folder_that_is_not_there(run_here: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "report", "-o", "no/such/folder.txt")
    assert code == 4
    assert "mkdir -p" in err
    assert call(capsys, "report", "-o", ".")[0] == 4
