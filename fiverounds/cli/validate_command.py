"""`fiverounds validate`: every problem of every bench given, at once."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fiverounds.environment import environment
from fiverounds.errors import ExitCode, Problem, SpecError
from fiverounds.spec.load import load
from fiverounds.spec.render import render_github, render_json, render_text


def main(arguments: argparse.Namespace) -> int:
    """Check, print, 0 or 4."""
    problems: list[Problem] = []
    fine: list[str] = []
    for name in arguments.benches:
        try:
            bench = load(Path(name), environment())
        except SpecError as error:
            problems += error.problems
        else:
            fine.append(
                f"{name}: valid ({len(bench.providers)} providers, {len(bench.rounds)} rounds)"
            )
    if arguments.format == "json":
        print(render_json(tuple(problems)), end="")
    elif arguments.format == "github":
        if problems:
            print(render_github(tuple(problems)), end="")
    else:
        for line in fine:
            print(line)
        if problems:
            print(render_text(tuple(problems)), file=sys.stderr, end="")
    return ExitCode.USAGE if problems else ExitCode.OK
