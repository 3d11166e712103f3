from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiverounds.plan.expand import expand
from fiverounds.plan.select import Selection, select
from fiverounds.plan.trial import Plan
from fiverounds.spec.bench import Bench
from tests.plan.support import NO_FILES, bench, benches, provider, round_spec

SELECTIONS = st.builds(
    Selection,
    providers=st.lists(st.sampled_from(["p0", "p*", "none"]), max_size=2).map(tuple),
    rounds=st.lists(st.sampled_from(["r0", "r[123]", "*"]), max_size=2).map(tuple),
    prompts=st.lists(st.sampled_from(["a", "a.*", "b"]), max_size=2).map(tuple),
    tags=st.lists(st.sampled_from(["slow", "f*"]), max_size=2).map(tuple),
    limit=st.none() | st.integers(0, 4),
)
PLAN = expand(
    bench(
        round_spec("r1", prompt=("a", "b"), repeats=2, tags=("first", "quick")),
        round_spec("r2", prompt=("a", "b"), after="r1"),
        round_spec("r3", tags=("slow",)),
        providers=(provider("local", tags=("free",)), provider("remote")),
    ),
    NO_FILES,
)


def ids(plan: Plan) -> list[str]:
    return [trial.trial_id for trial in plan.trials]


@settings(deadline=None, max_examples=60)
@given(benches(), SELECTIONS)
def test_a_selection_is_part_of_the_plan_in_its_order_with_all_that_it_continues(
    made: Bench, selection: Selection
) -> None:
    plan = expand(made, NO_FILES)
    chosen = select(plan, selection)
    kept = set(ids(chosen))
    assert [trial for trial in plan.trials if trial.trial_id in kept] == list(chosen.trials)
    assert {trial.after for trial in chosen.trials} <= {None, *kept}


@settings(deadline=None, max_examples=60)
@given(benches(), SELECTIONS)
def test_selecting_again_changes_nothing(made: Bench, selection: Selection) -> None:
    once = select(expand(made, NO_FILES), selection)
    unlimited = Selection(trial_ids=frozenset(ids(once)))
    assert select(once, unlimited) == once


def test_nothing_asked_for_is_everything() -> None:
    assert select(PLAN, Selection()) == PLAN


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(providers=("remote",), rounds=("r3",)), ["remote/r3/q/1"]),
        (Selection(providers=("l*",), tags=("slow",)), ["local/r3/q/1"]),
        (Selection(tags=("free",), rounds=("r3",)), ["local/r3/q/1"]),
        (Selection(prompts=("q",)), ["local/r3/q/1", "remote/r3/q/1"]),
        (Selection(rounds=("R3",)), []),
        (Selection(trial_ids=frozenset({"remote/r3/q/1", "gone/r/q/1"})), ["remote/r3/q/1"]),
        (Selection(trial_ids=frozenset()), []),
        (Selection(limit=0), []),
        (Selection(limit=2), ["local/r1/a/1", "local/r1/a/2"]),
        (Selection(limit=1, rounds=("r3",)), ["local/r3/q/1"]),
    ],
)
def test_what_is_asked_for(selection: Selection, expected: list[str]) -> None:
    assert ids(select(PLAN, selection)) == expected


def test_what_a_trial_continues_comes_along_beyond_every_filter_and_limit() -> None:
    selection = Selection(providers=("local",), rounds=("r2",), prompts=("b",), limit=1)
    assert ids(select(PLAN, selection)) == ["local/r1/b/1", "local/r2/b/1"]
