"""The instrumented copy of a suite that an in-process run sees."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fiverounds.assertions.pytest_suite.instrument import instrument
from fiverounds.assertions.pytest_suite.source import split
from fiverounds.assertions.pytest_suite.suite import EXPECTED_FILE, Suite


@dataclass(frozen=True, slots=True)
class InstrumentedSuite:
    """Where the copy is, and what must be seen of it."""

    folder: Path
    tokens: Mapping[tuple[str, str], frozenset[str]]
    """(file, bare function name) → what its checkpoints say."""
    controls: Mapping[str, tuple[str, str | None]]
    """Bare name of a control copy → its file, and the test it copies (None: `assert 1 == 2`)."""

    def tokens_of(self, test_id: str) -> frozenset[str] | None:
        """What the last checkpoint of a test must say; None where the source did not show its end."""
        return self.tokens.get(split(test_id))


def instrumented_copy(suite: Suite, folder: Path) -> InstrumentedSuite:
    """Copy the suite's folders into `folder`, each test file rewritten."""
    for part in suite.folders:
        ignored = shutil.ignore_patterns("__pycache__", ".*", "*.pyc", EXPECTED_FILE)
        if part.whole:
            shutil.copytree(part.path, folder / part.prefix, ignore=ignored, dirs_exist_ok=True)
            continue
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("conftest.py", *suite.files):
            if (part.path / name).is_file():
                shutil.copyfile(part.path / name, folder / name)
    for path in (
        folder,
        *folder.rglob("*"),
    ):  # the jail's user must read what the bench's owner may have closed
        path.chmod(0o755 if path.is_dir() else 0o644)
    tokens: dict[tuple[str, str], frozenset[str]] = {}
    controls: dict[str, tuple[str, str | None]] = {}
    for file in suite.files:
        rewritten = instrument((folder / file).read_text(encoding="utf-8"), file)
        (folder / file).write_text(rewritten.text, encoding="utf-8")
        tokens |= {(file, name): each for name, each in rewritten.tokens.items()}
        controls |= {name: (file, original) for name, original in rewritten.controls.items()}
    return InstrumentedSuite(folder, tokens, controls)
