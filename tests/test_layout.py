"""The repository's own rules: tests mirror modules, files stay small, docs know every command and type."""

from __future__ import annotations

from pathlib import Path

from fiverounds.assertions import REGISTRY as ASSERTIONS
from fiverounds.cli.main import build_parser
from fiverounds.providers import KINDS as PROVIDERS

REPO = Path(__file__).resolve().parents[1]
PACKAGE = REPO / "fiverounds"
OTHER_TESTS = {"attacks", "contract", "end_to_end", "fixtures", "golden", "support"}
LONGEST_FILE = 300


def modules() -> list[Path]:
    """Every module of the package, relative to it."""
    return [path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py")]


def test_every_test_file_mirrors_a_module() -> None:
    known = {path.with_suffix("").as_posix() for path in modules()}
    folders = {path.parent.as_posix() for path in modules()}
    lost = []
    for path in (REPO / "tests").rglob("test_*.py"):
        relative = path.relative_to(REPO / "tests")
        if OTHER_TESTS.intersection(relative.parts) or relative.as_posix() == "test_layout.py":
            continue
        name = relative.with_name(relative.stem.removeprefix("test_")).as_posix()
        # A folder's `__init__` is mirrored by a test named like the folder.
        if name not in known and name not in folders:
            lost.append(relative.as_posix())
    assert lost == []


def test_files_stay_small() -> None:
    long = {
        path.as_posix(): lines
        for path in modules()
        if (lines := len((PACKAGE / path).read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_the_readme_names_every_command() -> None:
    readme = (REPO / "README.md").read_text(encoding="utf-8")
    (commands,) = (
        action.choices
        for action in build_parser()._actions
        if action.dest == "command" and isinstance(action.choices, dict)
    )
    for command in commands:
        assert f"fiverounds {command}" in readme, command


def test_the_readme_names_every_kind_and_type() -> None:
    readme = (REPO / "README.md").read_text(encoding="utf-8")
    for name in (*ASSERTIONS, *PROVIDERS):
        assert f"`{name}`" in readme, name
