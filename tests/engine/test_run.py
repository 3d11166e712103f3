"""A plan becomes a log: order, unavailability, continuation, what is told, what is left."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from fiverounds.engine.events import RunFinished, RunStarted, TrialFinished, TrialStarted
from fiverounds.errors import SetupError
from fiverounds.providers.base import Unavailable
from fiverounds.results import Verdict
from fiverounds.sandbox import bubblewrap
from fiverounds.store.reader import read_run
from tests.engine.running import BENCH, Scripted, chat, run_bench


def test_events_and_journal_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Scripted(lambda task: chat("exit 1" if task.round == "one" else "exit 0"))
    results, heard, folder = run_bench(tmp_path, monkeypatch, provider)
    assert [(result.round, result.verdict) for result in results] == [
        ("one", Verdict.FAILED),
        ("two", Verdict.PASSED),
    ]
    assert isinstance(heard.events[0], RunStarted)
    assert heard.events[-1] == RunFinished(interrupted=False)
    finished = [event.result for event in heard.events if isinstance(event, TrialFinished)]
    assert tuple(finished) == tuple(results) == read_run(folder).results
    assert provider.closed == 1


def test_a_round_continues_the_conversation_and_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Scripted(lambda task: chat("exit 7" if task.round == "one" else "exit 0"))
    run_bench(tmp_path, monkeypatch, provider)
    first, second = provider.tasks
    assert [message.role for message in second.messages] == ["user", "assistant", "user"]
    assert second.messages[:1] == first.messages
    assert "exit 7" in second.messages[1].content
    assert second.messages[2].content.startswith(
        "failed: sh answer.sh: `sh answer.sh` ended with exit 7"
    )


def test_what_continues_an_error_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("deep inside")

    results, _, folder = run_bench(tmp_path, monkeypatch, Scripted(broken))  # type: ignore[arg-type]
    assert [result.verdict for result in results] == [Verdict.ERROR, Verdict.SKIPPED]
    assert results[0].reason == "internal error: ZeroDivisionError: deep inside"
    assert "one" in results[1].reason
    (details,) = folder.glob("trials/asked/one/first/1/attempt-1/internal-error.txt")
    assert "Traceback" in details.read_text()


@pytest.mark.parametrize(("optional", "verdict"), [(True, Verdict.SKIPPED), (False, Verdict.ERROR)])
def test_an_unreachable_provider(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, optional: bool, verdict: Verdict
) -> None:
    provider = Scripted(lambda _: chat("exit 0"), Unavailable("nobody there", "start it"))
    text = BENCH.replace("model: m}", f"model: m, optional: {str(optional).lower()}}}")
    results, _, folder = run_bench(tmp_path, monkeypatch, provider, text)
    assert {result.verdict for result in results} == {verdict}
    assert results[0].reason == "nobody there"
    assert read_run(folder).fact("provider:asked", "mend") == "start it"
    assert provider.tasks == []


def test_trials_side_by_side_keep_their_order_of_continuation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Scripted(lambda _: chat("exit 0"))
    text = BENCH.replace("defaults: {", "defaults: {repeats: 3, ").replace("failures[0]", "summary")
    results, heard, _ = run_bench(tmp_path, monkeypatch, provider, text, jobs=4)
    assert [result.reason for result in results] == [""] * 6
    assert [result.verdict for result in results] == [Verdict.PASSED] * 6
    finished = [result.trial_id for result in results]
    for repeat in "123":
        assert finished.index(f"asked/one/first/{repeat}") < finished.index(
            f"asked/two/again/{repeat}"
        )
    assert sum(isinstance(event, TrialStarted) for event in heard.events) == 6


def test_nothing_is_left_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    run_bench(tmp_path, monkeypatch, Scripted(lambda _: chat("mkdir -m 0 closed; exit 0")))
    assert list(temporary.iterdir()) == []


def test_without_a_sandbox_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Scripted(lambda _: chat("exit 0"))
    missing = SetupError("bubblewrap is not installed", bubblewrap.INSTALL_HINT)
    monkeypatch.setattr("fiverounds.sandbox.choose.problem", lambda: missing)
    with pytest.raises(SetupError, match="no sandbox") as raised:
        run_bench(tmp_path, monkeypatch, provider)
    assert raised.value.hint == bubblewrap.INSTALL_HINT
    assert provider.tasks == []


def test_a_template_that_names_what_is_not_there_is_the_benchs_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, _, _ = run_bench(tmp_path, monkeypatch, Scripted(lambda _: chat("exit 0")))
    assert [result.verdict for result in results] == [Verdict.PASSED, Verdict.ERROR]
    assert results[1].reason.startswith("prompt again: ")
