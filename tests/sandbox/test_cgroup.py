from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fiverounds.errors import SandboxError
from fiverounds.limits import MIB
from fiverounds.sandbox import cgroup
from tests.sandbox.support import Sleepers, run, until

PLACE = cgroup.hierarchy()
needs_groups = pytest.mark.skipif(PLACE is None, reason="control groups are not ours to make here")


@pytest.fixture
def group() -> cgroup.MemoryGroup:
    assert PLACE is not None
    return cgroup.MemoryGroup(PLACE, 64 * MIB)


def joined(group: cgroup.MemoryGroup, command: str) -> list[str]:
    return ["sh", "-c", f'echo 0 > "$1"; {command}', "sh", str(group.procs_file)]


@needs_groups
def test_the_limit_is_the_kernels(group: cgroup.MemoryGroup) -> None:
    assert PLACE is not None
    assert (group.folder / PLACE.limit_file).read_text().strip() == str(64 * MIB)
    group.close()
    assert not group.folder.exists()


@needs_groups
def test_too_much_memory_is_fatal_and_counted(group: cgroup.MemoryGroup) -> None:
    assert run(joined(group, "exec head -c 1M /dev/zero")).exit_code == 0
    assert not group.oom_killed()
    hungry = joined(group, f"exec {sys.executable} -c \"b'x' * (512 << 20)\"")
    assert run(hungry).exit_code == -signal.SIGKILL
    assert group.oom_killed()
    group.close()
    assert not group.oom_killed()  # gone, not an error


@needs_groups
def test_closing_kills_whoever_is_in_it(group: cgroup.MemoryGroup, sleeper: Sleepers) -> None:
    with subprocess.Popen(joined(group, f"exec sleep {sleeper.seconds}")) as child:
        try:
            until(sleeper.asleep)
            group.close()
            assert child.wait(5) == -signal.SIGKILL
        finally:
            child.kill()
    assert not group.folder.exists()


@needs_groups
def test_a_limit_the_kernel_refuses_is_an_error_and_leaves_nothing() -> None:
    assert PLACE is not None
    before = set(PLACE.folder.glob(f"fiverounds-{os.getpid()}-*"))
    with pytest.raises(SandboxError, match="memory"):
        cgroup.MemoryGroup(PLACE, -4096)
    assert set(PLACE.folder.glob(f"fiverounds-{os.getpid()}-*")) == before


@needs_groups
def test_the_sweep_takes_what_the_dead_left_and_nothing_else(group: cgroup.MemoryGroup) -> None:
    assert PLACE is not None
    dead = subprocess.Popen(["true"])
    dead.wait()
    left = PLACE.folder / f"fiverounds-{dead.pid}-left"
    foreign = PLACE.folder / "fiverounds-of-somebody-else"
    left.mkdir()
    foreign.mkdir()
    try:
        assert cgroup.sweep() >= 1
        assert not left.exists()
        assert foreign.exists()
        assert group.folder.exists()
    finally:
        foreign.rmdir()
        group.close()


def test_version_1_groups_are_made_below_our_own(tmp_path: Path) -> None:
    ours = "5:cpu,cpuacct:/elsewhere\n4:memory:/user/me\n0::/\n"
    assert [place.folder for place in cgroup.candidates(ours, tmp_path)] == [
        tmp_path / "memory/user/me"
    ]


def test_version_2_groups_are_made_below_our_own_or_one_above_it(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").touch()
    found = cgroup.candidates("0::/user.slice/session.scope\n", tmp_path)
    assert [place.folder for place in found] == [
        tmp_path / "user.slice/session.scope",
        tmp_path / "user.slice",
        tmp_path,
    ]
    assert {place.limit_file for place in found} == {"memory.max"}


def test_a_group_outside_our_namespace_is_no_place(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").touch()
    assert cgroup.candidates("4:memory:/../../host\n0::/../sibling\n", tmp_path) == []
