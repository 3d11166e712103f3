from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fiverounds.errors import StoreError
from fiverounds.results import Verdict
from fiverounds.store.header import RunFooter, RunStatus
from fiverounds.store.journal import encode
from fiverounds.store.layout import RunLayout
from fiverounds.store.reader import find_run, list_runs, read_header, read_run
from fiverounds.store.redact import Redactor
from fiverounds.store.writer import RunWriter
from tests.golden.sample import ERROR, FAILED, PASSED, STORED, header, plan, trial

RUN = header().run_id


def stored(folder: Path) -> Path:
    """A copy of the stored run."""
    return Path(shutil.copytree(STORED, folder / RUN))


def test_a_stored_run_of_format_1_is_read() -> None:
    log = read_run(STORED)
    assert log.header == header()
    assert len(log.results) == 20
    assert log.notes == ()
    assert {result.verdict for result in log.results} == set(Verdict)


def test_the_last_line_of_a_trial_wins_and_sets_its_place(tmp_path: Path) -> None:
    with RunWriter.create(tmp_path, header(), plan(), Redactor()) as writer:
        writer.record_trial(trial("reference", "r3-lisp", FAILED))
        writer.record_trial(trial("flawed", "r3-lisp", ERROR))
        writer.record_trial(trial("reference", "r3-lisp", PASSED))
    results = read_run(tmp_path / RUN).results
    assert [(result.provider, result.verdict) for result in results] == [
        ("flawed", ERROR),
        ("reference", PASSED),
    ]


def test_a_run_killed_before_its_first_trial(tmp_path: Path) -> None:
    folder = stored(tmp_path)
    (folder / "journal.jsonl").unlink()
    log = read_run(folder)
    assert log.results == ()
    assert log.status is RunStatus.STARTED
    assert len(log.unfinished) == len(plan())


def test_damage_in_the_middle_costs_one_trial_and_is_told(tmp_path: Path) -> None:
    folder = stored(tmp_path)
    lines = (folder / "journal.jsonl").read_bytes().splitlines(keepends=True)
    lines[7] = lines[7].replace(b"reference", b"referense")
    (folder / "journal.jsonl").write_bytes(b"".join(lines))
    log = read_run(folder)
    assert len(log.results) == 19
    assert log.notes[0].startswith("journal.jsonl:8: damaged line left out")


def test_lines_of_kinds_to_come_are_left_out_and_told(tmp_path: Path) -> None:
    folder = stored(tmp_path)
    with (folder / "journal.jsonl").open("ab") as file:
        file.write(encode("hologram", {}))
    assert "unknown kind" in read_run(folder).notes[0]


def replace_json(
    name: str, change: Callable[[dict[str, object]], object]
) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        tree = json.loads((folder / name).read_text())
        change(tree)
        (folder / name).write_text(json.dumps(tree))

    return apply


def write(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


def append(kind: str, data: object) -> Callable[[Path], object]:
    return lambda folder: (folder / "journal.jsonl").write_bytes(encode(kind, data))


def folder_for_file(folder: Path) -> None:
    (folder / "journal.jsonl").unlink()
    (folder / "journal.jsonl").mkdir()


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "newer": (replace_json("run.json", lambda tree: tree.update(format_version=2)), "newer"),
    "no version": (replace_json("run.json", lambda tree: tree.pop("run_id")), "run_id"),
    "odd version": (
        replace_json("run.json", lambda tree: tree.update(format_version="x")),
        "damag",
    ),
    "more keys": (replace_json("run.json", lambda tree: tree.update(more=1)), "more"),
    "no header": (lambda folder: (folder / "run.json").unlink(), "missing"),
    "no plan": (lambda folder: (folder / "plan.json").unlink(), "missing"),
    "empty header": (write("run.json", b""), "not JSON"),
    "no text": (write("run.json", b"\xff\xfe"), "not JSON"),
    "deep": (write("run.json", b"[" * 100_000), "damaged"),
    "huge number": (write("run.json", b'{"format_version": ' + b"9" * 5000 + b"}"), "not JSON"),
    "other JSON": (write("run.json", b"[1]"), "damaged"),
    "plan no list": (write("plan.json", b"{}"), "not a list"),
    "plan entry": (write("plan.json", b'[{"trial_id": "../../etc/x"}]'), "trial id"),
    "plan scalar": (write("plan.json", b"[1]"), "trial id"),
    "no trial": (append("trial", {"trial_id": 1}), "unexpected content at"),
    "trial id": (
        append("trial", {**trial("a", "r3-lisp", PASSED).model_dump(mode="json"), "repeat": 2}),
        "not a trial id",
    ),
    "no footer": (append("end", {"status": "exploded"}), "unexpected content at"),
    "no fact": (append("fact", []), "unexpected content"),
    "folder for file": (
        folder_for_file,
        "directory",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_be_read_is_a_store_error(tmp_path: Path, case: str) -> None:
    folder = stored(tmp_path)
    damage, message = BROKEN[case]
    damage(folder)
    with pytest.raises(StoreError, match=message):
        read_run(folder)
    (listing,) = list_runs(tmp_path)
    assert listing.problem


def test_a_newer_log_says_how_to_read_it(tmp_path: Path) -> None:
    folder = stored(tmp_path)
    BROKEN["newer"][0](folder)
    with pytest.raises(StoreError) as caught:
        read_header(RunLayout(folder))
    assert caught.value.hint == "pip install --upgrade fiverounds"


def test_refused_content_is_not_quoted(tmp_path: Path) -> None:
    folder = stored(tmp_path)
    replace_json("run.json", lambda tree: tree.update(sandbox=["sk-pasted-key"]))(folder)
    with pytest.raises(StoreError) as caught:
        read_run(folder)
    assert "sk-pasted-key" not in caught.value.message
    assert caught.value.__cause__ is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.data(), name=st.sampled_from(["run.json", "plan.json", "journal.jsonl"]))
def test_any_damage_is_a_store_error_at_worst(
    tmp_path: Path, data: st.DataObject, name: str
) -> None:
    folder = tmp_path / RUN
    if not folder.exists():
        stored(tmp_path)
    good = (STORED / name).read_bytes()
    start = data.draw(st.integers(0, len(good)), "start")
    end = data.draw(st.integers(start, min(len(good), start + 200)), "end")
    damaged = good[:start] + data.draw(st.binary(max_size=20), "put in") + good[end:]
    if data.draw(st.booleans(), "cut"):
        damaged = damaged[: data.draw(st.integers(0, len(damaged)), "at")]
    (folder / name).write_bytes(damaged)
    try:
        log = read_run(folder)
    except StoreError:
        return
    finally:
        (folder / name).write_bytes(good)
    originals = set(map(repr, read_run(STORED).results))
    assert set(map(repr, log.results)) <= originals


def make_runs(logs: Path, *run_ids: str) -> None:
    for run_id in run_ids:
        with RunWriter.create(
            logs, header().model_copy(update={"run_id": run_id}), plan(), Redactor()
        ):
            pass


def test_runs_are_listed_newest_first(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "nothing") == ()
    make_runs(tmp_path, "20261123-150405-a", "20261124-000000-b", "20261123-150405-a")
    (tmp_path / "SCORES.txt").write_text("")
    (tmp_path / "20261125-000000-file").write_text("")
    (tmp_path / "other").mkdir()
    (tmp_path / "20261126-000000-empty").mkdir()
    listed = list_runs(tmp_path)
    assert [listing.run_id for listing in listed] == [
        "20261126-000000-empty",
        "20261124-000000-b",
        "20261123-150405-a-2",
        "20261123-150405-a",
    ]
    assert "killed before it began" in listed[0].problem
    assert listed[1].planned == 21
    assert listed[1].bench == "five-rounds"


def test_a_listing_counts_verdicts_apart(tmp_path: Path) -> None:
    stored(tmp_path)
    (listing,) = list_runs(tmp_path)
    counts = (listing.passed, listing.failed, listing.error, listing.skipped)
    assert counts == (5, 7, 2, 6)
    assert (listing.status, listing.planned) == (RunStatus.FINISHED, 21)


def test_find_run(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no run there yet"):
        find_run(tmp_path, "latest")
    make_runs(
        tmp_path,
        "20261123-150405-five",
        "20261123-150405-five-rounds",
        "20261124-1" + "0" * 5 + "-x",
    )
    assert find_run(tmp_path, "latest").name == "20261124-100000-x"
    assert find_run(tmp_path, "20261123-150405-five").name == "20261123-150405-five"
    assert find_run(tmp_path, "20261124").name == "20261124-100000-x"
    with pytest.raises(StoreError, match="any of 2 runs: 20261123-150405-five-rounds, 2026"):
        find_run(tmp_path, "20261123")
    with pytest.raises(StoreError) as caught:
        find_run(tmp_path, "20261124-100000-y")
    assert "did you mean '20261124-100000-x'?" in (caught.value.hint or "")
    with pytest.raises(StoreError) as caught:
        find_run(tmp_path, "latets")
    assert "did you mean 'latest'?" in (caught.value.hint or "")
    for odd in ("", "../x", "zzz", "\x00"):
        with pytest.raises(StoreError, match="no run"):
            find_run(tmp_path, odd)


def test_logs_that_are_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        list_runs(tmp_path / "file")


def test_a_resumed_run_is_open_again(tmp_path: Path) -> None:
    folder = stored(tmp_path)
    with RunWriter.resume(folder, Redactor()) as writer:
        assert read_run(folder).status is RunStatus.FINISHED
        writer.record_trial(trial("qwen3-coder-30b", "r5-debug", PASSED))
        assert read_run(folder).status is RunStatus.STARTED
        writer.finish(RunFooter(status=RunStatus.FINISHED, finished_at="t"))
    assert read_run(folder).unfinished == ()
