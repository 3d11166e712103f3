from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from urllib.parse import quote

import pytest

from fiverounds.errors import StoreError
from fiverounds.report.writers import write_reports
from fiverounds.results import AssertionResult, Item, Metric, StopReason, TrialResult
from fiverounds.store import writer as writer_module
from fiverounds.store.files import write_atomic
from fiverounds.store.header import Fact, RunFooter, RunStatus
from fiverounds.store.reader import read_run
from fiverounds.store.redact import MARK, Redactor
from fiverounds.store.writer import RunWriter
from tests.golden.sample import FAILED, PASSED, attempt, header, lisp, plan, trial

RUN = header().run_id
TRIAL = "reference/r3-lisp/lisp/1"


def create(logs: Path, *secrets: str) -> RunWriter:
    return RunWriter.create(logs, header(), plan(), Redactor(secrets))


def passed(**changes: object) -> TrialResult:
    return trial("reference", "r3-lisp", PASSED, attempt(PASSED, lisp({}))).model_copy(
        update=changes
    )


def test_a_run_from_start_to_end(tmp_path: Path) -> None:
    with create(tmp_path) as writer:
        assert writer.run_id == RUN
        assert sorted(os.listdir(tmp_path / RUN)) == ["journal.jsonl", "plan.json", "run.json"]
        assert read_run(tmp_path / RUN).status is RunStatus.STARTED
        writer.record_fact(Fact(about="host", name="fps_ceiling", value=60.0))
        writer.record_trial(passed())
        writer.finish(RunFooter(status=RunStatus.FINISHED, finished_at="2026-11-23T15:05:00Z"))
    log = read_run(tmp_path / RUN)
    assert log.header == header()
    assert list(log.plan) == plan()
    assert log.results == (passed(),)
    assert log.status is RunStatus.FINISHED
    assert log.fact("host", "fps_ceiling") == 60.0
    assert (tmp_path / "SCORES.txt").read_text().count("\n") == 1


def test_the_header_is_written_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []

    def recording(path: Path, data: bytes) -> None:
        written.append(path.name)
        write_atomic(path, data)

    monkeypatch.setattr(writer_module, "write_atomic", recording)
    create(tmp_path).close()
    assert written == ["run.json", "plan.json"]


def test_two_runs_of_one_second_get_two_folders(tmp_path: Path) -> None:
    with create(tmp_path) as first, create(tmp_path) as second:
        assert (first.run_id, second.run_id) == (RUN, f"{RUN}-2")
    assert read_run(tmp_path / f"{RUN}-2").header.run_id == f"{RUN}-2"


def test_files_of_an_attempt(tmp_path: Path) -> None:
    with create(tmp_path) as writer:
        folder = writer.attempt_folder(TRIAL, 1)
        assert folder == tmp_path / RUN / "trials" / TRIAL / "attempt-1"
        assert writer.write_text(TRIAL, 1, "reply.md", "naïve \udc80") == "reply.md"
        assert writer.write_bytes(TRIAL, 1, "files/a/b.bin", b"\x00\xff") == "files/a/b.bin"
        assert writer.write_json(TRIAL, 1, "raw.json", [{"a": (1, float("inf"))}]) == "raw.json"
    assert (folder / "reply.md").read_text(encoding="utf-8") == "naïve \ufffd"
    assert (folder / "files/a/b.bin").read_bytes() == b"\x00\xff"
    assert json.loads((folder / "raw.json").read_bytes()) == [{"a": [1, None]}]


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", ""])
def test_files_stay_in_the_attempt(tmp_path: Path, name: str) -> None:
    with create(tmp_path) as writer, pytest.raises(StoreError):
        writer.write_text(TRIAL, 1, name, "")


def test_a_trial_begins_with_an_empty_folder(tmp_path: Path) -> None:
    with create(tmp_path) as writer:
        writer.begin_trial(TRIAL)
        writer.write_text(TRIAL, 2, "left-over", "")
        writer.begin_trial(TRIAL)
        assert not (tmp_path / RUN / "trials" / TRIAL).exists()


def test_a_tree_is_kept_without_links(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "fps").mkdir(parents=True)
    (source / "fps" / "a b.png").write_bytes(b"\x89PNG")
    (source / "fps" / "new\nline").write_text("x")
    (source / "passwd").symlink_to("/etc/passwd")
    with create(tmp_path) as writer:
        kept = writer.keep_tree(TRIAL, 1, source)
        assert kept == ("evidence/fps/a b.png", "evidence/fps/new_line")
        assert writer.keep_tree(TRIAL, 2, source, "")[0] == "fps/a b.png"
        folder = writer.attempt_folder(TRIAL, 1)
        assert all((folder / name).is_file() for name in kept)
        assert writer.keep_tree(TRIAL, 3, tmp_path / "nothing") == ()


def test_ids_are_kept_even_if_they_equal_a_secret(tmp_path: Path) -> None:
    with create(tmp_path, "reference", "r3-lisp/lisp", "max_tokens", "assertions") as writer:
        result = passed(reason="asked the reference, max_tokens")
        stopped = attempt(PASSED, stop=StopReason.MAX_TOKENS)
        writer.record_trial(result.model_copy(update={"attempts": (stopped,)}))
    log = read_run(tmp_path / RUN)
    assert log.results[0].trial_id == TRIAL
    assert log.results[0].reason == f"asked the {MARK}, {MARK}"
    assert log.results[0].attempts[0].stop is StopReason.MAX_TOKENS
    assert log.planned[0].startswith("reference/")


def test_hostile_results_can_be_written_and_read(tmp_path: Path) -> None:
    hostile = "\x00\x1b[2J\udc80\u2028\u202e\x9b\n" * 3
    result = passed(reason=hostile)
    metric = AssertionResult(
        assertion_id="a",
        type="t",
        verdict=PASSED,
        metrics=(Metric(name="n", value=float("nan"), unit="u"),),
    )
    with create(tmp_path) as writer:
        writer.record_trial(result.model_copy(update={"attempts": (attempt(PASSED, metric),)}))
    (read,) = read_run(tmp_path / RUN).results
    assert read.reason == hostile.replace("\udc80", "\ufffd")
    assert read.attempts[0].assertions[0].metrics[0].value is None
    journal = (tmp_path / RUN / "journal.jsonl").read_text(encoding="utf-8")
    assert "\x1b" not in journal
    assert "\x9b" not in journal


def test_a_result_nobody_could_read_is_refused_before_it_is_written(tmp_path: Path) -> None:
    with create(tmp_path) as writer:
        with pytest.raises(StoreError, match="cannot be written to the log: wall_clock_seconds"):
            writer.record_trial(passed(wall_clock_seconds=float("nan")))
        with pytest.raises(StoreError, match="trial id"):
            writer.record_trial(passed(trial_id="../../x"))
    assert read_run(tmp_path / RUN).results == ()


def test_resume_goes_on_where_it_ended(tmp_path: Path) -> None:
    with create(tmp_path) as writer:
        writer.record_trial(passed())
        writer.finish(RunFooter(status=RunStatus.INTERRUPTED, finished_at="t"))
    with (tmp_path / RUN / "journal.jsonl").open("ab") as file:
        file.write(b'{"crc32":"0000')
    assert read_run(tmp_path / RUN).notes
    with RunWriter.resume(tmp_path / RUN, Redactor()) as writer:
        assert TRIAL not in read_run(writer.layout.folder).unfinished
        writer.record_trial(trial("flawed", "r3-lisp", FAILED))
        assert read_run(writer.layout.folder).status is RunStatus.STARTED
        writer.finish(RunFooter(status=RunStatus.FINISHED, finished_at="t"))
    log = read_run(tmp_path / RUN)
    assert [result.provider for result in log.results] == ["reference", "flawed"]
    assert log.notes == ()
    assert log.status is RunStatus.FINISHED


def test_resume_adds_lines_that_scores_lacks(tmp_path: Path) -> None:
    with create(tmp_path) as writer:
        writer.record_trial(passed())
        writer.record_trial(trial("flawed", "r3-lisp", FAILED, attempt(FAILED, lisp({"a": "b"}))))
    scores = tmp_path / "SCORES.txt"
    complete = scores.read_text()
    scores.write_text("2026 other-run x y passed 1/1 1s q/1\n" + complete.splitlines()[0] + "\n")
    for _ in range(2):
        RunWriter.resume(tmp_path / RUN, Redactor()).close()
    assert scores.read_text().endswith(complete)
    assert scores.read_text().count("\n") == 3
    scores.unlink()
    RunWriter.resume(tmp_path / RUN, Redactor()).close()
    assert scores.read_text() == complete


def test_resume_refuses_what_is_no_run_or_still_running(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match="missing"):
        RunWriter.resume(tmp_path / "folder", Redactor())
    assert os.listdir(tmp_path / "folder") == []
    with create(tmp_path), pytest.raises(StoreError, match="another process"):
        RunWriter.resume(tmp_path / RUN, Redactor())
    (tmp_path / RUN / "plan.json").write_text("{}")
    for _ in range(2):
        with pytest.raises(StoreError, match="damaged"):
            RunWriter.resume(tmp_path / RUN, Redactor())


def test_a_secret_gets_in_by_no_way(tmp_path: Path) -> None:
    """Every form, through every function that writes; then the whole folder is searched."""
    secret = 'sk-canary+0/9"\\é'
    raw = secret.encode()
    forms = [
        secret,
        json.dumps(secret),
        json.dumps(json.dumps(secret)),
        quote(secret, safe=""),
        raw.hex(),
        *(base64.b64encode(b"u:"[:size] + raw).decode() for size in range(3)),
        *(base64.urlsafe_b64encode(b"u:"[:size] + raw).decode() for size in range(3)),
    ]
    text = " | ".join(forms)
    source = tmp_path / "source"
    source.mkdir()
    (source / "environment.txt").write_text(text * 1000)
    (source / quote(secret, safe="")).write_text(text)
    started = header().model_copy(update={"command": ("run", text), "selection": (text,)})
    judged = lisp({}, tampered=(text,)).model_copy(
        update={
            "summary": text,
            "reasons": (text,),
            "proof": text,
            "evidence": (text,),
            "items": (Item(id=text, verdict=FAILED, message=text),),
        }
    )
    logs = tmp_path / "logs"
    planned: list[dict[str, object]] = [
        *plan(),
        {"trial_id": "a/b/c/1", "template": text, "more": [{"a": text}]},
    ]
    with RunWriter.create(logs, started, planned, Redactor([secret])) as writer:
        writer.write_text(TRIAL, 1, "prompt.md", text)
        writer.write_bytes(TRIAL, 1, "files/x", text.encode())
        writer.write_bytes(TRIAL, 1, f"files/{raw.hex()}", b"")
        writer.write_json(TRIAL, 1, "raw.json", {text: [text, {"a": text}]})
        writer.keep_tree(TRIAL, 1, source)
        writer.record_fact(Fact(about="host", name="environment", value=text))
        made = attempt(FAILED, judged, reason=text).model_copy(update={"files": (text,)})
        writer.record_trial(passed(reason=text, attempts=(made,), started_at=text, verdict=FAILED))
        writer.finish(RunFooter(status=RunStatus.FINISHED, finished_at="t"))
        write_reports(read_run(writer.layout.folder))
    _search(logs, secret)


def _search(logs: Path, secret: str) -> None:
    raw = secret.encode()
    needles = [raw, json.dumps(secret)[1:-1].encode(), quote(secret, safe="").encode()]
    needles += [raw.hex().encode(), secret.encode("utf-8")[3:9]]
    for size in range(3):
        encoded = base64.b64encode(b"u:"[:size] + raw)
        needles.append(encoded[4:-4])
    searched = 0
    for path in logs.rglob("*"):
        assert not any(needle in os.fsencode(path) for needle in needles)
        if path.is_file():
            searched += 1
            content = path.read_bytes()
            assert not any(needle in content for needle in needles), path
    assert searched >= 12
