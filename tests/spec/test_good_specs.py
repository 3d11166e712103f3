"""Every file in `good/` is a bench without problems, and stays the same bench when read again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fiverounds.spec.load import load
from tests.spec.helpers import ENVIRONMENT, HERE, problems_of

GOOD = sorted((HERE / "good").glob("*.yaml"))


@pytest.mark.parametrize("spec", GOOD, ids=lambda path: path.stem)
def test_a_good_spec_has_no_problems(spec: Path, shared_folder: Path) -> None:
    copy = Path(shutil.copy(spec, shared_folder))
    assert problems_of(copy) == ()
    assert load(copy, ENVIRONMENT) == load(copy, ENVIRONMENT)


def test_there_are_some() -> None:
    assert len(GOOD) >= 10
