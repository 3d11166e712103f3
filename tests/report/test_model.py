from __future__ import annotations

import pytest

from fiverounds.report.model import Counts
from fiverounds.results import Verdict


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        (Counts(passed=2), Verdict.PASSED),
        (Counts(passed=1, skipped=1), Verdict.PASSED),
        (Counts(passed=1, failed=1), Verdict.FAILED),
        (Counts(failed=1, error=1), Verdict.ERROR),
        (Counts(passed=1, not_run=1), None),
        (Counts(failed=1, not_run=1), Verdict.FAILED),
        (Counts(skipped=2), Verdict.SKIPPED),
        (Counts(not_run=1), None),
    ],
)
def test_the_worst_speaks_for_all_repeats(counts: Counts, verdict: Verdict | None) -> None:
    assert counts.verdict is verdict


def test_what_ran() -> None:
    assert Counts(error=1).ran
    assert not Counts(skipped=1, not_run=1).ran
    assert Counts(1, 2, 3, 4, 5).planned == 15
