from __future__ import annotations

from pathlib import Path

import pytest

from tests.spec.helpers import GOOD, problems_in


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("90", "did you mean `90s`?"), ("1.5", "did you mean `1.5s`?"), ("90 sec", "did you mean `90s`?"),
        ("2 Minutes", "did you mean `2m`?"), ("1hr", "did you mean `1h`?"), ("5S", "did you mean `5s`?"),
        ("100msec", "did you mean `100ms`?"), ("soon", None), ("1d", None), ("-5s", None),
    ],
)  # fmt: skip
def test_durations(folder: Path, value: str, hint: str | None) -> None:
    (problem,) = problems_in(folder, f"{GOOD}    limits: {{attempt: {value}}}\n")
    assert "write a duration like 90s, 15m or 1h" in problem
    assert (hint or "did you mean") in problem or hint is None
    assert hint is not None or "did you mean" not in problem


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("512", "`512B`"),
        ("512m", "`512MiB`"),
        ("1g", "`1GiB`"),
        ("2Gb", "`2GB`"),
        ("64 KB", "`64kB`"),
        ("1t", None),
    ],
)
def test_sizes(folder: Path, value: str, hint: str | None) -> None:
    (problem,) = problems_in(folder, f"{GOOD}    limits: {{memory: {value}}}\n")
    assert "write a size like 512MiB or 2GiB" in problem
    assert ("did you mean" in problem) == (hint is not None)
    assert (hint or "") in problem


def test_a_mapping_for_a_list(folder: Path) -> None:
    text = GOOD.replace("      - {type: pytest, suite: rounds/one/tests}", "      type: pytest")
    (problem,) = problems_in(folder, text)
    assert problem.endswith(
        "expected a list, found a mapping | begin each entry of a list with `- `"
    )
