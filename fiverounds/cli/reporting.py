"""Reports onto the terminal or into a file."""

from __future__ import annotations

import shutil
import sys

from fiverounds.report import results_json, text
from fiverounds.store.runlog import RunLog


def print_report(log: RunLog, *, as_json: bool = False) -> None:
    """On stdout: tables as wide as the terminal (100 columns where there is none), or JSON."""
    sys.stdout.write(results_json.render(log) if as_json else terminal_text(log))
    sys.stdout.flush()


def terminal_text(log: RunLog) -> str:
    """The text report as this terminal can show it."""
    tty = sys.stdout.isatty()
    columns = shutil.get_terminal_size((100, 40)).columns if tty else 100
    return text.render(log, columns, colour=tty, encoding=sys.stdout.encoding or "ascii")
