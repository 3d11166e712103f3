from __future__ import annotations

import platform
import sys
from pathlib import Path

from fiverounds.sandbox import python
from fiverounds.sandbox.base import Jail
from fiverounds.sandbox.bubblewrap import Bubblewrap
from tests.sandbox.support import LIMITS, jailed, succeed

SHOW = "import sys, ssl, sqlite3, platform; print(sys.prefix == sys.base_prefix, platform.python_version())"


def test_the_runners_own_version_starts_inside(sandbox: Bubblewrap) -> None:
    jail = Jail(LIMITS, mounts=python.interpreter_mounts())
    out = succeed(jailed(sandbox, [python.interpreter(), "-I", "-c", SHOW], jail))
    assert out.split() == ["True", platform.python_version()]


def test_it_is_not_the_virtual_environments(sandbox: Bubblewrap) -> None:
    assert Path(python.interpreter()).is_file()
    assert not Path(python.interpreter()).is_symlink()
    shown = {mount.target for mount in python.interpreter_mounts()}
    assert sys.prefix == sys.base_prefix or sys.prefix not in shown


def test_python3_on_the_search_path_is_the_same(sandbox: Bubblewrap) -> None:
    environment = (("PATH", python.search_path()),)
    jail = Jail(LIMITS, mounts=python.interpreter_mounts(), environment=environment)
    out = succeed(jailed(sandbox, ["python3", "-I", "-c", SHOW], jail))
    assert out.split()[1] == platform.python_version()


def test_packages_are_mounted_one_by_one(sandbox: Bubblewrap) -> None:
    mounts = python.package_mounts(["pytest", "typing_extensions", "no_such_package"], "/packages")
    assert [mount.target for mount in mounts] == [
        "/packages/pytest",
        "/packages/typing_extensions.py",
    ]
    assert not any(mount.writable for mount in mounts)
    jail = Jail(LIMITS, mounts=(*python.interpreter_mounts(), *mounts))
    code = "import sys, os; sys.path.append('/packages'); import typing_extensions; "
    show = "print(sorted(os.listdir('/packages')))"
    command = [python.interpreter(), "-I", "-S", "-B", "-c", code + show]
    assert succeed(jailed(sandbox, command, jail)).strip() == "['pytest', 'typing_extensions.py']"
