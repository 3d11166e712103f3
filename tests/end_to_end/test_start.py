"""What must be instant: `--version`, and no heavy import behind it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from fiverounds import __version__
from tests.end_to_end.support import REPO, fiverounds

HEAVY = (
    "pydantic",
    "httpx",
    "playwright",
    "rich",
    "jinja2",
    "jsonschema",
    "ruamel",
    "asyncio",
    "tabulate",
)


def test_version(tmp_path: Path) -> None:
    done = fiverounds("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, f"fiverounds {__version__}")


def test_version_needs_no_heavy_import() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "fiverounds", "--version"],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "argparse" in imported, "the probe works"
    assert imported.isdisjoint(HEAVY), imported & set(HEAVY)


def test_the_replay_of_a_text_round_loads_no_browser_and_no_http(tmp_path: Path) -> None:
    code = (
        "import sys; from fiverounds.providers import create; "
        "from fiverounds.spec.models import ReplayProvider; from pathlib import Path; "
        "create(ReplayProvider(id='x', kind='replay', answers='a'), bench_root=Path('.'), environment={}); "
        "print(sorted({'httpx', 'playwright', 'numpy', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
