"""A tiny real bench on disk, and the real command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]

SUITE = '''"""The spec of `calc`."""

import pytest
import calc


def test_adds():
    assert calc.add(2, 3) == 5


def test_adds_negative():
    assert calc.add(-2, -3) == -5


def test_refuses_text():
    assert calc.add(1, 1) == 2
    with pytest.raises(TypeError):
        calc.add(1, "1")
'''

GOOD = "def add(a, b):\n    if isinstance(b, str):\n        raise TypeError('no text')\n    return a + b\n"
BAD = "def add(a, b):\n    return a - b\n"

BENCH = """\
fiverounds: 1
name: tiny
defaults: {limits: {attempt: 30s, assertion: 30s}}
gate: {providers: [good], pass_rate: 1.0}
providers:
  - {id: good, kind: replay, answers: "answers/{round}/good"}
  - {id: bad, kind: replay, answers: "answers/{round}/bad"}
  - {id: absent, kind: chat, base_url: "http://127.0.0.1:9/v1", model: m, optional: true, mend: start the server}
prompts:
  calc: {text: "Write calc.py with add(a, b)."}
rounds:
  - id: calc
    prompt: calc
    output: {file: calc.py}
    assert:
      - {type: pytest, suite: suite, expect_tests: 3, isolation: process, module: calc, test_timeout: 5s}
"""


def write_bench(folder: Path, text: str = BENCH) -> Path:
    """The tiny bench in a folder; its file."""
    (folder / "suite").mkdir(parents=True)
    (folder / "suite" / "test_calc.py").write_text(SUITE)
    names = ("test_adds", "test_adds_negative", "test_refuses_text")
    expected = "".join(f"test_calc.py::{name}\n" for name in names)
    (folder / "suite" / "expected-tests.txt").write_text(expected)
    for name, code in (("good", GOOD), ("bad", BAD)):
        answer(folder, "calc", name, {"calc.py": code})
    (folder / "bench.yaml").write_text(text)
    return folder / "bench.yaml"


def answer(folder: Path, round_id: str, name: str, files: dict[str, str]) -> None:
    """A recorded answer."""
    for path, content in files.items():
        target = folder / "answers" / round_id / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)


def fiverounds(
    *arguments: str, cwd: Path, timeout: float = 120, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user would, with a temporary folder of its own."""
    return subprocess.run(
        [sys.executable, "-m", "fiverounds", *arguments],
        cwd=cwd,
        env={**environment(cwd), **(env or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def environment(cwd: Path) -> dict[str, str]:
    """The environment of a run: temporary files below `cwd`, so that its leftovers can be told apart."""
    temporary = cwd / "temporary"
    temporary.mkdir(exist_ok=True)
    return {**os.environ, "PYTHONPATH": str(REPO), "TMPDIR": str(temporary)}


def leftovers(cwd: Path) -> list[str]:
    """Files and processes that runs in `cwd` left behind."""
    return [str(path) for path in (cwd / "temporary").iterdir()] + processes(cwd)


def processes(cwd: Path) -> list[str]:
    """Processes whose command line names the temporary folder: jails, workers, browsers of a run."""
    mark = str(cwd / "temporary").encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if mark in command:
                found.append(f"{entry.name}: {command[:200]!r}")
    return found
