from __future__ import annotations

from pathlib import Path

import pytest

from fiverounds.spec.key_words import _PLACES, meant_key
from fiverounds.spec.schema import bench_schema
from tests.spec.helpers import GOOD, problems_in

ROUND_KEYS = dict.fromkeys(
    ["id", "prompt", "after", "output", "assert", "limits", "repeats", "iterate"]
)


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("asserts", "assert"), ("Assert", "assert"), ("tests", "assert"), ("scorers", "assert"), ("prompts", "prompt"),
        ("depends_on", "after"), ("timeout", "limits"), ("epochs", "repeats"), ("colour", None), ("x" * 1000, None),
    ],
)  # fmt: skip
def test_meant_key(key: str, meant: str | None) -> None:
    assert meant_key(key, ROUND_KEYS) == meant


def test_every_model_has_a_name_for_its_place() -> None:
    assert set(_PLACES) == set(bench_schema()["$defs"]) - {"UseProvider"}


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("fiverounds", "`fiverounds` belongs to the top level"),
        ("max_attempts", "`max_attempts` belongs to `iterate` with `policy: until-pass`"),
        ("temperature", "`temperature` belongs to `params`"),
        ("mend", "`mend` belongs to a provider"),
        ("colour", "known: `id`, `title`"),
    ],
)
def test_a_key_that_belongs_elsewhere(folder: Path, key: str, hint: str) -> None:
    (problem,) = problems_in(folder, f"{GOOD}    {key}: 1\n")
    assert hint in problem
