"""`fiverounds plan`: the run matrix, without running it."""

from __future__ import annotations

import argparse
import json

from tabulate import tabulate

from fiverounds.cli.selecting import load_and_plan
from fiverounds.errors import ExitCode


def main(arguments: argparse.Namespace) -> int:
    """Print it."""
    bench, plan = load_and_plan(arguments)
    if arguments.json:
        print(json.dumps([trial.describe() for trial in plan.trials], indent=2))
        return ExitCode.OK
    rows = [
        (
            number,
            trial.trial_id,
            ", ".join(assertion.type for assertion in trial.round.assertions),
            trial.round.iterate.policy,
            trial.after or "",
            trial.key[:12],
        )
        for number, trial in enumerate(plan.trials, start=1)
    ]
    print(
        tabulate(
            rows,
            headers=("#", "trial", "assertions", "iterate", "continues", "key"),
            tablefmt="simple",
        )
    )
    unsuited = [trial for trial in plan.trials if trial.unsuited]
    for trial in unsuited:
        print(f"\n{trial.trial_id} will be skipped: {trial.unsuited}")
    providers = len({trial.provider.id for trial in plan.trials})
    rounds = len({trial.round.id for trial in plan.trials})
    print(f"\n{bench.name}: {len(plan.trials)} trials, {providers} providers, {rounds} rounds")
    return ExitCode.OK
