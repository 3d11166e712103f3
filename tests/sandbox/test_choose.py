from __future__ import annotations

from pathlib import Path

import pytest

from fiverounds.errors import ExitCode, SetupError
from fiverounds.sandbox import process
from fiverounds.sandbox.bubblewrap import Bubblewrap
from fiverounds.sandbox.choose import choose
from fiverounds.sandbox.unconfined import Unconfined


@pytest.mark.parametrize("name", ["auto", "bubblewrap"])
def test_a_jail_unless_asked_otherwise(name: str) -> None:
    chosen = choose(name)
    assert isinstance(chosen, Bubblewrap)
    chosen.close()


def test_no_jail_only_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(choose("none"), Unconfined)
    assert "as you" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["auto", "bubblewrap"])
def test_a_machine_without_bubblewrap_is_told_so_and_gets_nothing_weaker(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(process.BARE_ENVIRONMENT, "PATH", str(tmp_path))
    with pytest.raises(SetupError, match="bwrap is not installed") as raised:
        choose(name)
    assert "apt-get install bubblewrap" in (raised.value.hint or "")
    assert raised.value.exit_code == ExitCode.USAGE


def test_a_bubblewrap_that_may_not_is_told_with_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbidden = tmp_path / "bwrap"
    forbidden.write_text("#!/bin/sh\necho setting up uid map: Permission denied >&2\nexit 1\n")
    forbidden.chmod(0o755)
    path = f"{tmp_path}:{process.BARE_ENVIRONMENT['PATH']}"
    monkeypatch.setitem(process.BARE_ENVIRONMENT, "PATH", path)
    with pytest.raises(SetupError, match="uid map: Permission denied") as raised:
        choose("auto")
    assert "sandbox: none" in (raised.value.hint or "")


def test_trying_leaves_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    tmp_path.chmod(0o755)
    choose("auto").close()
    assert list(tmp_path.iterdir()) == []
