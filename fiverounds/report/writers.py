"""File name → the function that makes it from a log."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fiverounds.report import junit, markdown, results_json, text
from fiverounds.store.files import write_atomic
from fiverounds.store.layout import RunLayout
from fiverounds.store.redact import Redactor
from fiverounds.store.runlog import RunLog

WRITERS: Mapping[str, Callable[[RunLog], str]] = {
    "results.json": results_json.render,
    "report.txt": text.render,
    "report.md": markdown.render,
    "junit.xml": junit.render,
}


def write_reports(log: RunLog, redactor: Redactor | None = None) -> None:
    """(Re)write every report into the run's folder.

    What the log holds is redacted already; `redactor` is for whoever still knows the secrets.
    Raises StoreError when the disk refuses.
    """
    clean = redactor or Redactor()
    layout = RunLayout(log.folder)
    for name, render in WRITERS.items():
        write_atomic(layout.report(name), clean.text(render(log)).encode())
