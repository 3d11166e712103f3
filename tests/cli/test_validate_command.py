"""`fiverounds validate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.support import bench_here, call


def broken_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny bench with a misspelt key on line 14."""
    file = bench_here(tmp_path, monkeypatch)
    file.write_text(file.read_text().replace("    assert:\n", "    asserts:\n"))


def test_a_valid_bench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench_here(tmp_path, monkeypatch)
    code, out, err = call(capsys, "validate")
    assert (code, err) == (0, "")
    assert out == "bench.yaml: valid (3 providers, 1 rounds)\n"


def test_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken_bench(tmp_path, monkeypatch)
    code, _, err = call(capsys, "validate")
    assert code == 4
    line = (tmp_path / "bench.yaml").read_text().splitlines().index("    asserts:") + 1
    assert f"bench.yaml:{line}:5" in err
    assert "assert" in err


def test_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken_bench(tmp_path, monkeypatch)
    code, out, _ = call(capsys, "validate", "--format", "json")
    assert code == 4
    assert "asserts" in json.dumps(json.loads(out))


def test_github(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken_bench(tmp_path, monkeypatch)
    code, out, _ = call(capsys, "validate", "--format", "github")
    assert code == 4
    assert all(line.startswith("::error file=bench.yaml,line=") for line in out.splitlines())


def test_several_benches_are_all_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench_here(tmp_path, monkeypatch)
    code, out, err = call(capsys, "validate", "missing.yaml", "bench.yaml", "gone.yaml")
    assert code == 4
    assert "bench.yaml: valid" in out
    assert "missing.yaml" in err
    assert "gone.yaml" in err
