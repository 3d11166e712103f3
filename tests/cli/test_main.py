"""Arguments, exit codes, and that no error ends in a traceback."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from fiverounds.cli import ls_command
from fiverounds.cli.main import build_parser, main
from fiverounds.errors import ExitCode, SetupError


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["run", "--help"]])
def test_help_and_version_exit_0(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(arguments)
    assert exit_info.value.code == 0
    assert "fiverounds" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["run", "--jobs", "0"],
        ["run", "--jobs", "x"],
        ["report", "--format", "pdf"],
    ],
)
def test_usage_errors_exit_4(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(arguments)
    assert exit_info.value.code == ExitCode.USAGE
    assert "error:" in capsys.readouterr().err


def test_a_known_error_prints_its_mend(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: argparse.Namespace) -> int:
        raise SetupError("no such thing", "install it")

    monkeypatch.setattr(ls_command, "main", broken)
    assert main(["ls"]) == ExitCode.USAGE
    assert capsys.readouterr().err == "error: no such thing\n  to mend it: install it\n"


def test_an_unforeseen_error_names_a_file_with_the_details(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(_: argparse.Namespace) -> int:
        raise ZeroDivisionError("deep inside")

    monkeypatch.setattr(ls_command, "main", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main(["ls"]) == ExitCode.ERRORS
    said = capsys.readouterr().err
    assert "Traceback" not in said
    (details,) = tmp_path.iterdir()
    assert str(details) in said
    assert "deep inside" in details.read_text()


def test_ctrl_c_exits_2(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(ls_command, "main", interrupted)
    assert main(["ls"]) == ExitCode.INTERRUPTED


def test_every_command_has_its_module() -> None:
    folder = Path(ls_command.__file__).parent
    (commands,) = (
        action.choices
        for action in build_parser()._actions
        if action.dest == "command" and isinstance(action.choices, dict)
    )
    assert {f"{name}_command.py" for name in commands} == {
        path.name for path in folder.glob("*_command.py")
    }
