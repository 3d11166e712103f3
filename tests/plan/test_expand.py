from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from fiverounds.limits import MIB, Limits
from fiverounds.plan.expand import expand, in_order, merged_limits
from fiverounds.spec.bench import Bench
from fiverounds.spec.models import LimitsSpec
from fiverounds.store.layout import is_trial_id
from tests.plan.support import NO_FILES, asked, bench, benches, provider, round_spec


def ids(made: Bench, repeats: int | None = None) -> list[str]:
    return [trial.trial_id for trial in expand(made, NO_FILES, repeats).trials]


# --- whatever the bench -----------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(benches())
def test_every_trial_has_an_id_of_its_own_that_a_log_can_use(made: Bench) -> None:
    found = ids(made)
    assert len(set(found)) == len(found)
    assert all(map(is_trial_id, found))


@settings(deadline=None, max_examples=60)
@given(benches())
def test_a_trial_stands_after_the_one_it_continues(made: Bench) -> None:
    rounds = {one.id: one for one in made.rounds}
    seen = {}
    for trial in expand(made, NO_FILES).trials:
        assert (trial.after is None) == (rounds[trial.round.id].after is None)
        if trial.after is not None:
            earlier = seen[trial.after]
            assert earlier.round.id == trial.round.after
            assert (earlier.provider.id, earlier.repeat) == (trial.provider.id, trial.repeat)
        seen[trial.trial_id] = trial


@settings(deadline=None, max_examples=60)
@given(benches())
def test_trials_of_a_provider_stand_together_in_the_order_of_the_bench(made: Bench) -> None:
    providers = [trial.provider.id for trial in expand(made, NO_FILES).trials]
    order = [one.id for one in made.providers]
    assert providers == sorted(providers, key=order.index)


@settings(deadline=None, max_examples=60)
@given(benches())
def test_no_cell_that_starts_afresh_is_missing(made: Bench) -> None:
    excluded = {(cell.round, cell.prompt) for cell in made.matrix.exclude}
    expected = {
        f"{one.id}/{spec.id}/{prompt}/{repeat}"
        for one in made.providers
        for spec in made.rounds
        for prompt in asked(spec)
        for repeat in range(1, (spec.repeats or made.defaults.repeats) + 1)
        if spec.after is None
        and (one.rounds is None or spec.id in one.rounds)
        and not (one.id == "p0" and {(spec.id, prompt), ("*", prompt)} & excluded)
    }
    fresh = {trial.trial_id for trial in expand(made, NO_FILES).trials if trial.after is None}
    assert fresh == expected


@settings(deadline=None, max_examples=60)
@given(benches())
def test_the_same_bench_is_the_same_plan(made: Bench) -> None:
    assert expand(made, NO_FILES) == expand(made, NO_FILES)


@settings(deadline=None, max_examples=60)
@given(benches())
def test_different_cells_have_different_keys(made: Bench) -> None:
    # But for the provider: all of these replay the same answers, and an id is no outcome.
    keys: dict[str, set[object]] = {}
    for trial in expand(made, NO_FILES).trials:
        keys.setdefault(trial.key, set()).add((trial.round.id, trial.template, trial.repeat))
    assert all(len(cells) == 1 for cells in keys.values())


# --- one by one -------------------------------------------------------------------------------------------------------


def test_providers_rounds_prompts_repeats() -> None:
    made = bench(
        round_spec("r1", prompt=("a", "b"), repeats=2),
        round_spec("r2"),
        providers=(provider("p"), provider("q", rounds=("r2",))),
    )
    assert ids(made) == [
        "p/r1/a/1",
        "p/r1/a/2",
        "p/r1/b/1",
        "p/r1/b/2",
        "p/r2/q/1",
        "q/r2/q/1",
    ]


def test_repeats_of_round_bench_and_command_line() -> None:
    made = bench(round_spec("r1", repeats=2), round_spec("r2"), defaults={"repeats": 3})
    count = {"r1": 2, "r2": 3}
    for round_id, repeats in count.items():
        assert len([name for name in ids(made) if f"/{round_id}/" in name]) == repeats
    assert len(ids(made, repeats=1)) == 2


def test_rounds_come_after_what_they_continue_else_as_written() -> None:
    rounds = (
        round_spec("last", after="middle"),
        round_spec("other"),
        round_spec("middle", after="first"),
        round_spec("first"),
    )
    assert [one.id for one in in_order(rounds)] == ["first", "middle", "last", "other"]


def test_a_round_continues_each_repeat_of_each_prompt() -> None:
    made = bench(round_spec("r1", prompt=("a", "b"), repeats=2), round_spec("r2", after="r1"))
    continued = {trial.trial_id: trial.after for trial in expand(made, NO_FILES).trials[4:]}
    assert continued == {
        "p/r2/a.q/1": "p/r1/a/1",
        "p/r2/a.q/2": "p/r1/a/2",
        "p/r2/b.q/1": "p/r1/b/1",
        "p/r2/b.q/2": "p/r1/b/2",
    }


def test_the_same_prompts_in_both_rounds_continue_themselves() -> None:
    made = bench(
        round_spec("r1", prompt=("a", "b")), round_spec("r2", prompt=("a", "b"), after="r1")
    )
    continued = {trial.trial_id: trial.after for trial in expand(made, NO_FILES).trials[2:]}
    assert continued == {"p/r2/a/1": "p/r1/a/1", "p/r2/b/1": "p/r1/b/1"}


def test_names_that_would_read_alike_are_numbered() -> None:
    made = bench(
        round_spec("r1", prompt=("a", "a.b")), round_spec("r2", prompt=("c", "b.c"), after="r1")
    )
    continued = {trial.trial_id: trial.after for trial in expand(made, NO_FILES).trials[2:]}
    assert continued == {
        "p/r2/a.c/1": "p/r1/a/1",
        "p/r2/a.b.c/1": "p/r1/a.b/1",
        "p/r2/a.b.c.2/1": "p/r1/a/1",
        "p/r2/a.b.b.c/1": "p/r1/a.b/1",
    }


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ({"include": ({"round": "r1"},)}, ["p/r1/q/1", "q/r1/q/1"]),
        ({"include": ({"provider": "p", "round": "r[12]"},)}, ["p/r1/q/1", "p/r2/q/1"]),
        ({"exclude": ({"provider": "p"}, {"round": "*1"})}, ["q/r2/q/1"]),
        ({"include": ({"round": "r1"},), "exclude": ({"prompt": "q"},)}, []),
    ],
)
def test_include_keeps_and_exclude_drops(matrix: dict[str, Any], expected: list[str]) -> None:
    made = bench(
        round_spec("r1"),
        round_spec("r2"),
        providers=(provider("p"), provider("q")),
        matrix=matrix,
    )
    assert ids(made) == expected


def test_without_what_it_continues_a_round_is_not_run() -> None:
    made = bench(
        round_spec("r1"), round_spec("r2", after="r1"), matrix={"exclude": ({"round": "r1"},)}
    )
    assert ids(made) == []


def test_templates_and_sandbox_are_resolved() -> None:
    made = bench(
        round_spec("r1", iterate={"policy": "feedback", "prompt": "again"}),
        round_spec("r2", sandbox="none", iterate={"policy": "until-pass", "prompt": "again"}),
        round_spec("r3"),
        prompts={"q": "Do it.", "again": "Better."},
        defaults={"sandbox": "bubblewrap"},
    )
    found = [
        (trial.template, trial.feedback_template, trial.sandbox)
        for trial in expand(made, NO_FILES).trials
    ]
    assert found == [
        ("Do it.", "Better.", "bubblewrap"),
        ("Do it.", "Better.", "none"),
        ("Do it.", "", "bubblewrap"),
    ]


CHAT = {"kind": "chat", "base_url": "http://127.0.0.1/v1", "model": "m"}


@pytest.mark.parametrize(
    ("keys", "output", "unsuited"),
    [
        (CHAT, {"workspace": True}, True),
        ({"kind": "gguf", "package": "x"}, {"workspace": True}, True),
        ({"kind": "agent", "command": ("a",)}, {"workspace": True}, False),
        ({"kind": "replay", "answers": "x"}, {"workspace": True}, False),
        (CHAT, {"files": True}, False),
        (CHAT, {"file": "a"}, False),
    ],
)
def test_who_cannot_edit_in_place_is_told_so(
    keys: dict[str, Any], output: dict[str, Any], unsuited: bool
) -> None:
    made = bench(round_spec(output=output), providers=(provider(**keys),))
    (trial,) = expand(made, NO_FILES).trials
    assert bool(trial.unsuited) == unsuited
    if unsuited:
        assert str(keys["kind"]) in trial.unsuited


# --- limits -----------------------------------------------------------------------------------------------------------


def test_limits_nobody_gave_are_the_defaults() -> None:
    assert merged_limits(LimitsSpec(), LimitsSpec()) == Limits()


def test_a_rounds_limits_come_before_the_benchs() -> None:
    defaults = LimitsSpec(
        attempt="1h", assertion="90s", memory="1GiB", cpu="400ms", processes=9, output="2kB"
    )
    own = LimitsSpec(attempt="1.5m", file_size="1MiB", processes=7)
    assert merged_limits(defaults, own) == Limits(
        attempt_seconds=90.0,
        assertion_seconds=90.0,
        memory_bytes=1024 * MIB,
        cpu_seconds=1,
        processes=7,
        file_size_bytes=MIB,
        output_bytes=2000,
    )
