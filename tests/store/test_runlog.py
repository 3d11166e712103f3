from __future__ import annotations

from dataclasses import replace

from fiverounds.store.header import RunStatus
from fiverounds.store.reader import read_run
from tests.golden.sample import STORED


def test_what_a_log_tells_about_itself() -> None:
    log = read_run(STORED)
    assert log.status is RunStatus.FINISHED
    assert replace(log, footer=None).status is RunStatus.STARTED
    assert len(log.planned) == 21
    assert log.unfinished == ("qwen3-coder-30b/r5-debug/debug/1",)
    assert log.fact("host", "fps_ceiling") == 60.0
    assert log.fact("host", "unheard-of") is None
