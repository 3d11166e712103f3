"""A suite of the bench: its files and the ids of its tests, both known before any subject's code runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fiverounds.assertions.pytest_suite.source import definitions, parse, split
from fiverounds.errors import AssertionBroken
from fiverounds.spec.models import PytestAssertion

EXPECTED_FILE = "expected-tests.txt"
_PATTERNS = ("test_*.py", "*_test.py")
_DECIDED_AT_RUN_TIME = ("parametrize", "params=", "pytest_generate_tests", "__test__")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of test files and their helpers."""

    path: Path
    prefix: str = ""
    """Where it stands below the root of the test ids: empty, or e.g. `probes`."""
    whole: bool = True
    """False: of this folder only the suite's own files and `conftest.py` are the suite's."""


@dataclass(frozen=True, slots=True)
class Suite:
    """What will be run."""

    folders: tuple[Folder, ...]
    files: tuple[str, ...]
    """Test files, as they appear in test ids."""
    expected: tuple[str, ...]


def load(spec: PytestAssertion, bench_root: Path) -> Suite:
    """The suite an assertion names.

    Raises:
        AssertionBroken: it is missing, or its list of expected tests does not fit.
    """
    path = bench_root / spec.suite
    folder = path.parent if path.is_file() else path
    files = (path.name,) if path.is_file() else tuple(_test_files(path))
    if not files:
        raise AssertionBroken(
            f"{spec.suite}: no test files there", "name a folder with test_*.py files, or one file"
        )
    listed = bench_root / spec.expected if spec.expected else folder / EXPECTED_FILE
    if listed.is_file() or spec.expected:
        expected = tuple(
            one for one in read_expected(listed) if path.is_dir() or split(one)[0] in files
        )
    else:
        expected = _expected_from_source(folder, files, spec.suite)
    check_count(expected, spec.expect_tests, listed if listed.is_file() else path)
    check_files(expected, files, listed)
    return Suite((Folder(folder, whole=path.is_dir()),), files, expected)


def read_expected(path: Path) -> tuple[str, ...]:
    """The test ids of a file, one a line; blank lines and lines that begin with `#` do not count.

    Raises:
        AssertionBroken: missing, empty or with a line twice.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AssertionBroken(
            f"{path}: the list of expected tests cannot be read: {error}", _mend(path)
        ) from error
    found = tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))
    twice = [name for name, count in Counter(found).items() if count > 1]
    if twice:
        raise AssertionBroken(f"{path}: listed twice: {twice[0]}", _mend(path))
    if not found:
        raise AssertionBroken(f"{path}: the list of expected tests is empty", _mend(path))
    return found


def check_count(expected: tuple[str, ...], wanted: int | None, where: Path) -> None:
    """Raises AssertionBroken unless the bench's own count fits."""
    if wanted is not None and wanted != len(expected):
        raise AssertionBroken(
            f"`expect_tests` is {wanted}, but {where.name} has {len(expected)} tests",
            f"correct `expect_tests`, or {_mend(where)}",
        )


def check_files(expected: tuple[str, ...], files: tuple[str, ...], listed: Path) -> None:
    """Raises AssertionBroken unless every expected test has a file and every file an expected test."""
    named = {split(one)[0] for one in expected}
    for file in sorted(named - set(files)):
        raise AssertionBroken(
            f"{listed.name} expects tests of {file}, which is not in the suite", _mend(listed)
        )
    for file in files:
        if file not in named:
            raise AssertionBroken(f"{listed.name} expects no test of {file}", _mend(listed))


def _mend(listed: Path) -> str:
    folder = listed if listed.is_dir() else listed.parent
    return (
        f"write {EXPECTED_FILE} anew where a correct solution can be imported: "
        f"python -m pytest --collect-only -q --rootdir={folder} {folder} | grep :: > {folder / EXPECTED_FILE}"
    )


def _test_files(folder: Path) -> Iterator[str]:
    found = {path for pattern in _PATTERNS for path in folder.rglob(pattern) if path.is_file()}
    for path in sorted(found):
        name = path.relative_to(folder)
        if not any(part.startswith(".") or part == "__pycache__" for part in name.parts):
            yield name.as_posix()


def _expected_from_source(folder: Path, files: tuple[str, ...], suite: str) -> tuple[str, ...]:
    """Ids as the source alone shows them: only for suites that decide nothing at run time."""
    for path in folder.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for word in _DECIDED_AT_RUN_TIME:
            if word in text:
                raise AssertionBroken(
                    f"{suite}: the ids of its tests cannot be read from the source ({path.name} uses `{word}`)",
                    _mend(folder),
                )
    return tuple(
        f"{file}::{one.name}"
        for file in files
        for one in definitions(parse((folder / file).read_text(encoding="utf-8"), file))
        if one.collected
    )
