"""`fiverounds plan`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.support import bench_here, call


def test_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench_here(tmp_path, monkeypatch)
    code, out, _ = call(capsys, "plan")
    assert code == 0
    assert "good/calc/calc/1" in out
    assert "3 trials, 3 providers, 1 rounds" in out
    assert not (tmp_path / "_logs").exists(), "planning writes nothing"


def test_json_and_selection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench_here(tmp_path, monkeypatch)
    code, out, _ = call(capsys, "plan", "--json", "-p", "g*", "--repeats", "2")
    assert code == 0
    trials = json.loads(out)
    assert [trial["trial_id"] for trial in trials] == ["good/calc/calc/1", "good/calc/calc/2"]
    assert len({trial["key"] for trial in trials}) == 2


def test_what_a_provider_cannot_do_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = bench_here(tmp_path, monkeypatch)
    file.write_text(file.read_text().replace("{file: calc.py}", "{workspace: true}"))
    _, out, _ = call(capsys, "plan")
    assert "absent/calc/calc/1 will be skipped" in out


def test_nothing_selected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench_here(tmp_path, monkeypatch)
    code, _, err = call(capsys, "plan", "-r", "nothing")
    assert code == 5
    assert "rounds: calc" in err
