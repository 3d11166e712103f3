"""The same attacks once more for a runner that is not root: user namespaces, and no control groups.

Root runs some tests of this folder again as a user without a name, home or password, by the system's Python. What that
user may not read (a clone or a virtual environment below /root) is copied to where it may.
"""

from __future__ import annotations

import contextlib
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import fiverounds
from fiverounds.sandbox import process
from tests.sandbox.support import AS_ROOT

USER = "61234"
PYTHON = "/usr/bin/python3"
TESTS = Path(__file__).parents[2]
NEEDED = (
    "_hypothesis_globals _pytest annotated_types hypothesis iniconfig jinja2 markupsafe packaging pluggy py pydantic "
    "pydantic_core pygments pyseccomp pytest sortedcontainers typing_extensions typing_inspection"
).split()
AGAIN = (
    "sandbox/test_bubblewrap.py",
    "sandbox/test_python.py",
    "sandbox/test_unconfined.py",
    "sandbox/test_workspace.py",
    "assertions/script/test_assertion.py",
)
SLOW = ("hangs", "never_ends", "cpu_time", "can_be_written")
"""They wait for a limit to be reached, and are the same for everybody."""
FEWEST = 100
"""Tests that must have passed, lest one day nothing at all is run."""

pytestmark = pytest.mark.skipif(
    not AS_ROOT, reason="these tests are run as an ordinary user already"
)


def setpriv(*command: str) -> list[str]:
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--", *command]


@pytest.fixture
def readable() -> Iterator[Path]:
    """A folder that everybody can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="fiverounds-as-user-"))
    folder.chmod(0o755)
    (folder / "home").mkdir()
    shutil.chown(folder / "home", int(USER), int(USER))
    yield folder
    shutil.rmtree(folder)


def copy_code(target: Path) -> None:
    unneeded = shutil.ignore_patterns("__pycache__", "*.pyi", "fixtures", "golden")
    shutil.copytree(Path(fiverounds.__file__).parent, target / "fiverounds", ignore=unneeded)
    (target / "tests").mkdir()
    (target / "tests/__init__.py").touch()
    for part in sorted({Path(file).parent for file in AGAIN}):
        shutil.copytree(TESTS / part, target / "tests" / part, ignore=unneeded)
    shutil.copy(TESTS.parent / "pyproject.toml", target)
    for name in NEEDED:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        if origin.name == "__init__.py":
            shutil.copytree(origin.parent, target / name, ignore=unneeded)
        else:
            shutil.copy(origin, target)


def test_the_same_attacks(readable: Path) -> None:
    copy_code(readable)
    environment = {
        "HOME": str(readable / "home"),
        "USER": "nobody-in-particular",
        "PATH": process.BARE_ENVIRONMENT["PATH"],
        "PYTHONPATH": str(readable),
        "TMPDIR": str(readable / "home"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    def as_user(*command: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            setpriv(*command),
            env=environment,
            cwd=readable / "home",
            timeout=seconds,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    version = f"import sys; assert sys.version_info[:2] == {sys.version_info[:2]}; "
    with contextlib.suppress(FileNotFoundError):
        ready = as_user(PYTHON, "-c", version + "import pydantic")
        if ready.returncode != 0:
            pytest.skip(f"no {PYTHON} for this user here: {ready.stdout.strip()[-300:]}")
        options = ["-q", "-p", "no:cacheprovider", "-c", str(readable / "pyproject.toml")]
        options += ["-k", f"not ({' or '.join(SLOW)})"]
        files = [str(readable / "tests" / file) for file in AGAIN]
        ended = as_user(PYTHON, "-m", "pytest", *options, *files, seconds=300)
        print(ended.stdout)
        assert ended.returncode == 0
        passed = re.search(r"(\d+) passed", ended.stdout)
        assert passed is not None
        assert int(passed[1]) >= FEWEST
        return
    pytest.skip("no setpriv here")
