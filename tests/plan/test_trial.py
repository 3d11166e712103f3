from __future__ import annotations

import json

from fiverounds.plan.expand import expand
from fiverounds.plan.trial import Plan
from tests.plan.support import NO_FILES, bench, provider, round_spec


def test_what_plan_json_says_of_a_trial() -> None:
    plan = expand(
        bench(
            round_spec("r1"),
            round_spec(
                "r2",
                after="r1",
                sandbox="none",
                iterate={"policy": "until-pass", "prompt": "q"},
                **{"assert": [{"type": "pytest", "suite": "t"}, {"type": "fps"}]},
            ),
        ),
        NO_FILES,
    )
    first, second = (trial.describe() for trial in plan.trials)
    assert second == {
        "trial_id": "p/r2/q/1",
        "key": plan.trials[1].key,
        "provider": "p",
        "round": "r2",
        "prompt": "q",
        "repeat": 1,
        "after": "p/r1/q/1",
        "sandbox": "none",
        "policy": "until-pass",
        "assertions": ["pytest", "fps"],
        "unsuited": "",
    }
    assert (first["after"], first["sandbox"]) == (None, "auto")
    assert json.loads(json.dumps([first, second])) == [first, second]


def test_trials_are_found_by_id() -> None:
    plan = expand(bench(providers=(provider("a"), provider("b"))), NO_FILES)
    assert {name: trial.provider.id for name, trial in plan.by_id().items()} == {
        "a/r/q/1": "a",
        "b/r/q/1": "b",
    }
    assert Plan(()).by_id() == {}
