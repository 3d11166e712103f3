"""Bench file and selection options → plan."""

from __future__ import annotations

import argparse
from functools import cache
from pathlib import Path

from fiverounds.environment import environment
from fiverounds.errors import NothingSelected
from fiverounds.plan.expand import expand
from fiverounds.plan.select import Selection, select
from fiverounds.plan.trial import Plan
from fiverounds.results import Verdict
from fiverounds.spec.bench import Bench
from fiverounds.spec.digest import digest_of
from fiverounds.spec.load import load
from fiverounds.store.reader import find_run, read_run


def load_and_plan(arguments: argparse.Namespace, logs: Path | None = None) -> tuple[Bench, Plan]:
    """Load, expand, select.

    Raises:
        SpecError: the bench is wrong.
        NothingSelected: no trial is left.
    """
    bench = load(Path(arguments.bench), environment())
    digest = cache(lambda path: digest_of(bench.root, [path]))
    whole = expand(bench, digest, arguments.repeats)
    plan = select(whole, selection(arguments, logs or bench.root / "_logs"))
    if not plan.trials:
        providers = ", ".join(provider.id for provider in bench.providers)
        rounds = ", ".join(round_spec.id for round_spec in bench.rounds)
        raise NothingSelected("no trial is selected", f"providers: {providers}; rounds: {rounds}")
    return bench, plan


def selection(arguments: argparse.Namespace, logs: Path) -> Selection:
    """What the options ask for."""
    failed = None
    if arguments.failed:
        results = read_run(find_run(logs, arguments.failed)).results
        failed = frozenset(
            result.trial_id
            for result in results
            if result.verdict in (Verdict.FAILED, Verdict.ERROR)
        )
    return Selection(
        providers=tuple(arguments.provider),
        rounds=tuple(arguments.round),
        prompts=tuple(arguments.prompt),
        tags=tuple(arguments.tag),
        trial_ids=failed,
        limit=arguments.limit,
    )


def described(arguments: argparse.Namespace) -> tuple[str, ...]:
    """The selection as the log's header keeps it; empty for everything."""
    said = []
    for name in ("provider", "round", "prompt", "tag"):
        said += [f"{name}={pattern}" for pattern in getattr(arguments, name)]
    for name in ("limit", "repeats", "failed"):
        if getattr(arguments, name) is not None:
            said.append(f"{name}={getattr(arguments, name)}")
    return tuple(said)
