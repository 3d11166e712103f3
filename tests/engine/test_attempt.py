"""One attempt: what becomes of replies of every sort, and what the log keeps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fiverounds.engine.attempt import overall
from fiverounds.errors import ProviderError
from fiverounds.providers.base import Reply, Task
from fiverounds.results import AssertionResult, StopReason, Usage, Verdict
from tests.engine.running import BENCH, Scripted, chat, run_bench

ONE_ROUND = BENCH[: BENCH.index("  - id: two")]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(StopReason.FINISHED, text="I would rather not."), "no answer"),
        (Reply(StopReason.REFUSED, detail="policy"), "refused: policy"),
        (Reply(StopReason.TIMED_OUT, detail="after 5 s"), "timed out: after 5 s"),
        (Reply(StopReason.CONTEXT_FULL, detail="6031 of 2048"), "context was full: 6031 of 2048"),
        (Reply(StopReason.MAX_TOKENS, text="```sh\nexit 0"), "max_tokens"),
        (Reply(StopReason.MAX_TOKENS, text="", reasoning="I think"), "reasoning"),
        (Reply(StopReason.FINISHED, text="<think>\n```sh\nexit 0\n```\n"), "no answer"),
    ],
)
def test_no_usable_file_is_failed_with_the_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reply: Reply, words: str
) -> None:
    results, _, _ = run_bench(tmp_path, monkeypatch, Scripted(lambda _: reply), ONE_ROUND)
    assert results[0].verdict is Verdict.FAILED
    assert results[0].score == 0
    assert results[0].reason.startswith("no answer")
    assert words in results[0].reason


def test_provider_trouble_is_an_error_and_no_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Task) -> Reply:
        raise ProviderError("the server went away", "start it again")

    results, _, _ = run_bench(tmp_path, monkeypatch, Scripted(broken), ONE_ROUND)
    assert results[0].verdict is Verdict.ERROR
    assert results[0].score is None
    assert results[0].reason == "the server went away (start it again)"


def test_the_log_keeps_prompt_reply_files_and_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = chat("echo seen; exit 3")
    full = Reply(
        reply.stop,
        text=reply.text,
        reasoning="hm",
        usage=Usage(prompt_tokens=11, output_tokens=7),
        raw=({"usage": {"prompt_tokens": 11}},),
    )
    results, _, folder = run_bench(tmp_path, monkeypatch, Scripted(lambda _: full), ONE_ROUND)
    attempt = folder / "trials" / results[0].trial_id / "attempt-1"
    assert (attempt / "prompt.md").read_text() == "Write answer.sh"
    assert (attempt / "reply.md").read_text() == full.text
    assert (attempt / "reasoning.md").read_text() == "hm"
    assert json.loads((attempt / "raw.json").read_text()) == [{"usage": {"prompt_tokens": 11}}]
    assert (attempt / "files" / "answer.sh").read_text() == "echo seen; exit 3\n"
    assert json.loads((attempt / "attempt.json").read_text())["usage"]["output_tokens"] == 7
    (evidence,) = results[0].attempts[0].assertions[0].evidence
    assert (attempt / evidence).read_text() == "seen\n"


def verdicts(*each: Verdict) -> tuple[AssertionResult, ...]:
    """Assertion results with these verdicts."""
    return tuple(
        AssertionResult(assertion_id=f"a{number}", type="script", verdict=verdict, reasons=("why",))
        for number, verdict in enumerate(each)
    )


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        ((Verdict.PASSED, Verdict.PASSED), (Verdict.PASSED, "")),
        ((Verdict.FAILED,), (Verdict.FAILED, "why")),
        ((Verdict.PASSED, Verdict.FAILED), (Verdict.FAILED, "a1: why")),
        ((Verdict.FAILED, Verdict.ERROR), (Verdict.ERROR, "a1: why")),
    ],
)
def test_overall(each: tuple[Verdict, ...], expected: tuple[Verdict, str]) -> None:
    assert overall(verdicts(*each)) == expected


def test_an_answer_that_collides_with_the_starting_files_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "start" / "answer.sh").mkdir(parents=True)
    (tmp_path / "start" / "answer.sh" / "inner").write_text("x")
    text = ONE_ROUND.replace("    assert:", "    workspace: start\n    assert:")
    results, _, _ = run_bench(tmp_path, monkeypatch, Scripted(lambda _: chat("exit 0")), text)
    assert results[0].verdict is Verdict.FAILED, results[0].reason
    assert "answer.sh" in results[0].reason
