"""Every file in `bad/` says in its first lines, exactly, what its author must be told."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests.spec.helpers import HERE, expected_of, problems_of

BAD = sorted((HERE / "bad").glob("*.yaml"))


@pytest.mark.parametrize("spec", BAD, ids=lambda path: path.stem)
def test_a_bad_spec_is_told_exactly_what_is_wrong(spec: Path, shared_folder: Path) -> None:
    expected = expected_of(spec)
    copy = Path(shutil.copy(spec, shared_folder))
    started = time.process_time()
    problems = problems_of(copy)
    seconds = time.process_time() - started

    assert expected, "says nothing to expect"
    found = [(problem.file, problem.line, problem.column, problem.path) for problem in problems]
    assert sorted(found) == sorted(one.place() for one in expected), problems
    for one in expected:
        same_place = [p for p in problems if (p.file, p.line, p.column, p.path) == one.place()]
        assert any(map(one.is_met_by, same_place)), (one.words, same_place)
    assert seconds < 1, f"{seconds:.1f} s"


def test_there_are_plenty() -> None:
    assert len(BAD) >= 45


def test_no_message_shows_a_key_or_the_environment(shared_folder: Path) -> None:
    for spec in BAD:
        copy = Path(shutil.copy(spec, shared_folder))
        said = "\n".join(f"{problem} {problem.hint}" for problem in problems_of(copy))
        for secret in ("canary", "sk-proj-", "AKIAIOS", "ghp_0123", "hunter2", "user:secret"):
            assert secret not in said, spec.name
