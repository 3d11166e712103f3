"""Commands run in this process, on the tiny bench of the end-to-end tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from fiverounds.cli.main import main
from tests.end_to_end.support import write_bench


def bench_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the tiny bench and stand in its folder."""
    file = write_bench(folder)
    monkeypatch.chdir(folder)
    return file


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr of a command."""
    code = main(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err
