"""Iteration policies: is there a further attempt? Pure."""

from __future__ import annotations

from collections.abc import Sequence

from fiverounds.results import Attempt, Verdict
from fiverounds.spec.models import Feedback, IterateSpec, Once, UntilPass


def another(policy: IterateSpec, attempts: Sequence[Attempt]) -> bool:
    """True when the policy asks for one more attempt after these.

    An `error` ends a trial: it says nothing about the subject.
    """
    last = attempts[-1]
    if last.verdict is Verdict.ERROR:
        return False
    match policy:
        case Once():
            return False
        case Feedback(rounds=rounds):
            return len(attempts) <= rounds
        case UntilPass(max_attempts=maximum):
            return last.verdict is not Verdict.PASSED and len(attempts) < maximum
