"""`fiverounds ls`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.support import bench_here, call


def test_runs_newest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench_here(tmp_path, monkeypatch)
    code, out, _ = call(capsys, "ls")
    assert (code, out) == (0, "no runs in _logs\n")
    for _ in range(2):
        call(capsys, "run", "-q", "-p", "absent")
    _, out, _ = call(capsys, "ls", "--json")
    runs = json.loads(out)
    assert len(runs) == 2
    assert runs[0]["run_id"] > runs[1]["run_id"]
    assert runs[0]["skipped"] == 1
    (tmp_path / "_logs" / runs[0]["run_id"] / "run.json").write_text("not json")
    _, out, _ = call(capsys, "ls")
    assert "unreadable" in out
    assert runs[1]["run_id"] in out
