from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fiverounds.limits import Limits
from fiverounds.sandbox.base import Jail, Mount
from fiverounds.sandbox.unconfined import WARNING, Unconfined, UnconfinedJail
from tests.sandbox.support import LIMITS, Sleepers, jailed, run


@pytest.fixture
def none(capsys: pytest.CaptureFixture[str]) -> Iterator[Unconfined]:
    made = Unconfined()
    assert capsys.readouterr().err == f"warning: {WARNING}\n"
    yield made
    made.close()


def test_commands_run_in_the_workspace_with_a_clean_environment(
    none: Unconfined, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED_SECRET", "s3cret")
    jail = Jail(LIMITS, workspace=tmp_path, environment=(("PORT", "80"), ("LANG", "C")))
    assert jailed(none, ["pwd"], jail).out.strip() == str(tmp_path)
    environment = dict(line.split("=", 1) for line in jailed(none, ["env"], jail).out.splitlines())
    assert set(environment) - {"PWD", "OLDPWD"} == {"PATH", "HOME", "LANG", "TMPDIR", "PORT"}
    assert (environment["PORT"], environment["LANG"]) == ("80", "C")


def test_without_its_workspace_nothing_runs(none: Unconfined, tmp_path: Path) -> None:
    ended = jailed(none, ["echo", "ran"], Jail(LIMITS, workspace=tmp_path / "missing"))
    assert (ended.code, ended.out) == (125, "")


def test_a_file_may_not_grow_for_ever(none: Unconfined, tmp_path: Path) -> None:
    jail = Jail(replace(LIMITS, file_size_bytes=1000), workspace=tmp_path)
    code = "open('big', 'wb', buffering=0).write(bytes(5000)); open('big', 'ab', buffering=0).write(b'1')"
    ended = jailed(none, [sys.executable, "-c", code], jail)
    assert "File too large" in ended.err
    assert (tmp_path / "big").stat().st_size == 1000


def test_cpu_time_is_limited(none: Unconfined) -> None:
    ended = jailed(
        none, [sys.executable, "-c", "while True: pass"], Jail(Limits(cpu_seconds=1)), seconds=60
    )
    assert ended.code in (-signal.SIGXCPU, -signal.SIGKILL)


def test_a_supervisor_is_not_limited(none: Unconfined) -> None:
    assert "prlimit" not in UnconfinedJail(Jail(LIMITS, role="supervisor")).argv(["true"])


def test_targets_stand_for_their_sources(tmp_path: Path) -> None:
    mounts = (Mount(Path("/srv/tests"), "/tests"), Mount(Path("/srv/deep"), "/tests/deep"))
    jail = UnconfinedJail(Jail(LIMITS, workspace=tmp_path, mounts=mounts))
    assert jail.inside("/work/a") == f"{tmp_path}/a"
    assert jail.inside("/work") == str(tmp_path)
    assert jail.inside("/tests/a") == "/srv/tests/a"
    assert jail.inside("/tests/deep/a") == "/srv/deep/a"
    assert jail.inside("/tests-of-others") == "/tests-of-others"
    assert jail.host_mounts == ()
    assert not jail.memory_exceeded()


def test_what_stays_in_its_group_dies_with_the_command(none: Unconfined, sleeper: Sleepers) -> None:
    with none.enter(Jail(LIMITS)) as entered:
        assert run(entered.argv(sleeper.command), seconds=0.2).timed_out
    assert sleeper.asleep() == []
