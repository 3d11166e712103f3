"""A key changes when, and only when, the outcome may."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from fiverounds.limits import Limits
from fiverounds.plan.expand import expand
from fiverounds.plan.key import answers_paths
from fiverounds.plan.trial import Trial
from fiverounds.spec.bench import Bench
from tests.plan.support import bench, digest_from, provider, replay, round_spec

ASSERTIONS: list[dict[str, Any]] = [
    {"type": "pytest", "suite": "suite", "expected": "expected.txt"},
    {"type": "script", "run": "scripts/check.py"},
    {"type": "bug-count", "manifest": "bugs/bugs.yaml"},
    {"type": "fps"},
]
FILES = {
    "suite/test_a.py": "assert",
    "suite/deep/data.json": "{}",
    "expected.txt": "test_a",
    "scripts/check.py": "check()",
    "bugs/bugs.yaml": "bugs",
    "bugs/probes/test_b01.py": "probe",
    "start/app.py": "app",
    "answers/r/1": "first answer",
    "answers/r/2": "second answer",
    "answers/r/3": "third answer",
}
ROUND: dict[str, Any] = {
    "workspace": "start",
    "assert": ASSERTIONS,
    "iterate": {"policy": "feedback", "rounds": 2, "prompt": "again"},
    "tags": ("t",),
}
PROVIDER: dict[str, Any] = {"answers": "answers/{round}/{attempt}"}
PROMPTS = {"q": "Do it.", "again": "Do better."}


def key(made: Bench | None = None, files: dict[str, str] = FILES, trial: str = "p/r/q/1") -> str:
    return trials(made or whole(), files)[trial].key


def trials(made: Bench, files: dict[str, str] = FILES) -> dict[str, Trial]:
    return dict(expand(made, digest_from(files)).by_id())


def whole(
    round_keys: dict[str, Any] | None = None,
    provider_keys: dict[str, Any] | None = None,
    prompts: dict[str, str] | None = None,
    **bench_keys: Any,
) -> Bench:
    return bench(
        round_spec(**(ROUND | (round_keys or {}))),
        providers=(provider(**(PROVIDER | (provider_keys or {}))),),
        prompts=PROMPTS | (prompts or {}),
        **bench_keys,
    )


KEY = key()


def test_it_is_a_digest_that_is_the_same_next_time() -> None:
    assert key() == KEY
    assert len(KEY) == 64
    assert set(KEY) <= set("0123456789abcdef")


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_each_file_counts(name: str) -> None:
    assert key(files=FILES | {name: "changed"}) != KEY


def test_a_new_file_in_a_suite_counts() -> None:
    assert key(files=FILES | {"suite/test_b.py": ""}) != KEY


def test_other_files_do_not_count() -> None:
    assert key(files=FILES | {"README.md": "", "answers/r/4": "", "answers/other/1": ""}) == KEY


def test_a_model_file_counts() -> None:
    made = bench(providers=(provider(kind="gguf", file="models/m.gguf"),))
    one, other = ({"models/m.gguf": content} for content in "ab")
    assert key(made, one) != key(made, other)


# --- what is asked of whom --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"prompts": {"q": "Do it well."}},
        {"prompts": {"again": "Do it again."}},
        {"provider_keys": {"answers": "answers/{round}/1"}},
        {"provider_keys": {"system": "You are terse."}},
        {"round_keys": {"output": {"file": "b.txt"}}},
        {"round_keys": {"toolchain": ("go",)}},
        {"round_keys": {"iterate": {"policy": "once"}}},
        {"round_keys": {"iterate": {"policy": "feedback", "rounds": 1, "prompt": "again"}}},
        {"round_keys": {"assert": ASSERTIONS[:-1]}},
        {"round_keys": {"assert": [*ASSERTIONS[:-1], {"type": "fps", "min_fps": 30.0}]}},
        {"round_keys": {"sandbox": "none"}},
        {"defaults": {"sandbox": "none"}},
        {"round_keys": {"limits": {"attempt": "1m"}}},
        {"defaults": {"limits": {"memory": "1GiB"}}},
    ],
    ids=str,
)
def test_what_may_change_the_outcome_counts(changed: dict[str, Any]) -> None:
    assert key(whole(**changed)) != KEY


@pytest.mark.parametrize(
    "changed",
    [
        {"provider_keys": {"label": "P"}},
        {"provider_keys": {"optional": True}},
        {"provider_keys": {"mend": "start it"}},
        {"provider_keys": {"tags": ("local",)}},
        {"provider_keys": {"rounds": ("r",)}},
        {"round_keys": {"title": "A longer name"}},
        {"round_keys": {"tags": ()}},
        {"round_keys": {"repeats": 5}},
        {"round_keys": {"prompt": ("q", "other")}},
        {"round_keys": {"limits": {"attempt": "900s"}}},
        {"round_keys": {"limits": {"attempt": "15m", "memory": "2048MiB"}}},
        {"defaults": {"limits": {"attempt": "15m"}}},
        {"defaults": {"repeats": 3}},
        {"prompts": {"unused": "x"}},
        {"matrix": {"exclude": ({"round": "other"},)}},
    ],
    ids=str,
)
def test_names_and_other_ways_to_say_the_same_do_not_count(changed: dict[str, Any]) -> None:
    assert key(whole(**changed)) == KEY


def test_a_providers_id_is_only_a_name() -> None:
    assert key(whole(provider_keys={"id": "x"}), trial="x/r/q/1") == KEY


@pytest.mark.parametrize(
    "template", ["You are {{ provider }}.", "{% if provider == 'x' %}{% endif %}"]
)
def test_unless_a_prompt_shows_it(template: str) -> None:
    prompts = {"q": template}
    one = key(whole(prompts=prompts))
    assert key(whole(prompts=prompts, provider_keys={"id": "x"}), trial="x/r/q/1") != one


def test_so_is_a_rounds_id() -> None:
    files = {"answers": "same for all"}
    for template, same in (("Do it.", True), ("Round {{ round }}.", False)):
        keys = [
            key(
                bench(
                    round_spec(name),
                    providers=(provider(answers="answers"),),
                    prompts={"q": template},
                ),
                files,
                trial=f"p/{name}/q/1",
            )
            for name in ("r", "s")
        ]
        assert (keys[0] == keys[1]) is same


@pytest.mark.parametrize(
    ("kind", "keys", "other"),
    [
        ("chat", {"base_url": "http://127.0.0.1/v1", "model": "m"}, {"model": "n"}),
        ("chat", {"base_url": "http://127.0.0.1/v1", "model": "m"}, {"base_url": "http://x/v1"}),
        (
            "chat",
            {"base_url": "http://127.0.0.1/v1", "model": "m"},
            {"params": {"temperature": 0.5}},
        ),
        ("gguf", {"package": "llm"}, {"params": {"seed": 2}}),
        ("gguf", {"package": "llm"}, {"threads": 2}),
        ("agent", {"command": ("a",)}, {"command": ("a", "-v")}),
    ],
)
def test_what_a_provider_is_told_counts(
    kind: str, keys: dict[str, Any], other: dict[str, Any]
) -> None:
    one = key(bench(providers=(provider(kind=kind, **keys),)))
    assert key(bench(providers=(provider(kind=kind, **(keys | other)),))) != one


def test_each_repeat_has_its_own() -> None:
    found = trials(whole({"repeats": 3}))
    assert len({trial.key for trial in found.values()}) == 3


def test_every_limit_counts() -> None:
    from fiverounds.plan.key import trial_key

    made = whole()
    (trial,) = trials(made).values()

    def with_limits(limits: Limits) -> str:
        return trial_key(
            provider=trial.provider,
            round_spec=trial.round,
            templates=(trial.template, trial.feedback_template),
            prompt=trial.prompt,
            repeat=1,
            limits=limits,
            sandbox="auto",
            after_key="",
            digest=digest_from(FILES),
        )

    assert with_limits(Limits()) == KEY
    changed = {
        with_limits(replace(Limits(), **{field.name: getattr(Limits(), field.name) + 1}))
        for field in fields(Limits)
    }
    assert len(changed - {KEY}) == len(fields(Limits))


# --- what a trial continues -------------------------------------------------------------------------------------------


def test_what_changes_a_trial_changes_those_that_continue_it() -> None:
    def made(first: str) -> Bench:
        return bench(
            round_spec("r1", prompt="a"),
            round_spec("r2", after="r1"),
            round_spec("r3", after="r2"),
            round_spec("r4"),
            prompts={"a": first},
        )

    one, other = trials(made("Do it.")), trials(made("Do that."))
    same = {name for name in one if one[name].key == other[name].key}
    assert same == {"p/r4/q/1"}


# --- replayed answers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("iterate", "attempts"),
    [
        ({"policy": "once"}, 1),
        ({"policy": "feedback", "rounds": 2, "prompt": "q"}, 3),
        ({"policy": "until-pass", "max_attempts": 4, "prompt": "q"}, 4),
    ],
)
def test_the_answers_to_all_attempts_that_there_may_be(
    iterate: dict[str, Any], attempts: int
) -> None:
    one = round_spec("r", iterate=iterate)
    found = answers_paths(replay(answers="a/{round}/{prompt}/{repeat}/{attempt}"), one, "x.y", 2)
    assert found == tuple(f"a/r/x.y/2/{number}" for number in range(1, attempts + 1))


def test_one_answer_for_all_attempts_is_one() -> None:
    one = round_spec(iterate={"policy": "feedback", "rounds": 2, "prompt": "q"})
    assert answers_paths(replay(answers="a/{round}"), one, "q", 1) == ("a/r",)


def test_a_continued_prompt_is_looked_up_by_the_name_its_provider_is_told() -> None:
    made = bench(
        round_spec("r1", prompt=("a", "b")),
        round_spec("r2", after="r1"),
        providers=(provider(answers="answers/{round}/{prompt}"),),
    )
    one = trials(made, {"answers/r2/a.q": "one"})["p/r2/a.q/1"].key
    assert trials(made, {"answers/r2/a.q": "other"})["p/r2/a.q/1"].key != one
