"""`fiverounds doctor` on this machine, which has what the tests need."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fiverounds.sandbox import process
from tests.cli.support import bench_here, call


def test_everything_is_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "doctor", "--json")
    findings = {finding["name"]: finding for finding in json.loads(out)}
    assert set(findings) == {"python", "bubblewrap", "memory limit", "chromium", "go", "gguf"}
    assert findings["bubblewrap"]["mend"] == ""
    assert code == 0


def test_only_what_a_bench_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench_here(tmp_path, monkeypatch)
    code, out, _ = call(capsys, "doctor", "bench.yaml", "--json")
    assert code == 0
    names = {finding["name"] for finding in json.loads(out)}
    assert names == {"python", "bubblewrap", "memory limit"}


def test_what_is_missing_is_named_with_its_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = {**process.BARE_ENVIRONMENT, "PATH": str(tmp_path)}
    monkeypatch.setattr(process, "BARE_ENVIRONMENT", empty)
    code, out, _ = call(capsys, "doctor")
    assert code == 4
    assert "bubblewrap: to mend it:\n  install it: sudo apt-get install bubblewrap" in out
