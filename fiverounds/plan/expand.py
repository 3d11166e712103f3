"""Bench → plan: providers × rounds × prompts × repeats. Pure but for the digest function handed in."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from fiverounds.limits import Limits
from fiverounds.plan.key import Digest, trial_key
from fiverounds.plan.trial import Plan, Trial
from fiverounds.spec.bench import Bench
from fiverounds.spec.models import (
    Cell,
    ChatProvider,
    Feedback,
    GgufProvider,
    LimitsSpec,
    OutputWorkspace,
    ProviderSpec,
    RoundSpec,
    UntilPass,
)
from fiverounds.spec.units import seconds, size_bytes


def expand(bench: Bench, digest: Digest, repeats: int | None = None) -> Plan:
    """Every cell of the matrix, trials of one provider together, rounds in the order of the bench.

    `repeats` overrides what the bench says.
    """
    trials: list[Trial] = []
    for provider in bench.providers:
        made: dict[str, list[Trial]] = {}
        for round_spec in in_order(bench.rounds):
            cells = list(_cells(bench, provider, round_spec, made, repeats))
            made[round_spec.id] = [
                _trial(bench, provider, round_spec, cell, digest) for cell in cells
            ]
            trials += made[round_spec.id]
    return Plan(tuple(trials))


def in_order(rounds: tuple[RoundSpec, ...]) -> tuple[RoundSpec, ...]:
    """Rounds such that each stands after the one it continues, else as written. The spec has no cycles."""
    by_id = {round_spec.id: round_spec for round_spec in rounds}
    ordered: dict[str, RoundSpec] = {}

    def place(round_spec: RoundSpec) -> None:
        if round_spec.after and round_spec.after not in ordered:
            place(by_id[round_spec.after])
        ordered.setdefault(round_spec.id, round_spec)

    for round_spec in rounds:
        place(round_spec)
    return tuple(ordered.values())


def merged_limits(defaults: LimitsSpec, own: LimitsSpec) -> Limits:
    """The one place where limits of the bench and of a round meet."""
    given = defaults.model_dump(exclude_none=True) | own.model_dump(exclude_none=True)
    base = Limits()
    return Limits(
        attempt_seconds=seconds(given["attempt"]) if "attempt" in given else base.attempt_seconds,
        assertion_seconds=seconds(given["assertion"])
        if "assertion" in given
        else base.assertion_seconds,
        memory_bytes=size_bytes(given["memory"]) if "memory" in given else base.memory_bytes,
        cpu_seconds=max(1, round(seconds(given["cpu"]))) if "cpu" in given else base.cpu_seconds,
        processes=given.get("processes", base.processes),
        file_size_bytes=size_bytes(given["file_size"])
        if "file_size" in given
        else base.file_size_bytes,
        output_bytes=size_bytes(given["output"]) if "output" in given else base.output_bytes,
    )


_Chosen = tuple[str, str, int, Trial | None]
"""Prompt id in the bench, its name in the trial's id, repeat, the trial it continues."""


def _cells(
    bench: Bench,
    provider: ProviderSpec,
    round_spec: RoundSpec,
    made: dict[str, list[Trial]],
    repeats: int | None,
) -> Iterator[_Chosen]:
    if provider.rounds is not None and round_spec.id not in provider.rounds:
        return
    prompts = (round_spec.prompt,) if isinstance(round_spec.prompt, str) else round_spec.prompt
    taken = {prompt: ("", prompt) for prompt in prompts}
    for prompt in prompts:
        if round_spec.after is None:
            count = repeats or round_spec.repeats or bench.defaults.repeats
            continued: list[Trial | None] = [None] * count
        else:
            continued = list(made.get(round_spec.after, []))
        names = {trial.prompt for trial in continued if trial}
        for index, earlier in enumerate(continued, start=1):
            if earlier and prompt in names and earlier.prompt != prompt:
                continue  # both rounds list the same prompts: each continues its own
            name = prompt
            if earlier and len(names) > 1 and earlier.prompt != prompt:
                name = _free_name(f"{earlier.prompt}.{prompt}", (earlier.prompt, prompt), taken)
            repeat = earlier.repeat if earlier else index
            if _wanted(bench, provider.id, round_spec.id, name):
                yield prompt, name, repeat, earlier


def _free_name(wish: str, owner: tuple[str, str], taken: dict[str, tuple[str, str]]) -> str:
    """The wish, or numbered: prompt ids may hold dots themselves, so that `a.b` + `c` reads as `a` + `b.c`."""
    name, number = wish, 2
    while taken.setdefault(name, owner) != owner:
        name, number = f"{wish}.{number}", number + 1
    return name


def _wanted(bench: Bench, provider: str, round_id: str, prompt: str) -> bool:
    def matches(cell: Cell) -> bool:
        pairs = ((provider, cell.provider), (round_id, cell.round), (prompt, cell.prompt))
        return all(fnmatchcase(value, pattern) for value, pattern in pairs)

    include = bench.matrix.include
    return (include is None or any(map(matches, include))) and not any(
        map(matches, bench.matrix.exclude)
    )


def _trial(
    bench: Bench, provider: ProviderSpec, round_spec: RoundSpec, cell: _Chosen, digest: Digest
) -> Trial:
    prompt, name, repeat, earlier = cell
    limits = merged_limits(bench.defaults.limits, round_spec.limits)
    sandbox = round_spec.sandbox or bench.defaults.sandbox
    policy = round_spec.iterate
    feedback = bench.prompts[policy.prompt] if isinstance(policy, Feedback | UntilPass) else ""
    template = bench.prompts[prompt]
    return Trial(
        trial_id=f"{provider.id}/{round_spec.id}/{name}/{repeat}",
        key=trial_key(
            provider=provider,
            round_spec=round_spec,
            templates=(template, feedback),
            prompt=name,
            repeat=repeat,
            limits=limits,
            sandbox=sandbox,
            after_key=earlier.key if earlier else "",
            digest=digest,
        ),
        provider=provider,
        round=round_spec,
        prompt=name,
        template=template,
        feedback_template=feedback,
        repeat=repeat,
        limits=limits,
        sandbox=sandbox,
        after=earlier.trial_id if earlier else None,
        unsuited=_unsuited(provider, round_spec),
    )


def _unsuited(provider: ProviderSpec, round_spec: RoundSpec) -> str:
    if isinstance(provider, ChatProvider | GgufProvider) and isinstance(
        round_spec.output, OutputWorkspace
    ):
        return (
            f"{round_spec.id} is edited in place, which a `{provider.kind}` provider cannot do; "
            "ask an agent, or give the round `output: {files: true}`"
        )
    return ""
