"""`fiverounds schema`: the JSON Schemas, generated from the models."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from fiverounds.errors import ExitCode
from fiverounds.spec import schema


def main(arguments: argparse.Namespace) -> int:
    """Print, write or compare."""
    folder = Path(arguments.folder)
    if arguments.write:
        schema.write(folder)
        return ExitCode.OK
    if arguments.check:
        stale = schema.stale(folder)
        for name in stale:
            print(
                f"{folder / name} is out of date: run `fiverounds schema --write`", file=sys.stderr
            )
        return ExitCode.USAGE if stale else ExitCode.OK
    made = schema.bench_schema() if arguments.name == "bench" else schema.provider_schema()
    print(json.dumps(made, indent=2))
    return ExitCode.OK
