from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiverounds.errors import StoreError
from fiverounds.store.layout import (
    RunLayout,
    age_key,
    attempt_path,
    claim,
    is_run_id,
    is_trial_id,
    run_id_for,
    trial_path,
)

RUN = "20261123-150405-five-rounds"


def test_paths_of_a_run() -> None:
    layout = RunLayout(Path("_logs") / RUN)
    assert layout.run_id == RUN
    assert layout.header.name == "run.json"
    assert layout.plan.name == "plan.json"
    assert layout.journal.name == "journal.jsonl"
    assert layout.report("report.html") == Path("_logs", RUN, "report.html")
    assert layout.trial("p/r/q/1") == Path("_logs", RUN, "trials/p/r/q/1")
    assert layout.attempt("p/r/q/1", 2) == Path("_logs", RUN, "trials/p/r/q/1/attempt-2")


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a/b", "a b"])
def test_a_report_stays_in_the_folder(name: str) -> None:
    with pytest.raises(StoreError):
        RunLayout(Path(RUN)).report(name)


@pytest.mark.parametrize(
    "trial_id",
    ["", "a/b/c", "a/b/c/1/2", "a/../c/1", "/a/b/c", "A/b/c/1", "a//c/1", ".a/b/c/1", "a/b/c/1\n"],
)
def test_what_is_no_trial_id_is_refused(trial_id: str) -> None:
    assert not is_trial_id(trial_id)
    with pytest.raises(StoreError):
        trial_path(trial_id)


def test_trial_ids_may_be_any_object() -> None:
    assert not is_trial_id(None)
    assert not is_trial_id(["a", "b", "c", "1"])
    assert is_trial_id("claude-sonnet-4.6/r5-debug/main_2/10")
    assert attempt_path("a/b/c/1", 3) == PurePosixPath("trials/a/b/c/1/attempt-3")


@given(st.text())
def test_a_trial_path_never_leads_out(text: str) -> None:
    if is_trial_id(text):
        assert ".." not in trial_path(text).parts


def test_run_ids_are_in_utc() -> None:
    there = timezone(timedelta(hours=-8))
    assert run_id_for(datetime(2026, 11, 23, 7, 4, 5, 999, there), "five-rounds") == RUN
    assert run_id_for(datetime(2026, 11, 23, 15, 4, 5, tzinfo=UTC), "five-rounds") == RUN
    assert is_run_id(RUN)
    assert is_run_id(RUN + "-2")
    assert not is_run_id("SCORES.txt")
    assert not is_run_id(RUN + "\n")


def test_claiming_a_taken_name_gives_the_next(tmp_path: Path) -> None:
    logs = tmp_path / "not" / "there"
    names = [claim(logs, RUN).run_id for _ in range(3)]
    assert names == [RUN, f"{RUN}-2", f"{RUN}-3"]


def test_claims_at_once_never_share(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda _: claim(tmp_path, RUN).run_id, range(24)))
    assert len(set(names)) == 24


def test_claiming_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot make a folder") as caught:
        claim(tmp_path / "file", RUN)
    assert caught.value.hint
    with pytest.raises(StoreError, match="not a run id"):
        claim(tmp_path, "../x")


def test_age_puts_ten_after_two() -> None:
    ids = [f"{RUN}-10", RUN, f"{RUN}-2", "20261123-150406-a", "20251123-150405-z"]
    assert sorted(ids, key=age_key) == [
        "20251123-150405-z",
        RUN,
        f"{RUN}-2",
        f"{RUN}-10",
        "20261123-150406-a",
    ]
