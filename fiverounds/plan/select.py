"""Plan → smaller plan: by provider, round, prompt, tag, an earlier run's failures, a limit. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from fiverounds.plan.trial import Plan, Trial


@dataclass(frozen=True, slots=True)
class Selection:
    """What the command line asks for. Patterns are shell wildcards; an empty tuple means all."""

    providers: tuple[str, ...] = ()
    rounds: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    trial_ids: frozenset[str] | None = None
    limit: int | None = None


def select(plan: Plan, selection: Selection) -> Plan:
    """The trials asked for, plus those they continue (a feedback round needs the round before it)."""
    chosen = [trial for trial in plan.trials if _matches(trial, selection)]
    if selection.limit is not None:
        chosen = chosen[: selection.limit]
    by_id = plan.by_id()
    needed: set[str] = set()
    for trial in chosen:
        step: Trial | None = trial
        while step is not None and step.trial_id not in needed:
            needed.add(step.trial_id)
            step = by_id.get(step.after) if step.after else None
    return Plan(tuple(trial for trial in plan.trials if trial.trial_id in needed))


def _matches(trial: Trial, selection: Selection) -> bool:
    tags = {*trial.provider.tags, *trial.round.tags}
    return (
        _any(selection.providers, trial.provider.id)
        and _any(selection.rounds, trial.round.id)
        and _any(selection.prompts, trial.prompt)
        and (not selection.tags or any(_any(selection.tags, tag) for tag in tags))
        and (selection.trial_ids is None or trial.trial_id in selection.trial_ids)
    )


def _any(patterns: Iterable[str], value: str) -> bool:
    patterns = tuple(patterns)
    return not patterns or any(fnmatchcase(value, pattern) for pattern in patterns)
