"""The list of planted bugs: which there are, and which probes and regressions see them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from fiverounds.assertions.pytest_suite.suite import (
    EXPECTED_FILE,
    Folder,
    Suite,
    check_files,
    read_expected,
)
from fiverounds.errors import AssertionBroken
from fiverounds.frozen import Frozen
from fiverounds.spec.fields import Identifier, Pattern, RelativePath, Text

_MAXIMUM_BYTES = 1024 * 1024
Paths = tuple[RelativePath, ...]


class Bug(Frozen):
    """One planted bug."""

    id: Identifier
    kind: Text
    file: RelativePath
    """Where it is, relative to the workspace."""
    title: Text
    probes: Annotated[Paths, Field(min_length=1)]
    """Test files, all of whose tests pass when it is fixed."""


class Manifest(Frozen):
    """`bugs.yaml` as written. Paths of probes and regressions are relative to it."""

    fiverounds_bugs: Literal[1]
    package: Text
    protected: tuple[Pattern, ...] = ()
    regressions: Paths = ()
    """Test files that pass with and without the bugs."""
    bugs: Annotated[tuple[Bug, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        twice = [name for name, count in Counter(bug.id for bug in self.bugs).items() if count > 1]
        if twice:
            raise ValueError(f"two bugs are called {twice[0]}")
        return self

    def files(self) -> Iterator[str]:
        """Every test file, once."""
        named = [path for bug in self.bugs for path in bug.probes]
        return iter(dict.fromkeys(_plain(path) for path in (*named, *self.regressions)))

    def probe_files(self, bug: Bug) -> frozenset[str]:
        """The files of one bug, as they appear in test ids."""
        return frozenset(_plain(path) for path in bug.probes)

    def regression_files(self) -> frozenset[str]:
        """The files of the regressions, as they appear in test ids."""
        return frozenset(_plain(path) for path in self.regressions)


def load_manifest(path: Path) -> Manifest:
    """Read and check a manifest.

    Raises:
        AssertionBroken: missing, not YAML, or not as it must be.
    """
    try:
        with path.open("rb") as file:
            data = YAML(typ="safe", pure=True).load(file.read(_MAXIMUM_BYTES))
        return Manifest.model_validate_json(json.dumps(data))
    except (OSError, YAMLError, TypeError) as error:
        raise AssertionBroken(f"{path.name}: cannot be read: {error}") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()
        )
        raise AssertionBroken(
            f"{path.name}: {problems}", "see docs/assertions/bug-count.md for what it must hold"
        ) from error


def probe_suite(manifest: Manifest, folder: Path) -> Suite:
    """All probes and regressions as one suite; `folder` holds the manifest.

    Raises:
        AssertionBroken: a file is missing, or a list of expected tests does not fit.
    """
    files = tuple(manifest.files())
    expected: list[str] = []
    folders = []
    for prefix in dict.fromkeys(PurePosixPath(file).parent.as_posix() for file in files):
        if prefix == "." or ".." in prefix.split("/"):
            raise AssertionBroken(
                "probes must lie in a folder of their own below the manifest",
                "their folder is shown to the subject's code, and nothing else should be",
            )
        folders.append(Folder(folder / prefix, prefix))
        listed = folder / prefix / EXPECTED_FILE
        expected += [f"{prefix}/{test_id}" for test_id in read_expected(listed)]
    for file in files:
        if not (folder / file).is_file():
            raise AssertionBroken(f"the manifest names {file}, which is missing")
    check_files(tuple(expected), files, folder / EXPECTED_FILE)
    return Suite(tuple(folders), files, tuple(expected))


def _plain(path: str) -> str:
    return PurePosixPath(path).as_posix()
