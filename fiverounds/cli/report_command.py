"""`fiverounds report`: a run's report, made again from its log alone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fiverounds.cli.reporting import terminal_text
from fiverounds.errors import ExitCode, UsageError
from fiverounds.report import text
from fiverounds.report.writers import WRITERS
from fiverounds.store.files import write_atomic
from fiverounds.store.reader import find_run, read_run

_FILES = {"markdown": "report.md", "json": "results.json", "junit": "junit.xml"}


def main(arguments: argparse.Namespace) -> int:
    """Print or write it."""
    log = read_run(find_run(Path(arguments.logs), arguments.run))
    if arguments.format == "text":
        content = text.render(log) if arguments.output else terminal_text(log)
    else:
        content = WRITERS[_FILES[arguments.format]](log)
    if not arguments.output:
        sys.stdout.write(content)
        return ExitCode.OK
    target = Path(arguments.output)
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent} is not a folder", f"mkdir -p {target.parent}")
    if target.is_dir():
        raise UsageError(f"{target} is a folder", "name a file")
    write_atomic(target, content.encode())
    return ExitCode.OK
