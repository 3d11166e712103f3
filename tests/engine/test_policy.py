from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiverounds.engine.policy import another
from fiverounds.results import Attempt, Verdict
from fiverounds.spec.models import Feedback, IterateSpec, Once, UntilPass

ONCE = Once(policy="once")
FEEDBACK = Feedback(policy="feedback", rounds=2, prompt="p")
UNTIL_PASS = UntilPass(policy="until-pass", max_attempts=3, prompt="p")
P, F, E = Verdict.PASSED, Verdict.FAILED, Verdict.ERROR


def attempts(verdicts: list[Verdict]) -> list[Attempt]:
    return [Attempt(number=number, verdict=verdict) for number, verdict in enumerate(verdicts, 1)]


@pytest.mark.parametrize(
    ("policy", "verdicts", "more"),
    [
        (ONCE, [P], False),
        (ONCE, [F], False),
        (ONCE, [E], False),
        (FEEDBACK, [P], True),  # whether or not the last one passed
        (FEEDBACK, [F, F], True),
        (FEEDBACK, [F, F, F], False),
        (FEEDBACK, [E], False),  # nothing was learnt that could be fed back
        (UNTIL_PASS, [P], False),
        (UNTIL_PASS, [F], True),
        (UNTIL_PASS, [F, F], True),
        (UNTIL_PASS, [F, F, F], False),
        (UNTIL_PASS, [F, P], False),
        (UNTIL_PASS, [F, E], False),
    ],
)
def test_is_there_another_attempt(policy: IterateSpec, verdicts: list[Verdict], more: bool) -> None:
    assert another(policy, attempts(verdicts)) is more


@given(
    st.sampled_from([ONCE, FEEDBACK, UNTIL_PASS]),
    st.lists(st.sampled_from([P, F, E]), min_size=5, max_size=5),
)
def test_every_policy_comes_to_an_end(policy: IterateSpec, verdicts: list[Verdict]) -> None:
    made = 1
    while another(policy, attempts(verdicts[:made])):
        made += 1
    assert made <= {"once": 1, "feedback": 3, "until-pass": 3}[policy.policy]
