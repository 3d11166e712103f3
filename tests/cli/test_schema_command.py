"""`fiverounds schema`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.support import call


def test_print(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("bench", "provider"):
        code, out, _ = call(capsys, "schema", name)
        assert code == 0
        assert json.loads(out)["$schema"].startswith("https://json-schema.org/")


def test_write_then_check_then_drift(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "schema")
    assert call(capsys, "schema", "--check", "--folder", folder)[0] == 4
    assert call(capsys, "schema", "--write", "--folder", folder)[0] == 0
    assert call(capsys, "schema", "--check", "--folder", folder)[0] == 0
    (tmp_path / "schema" / "bench.schema.json").write_text("{}\n")
    code, _, err = call(capsys, "schema", "--check", "--folder", folder)
    assert code == 4
    assert "fiverounds schema --write" in err
