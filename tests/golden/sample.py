"""A hand-made run with every kind of ending, and with hostile text where a subject could put it.

`tests/golden/run/` is this run as it was written to disk by log format 1, and stays as it is: logs of
old versions must be readable for ever. `tests/golden/expected/` holds what the reports make of it.
After a wanted change of the reports: `FIVEROUNDS_UPDATE_GOLDEN=1 pytest tests/golden/test_golden.py`,
then read the diff.
"""

from __future__ import annotations

from pathlib import Path

from fiverounds.results import (
    AssertionResult,
    Attempt,
    Item,
    Metric,
    StopReason,
    Timing,
    TrialResult,
    Usage,
    Verdict,
)
from fiverounds.store.header import (
    BenchInfo,
    Fact,
    Gate,
    GitState,
    RunFooter,
    RunHeader,
    RunStatus,
)
from fiverounds.store.redact import Redactor
from fiverounds.store.writer import RunWriter

HERE = Path(__file__).parent
STORED = HERE / "run" / "20261123-150405-five-rounds"
EXPECTED = HERE / "expected"

PASSED, FAILED, ERROR, SKIPPED = Verdict
ROUNDS = ("r1-particles", "r2-feedback", "r3-lisp", "r4-notespeak", "r5-debug")
PROMPTS = dict(zip(ROUNDS, ("particles", "feedback", "lisp", "notespeak", "debug"), strict=True))
PROVIDERS = ("reference", "flawed", "smollm2-135m", "qwen3-coder-30b", "claude-sonnet-4.6")
LISP_TESTS = (
    "test_arithmetic.py::test_add",
    "test_arithmetic.py::test_divide_by_zero",
    "test_lists.py::test_cons[a|b]",
    "test_lists.py::test_quote_`tick`",
    "test_macros.py::test_hygiene",
    "test_tail.py::test_deep_recursion",
)


def header() -> RunHeader:
    """What run.json says."""
    return RunHeader(
        run_id="20261123-150405-five-rounds",
        bench=BenchInfo(name="five-rounds", file="bench.yaml", digest="3f2a91c0" * 8),
        fiverounds_version="0.1.0",
        started_at="2026-11-23T15:04:05Z",
        command=("fiverounds", "run", "bench.yaml"),
        python="3.11.7",
        platform="Linux-6.8.0-x86_64",
        cpu_count=8,
        memory_bytes=32 * 2**30,
        git=GitState(commit="1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", dirty=True),
        packages={"httpx": "0.28.1", "pydantic": "2.14.3"},
        sandbox="bubblewrap",
        gate=Gate(providers=("reference",), pass_rate=1.0),
        facts=(Fact(about="provider:claude-sonnet-4.6", name="label", value="Claude Sonnet 4.6"),),
    )


def plan() -> list[dict[str, object]]:
    """What plan.json says."""
    return [
        {
            "trial_id": f"{provider}/{round_id}/{PROMPTS[round_id]}/1",
            "key": f"{number:064x}",
            "provider": provider,
            "round": round_id,
            "prompt": PROMPTS[round_id],
            "repeat": 1,
        }
        for number, (provider, round_id) in enumerate(
            (provider, round_id)
            for provider in PROVIDERS
            for round_id in ROUNDS
            if provider != "claude-sonnet-4.6" or round_id == "r5-debug"
        )
    ]


def results() -> list[TrialResult]:
    """The finished trials; the last one of qwen3-coder-30b was never run."""
    return [
        *_reference(),
        *_flawed(),
        *_smollm(),
        *_missing("qwen3-coder-30b", ROUNDS[:4], "http://localhost:8080 refused the connection"),
        *_missing("claude-sonnet-4.6", ("r5-debug",), "`claude` is not on the PATH"),
    ]


def facts() -> list[Fact]:
    """What was found out during the run."""
    smollm = "provider:smollm2-135m"
    return [
        Fact(about="host", name="fps_ceiling", value=60.0),
        Fact(about=smollm, name="n_ctx", value=8192),
        Fact(about=smollm, name="quantisation", value="Q8_0"),
        Fact(about="provider:qwen3-coder-30b", name="mend", value="llama-swap --config swap.yaml"),
        Fact(
            about="provider:claude-sonnet-4.6",
            name="mend",
            value="npm install -g @anthropic-ai/claude-code",
        ),
    ]


def write(logs: Path) -> Path:
    """The run, written to a new folder below `logs` with the writer as it is now."""
    with RunWriter.create(logs, header(), plan(), Redactor()) as writer:
        for fact in facts():
            writer.record_fact(fact)
        for result in results():
            writer.record_trial(result)
        writer.finish(RunFooter(status=RunStatus.FINISHED, finished_at="2026-11-23T15:19:48Z"))
        return writer.layout.folder


def trial(
    provider: str,
    round_id: str,
    verdict: Verdict,
    *attempts: Attempt,
    reason: str = "",
    score: float | None = None,
    seconds: float = 1.0,
    repeat: int = 1,
    prompt: str | None = None,
) -> TrialResult:
    """A trial's result, its ids filled in."""
    prompt = prompt or PROMPTS[round_id]
    trial_id = f"{provider}/{round_id}/{prompt}/{repeat}"
    return TrialResult(
        trial_id=trial_id,
        key="0" * 64,
        provider=provider,
        round=round_id,
        prompt=prompt,
        repeat=repeat,
        verdict=verdict,
        reason=reason,
        score=score,
        attempts=attempts,
        started_at="2026-11-23T15:04:07Z",
        wall_clock_seconds=seconds,
    )


def attempt(
    verdict: Verdict,
    *assertions: AssertionResult,
    number: int = 1,
    reason: str = "",
    stop: StopReason = StopReason.FINISHED,
    tokens: tuple[int | None, int | None] = (None, None),
    speed: float | None = None,
) -> Attempt:
    """One attempt."""
    return Attempt(
        number=number,
        verdict=verdict,
        reason=reason,
        stop=stop,
        usage=Usage(prompt_tokens=tokens[0], output_tokens=tokens[1]),
        timing=Timing(tokens_per_second=speed, speed_source="server" if speed else None),
        assertions=assertions,
    )


def fps(verdict: Verdict, shown: float, *reasons: str) -> AssertionResult:
    """A frame-rate assertion."""
    return AssertionResult(
        assertion_id="fps",
        type="fps",
        verdict=verdict,
        score=min(1.0, shown / 60),
        summary=f"{shown} of 60 FPS",
        reasons=reasons,
        metrics=(Metric(name="fps", value=shown, unit="fps"),),
        evidence=("evidence/screenshot 1.png", "evidence/frames.json"),
        proof="out-of-process",
        duration_seconds=7.5,
    )


def lisp(failing: dict[str, str], *, tampered: tuple[str, ...] = ()) -> AssertionResult:
    """The pytest suite of r3; `failing` names tests and their messages."""
    items = tuple(
        Item(
            id=name,
            verdict=FAILED if name in failing else PASSED,
            message=failing.get(name, ""),
            duration_seconds=0.012,
        )
        for name in LISP_TESTS
    )
    good = len(items) - len(failing)
    return AssertionResult(
        assertion_id="pytest",
        type="pytest",
        verdict=FAILED if failing else PASSED,
        score=good / len(items),
        summary=f"{good}/{len(items)}",
        reasons=tuple(f"{name}: {message}" for name, message in failing.items()),
        items=items,
        proof="in-process, guarded",
        tampered=tampered,
        duration_seconds=0.42,
    )


def checks(summary: str, verdict: Verdict, score: float | None, *reasons: str) -> AssertionResult:
    """A script assertion without items."""
    return AssertionResult(
        assertion_id="script",
        type="script",
        verdict=verdict,
        score=score,
        summary=summary,
        reasons=reasons,
        proof="out-of-process",
        duration_seconds=3.2,
    )


def _reference() -> list[TrialResult]:
    good = {
        "r1-particles": (fps(PASSED, 60.0),),
        "r2-feedback": (fps(PASSED, 59.9),),
        "r3-lisp": (lisp({}),),
        "r4-notespeak": (checks("24/24", PASSED, 1.0),),
        "r5-debug": (
            checks("10/10 bugs", PASSED, 1.0),
            AssertionResult(
                assertion_id="pytest", type="pytest", verdict=PASSED, score=1.0, summary="35/35"
            ),
        ),
    }
    return [
        trial("reference", round_id, PASSED, attempt(PASSED, *made), score=1.0, seconds=8.4)
        for round_id, made in good.items()
    ]


def _flawed() -> list[TrialResult]:
    slow = fps(FAILED, 31.2, "31.2 frames a second of 60: 214 frames took longer than 50 ms")
    hostile = lisp(
        {
            "test_lists.py::test_cons[a|b]": "expected (a | b), got <script>alert('x')</script>",
            "test_tail.py::test_deep_recursion": (
                "RecursionError: \x1b[31mmaximum recursion depth exceeded\x1b[0m\x07\n"
                "  in eval_list \u2192 eval_form \u2192 \u202eevil\u202c; ask @octocat, "
                "![x](http://tracker.example/p.png) `rm -rf ~`"
            ),
        },
        tampered=("tests/test_tail.py", "conftest.py"),
    )
    return [
        trial("flawed", "r1-particles", FAILED, attempt(FAILED, slow), score=0.52, seconds=9.1),
        trial(
            "flawed",
            "r2-feedback",
            FAILED,
            attempt(FAILED, slow),
            attempt(FAILED, fps(FAILED, 58.9, "58.9 frames a second, 59.4 needed"), number=2),
            score=0.98,
            seconds=17.9,
        ),
        trial("flawed", "r3-lisp", FAILED, attempt(FAILED, hostile), score=4 / 6, seconds=0.9),
        trial(
            "flawed",
            "r4-notespeak",
            FAILED,
            attempt(
                FAILED, checks("19/24", FAILED, 19 / 24, "search: “naïve café” found 0 of 2 notes")
            ),
            score=19 / 24,
            seconds=74.0,
        ),
        trial(
            "flawed",
            "r5-debug",
            FAILED,
            attempt(FAILED, checks("7/10 bugs", FAILED, 0.7, "bugs left: B03, B07, B10")),
            score=0.7,
            seconds=11.0,
        ),
    ]


def _smollm() -> list[TrialResult]:
    name = "smollm2-135m"
    empty = checks("", FAILED, 0.0, "main.go: no such file")
    broken = AssertionResult(
        assertion_id="fps", type="fps", verdict=ERROR, reasons=("Chromium exited with code 133",)
    )
    return [
        trial(
            name,
            "r1-particles",
            ERROR,
            attempt(ERROR, broken, tokens=(412, 1024), speed=118.25),
            reason="the assertion fps could not run",
            seconds=21.7,
        ),
        trial(
            name,
            "r2-feedback",
            SKIPPED,
            reason="continues r1-particles, which ended in error",
            seconds=0.0,
        ),
        trial(
            name,
            "r3-lisp",
            FAILED,
            attempt(FAILED, reason="no code block in the answer", tokens=(903, 1024), speed=96.5),
            attempt(
                FAILED,
                lisp(dict.fromkeys(LISP_TESTS, "NameError: name 'tokenize' is not defined")),
                number=2,
                tokens=(2011, None),
            ),
            score=0.0,
            seconds=3725.0,
        ),
        trial(
            name,
            "r4-notespeak",
            FAILED,
            attempt(FAILED, empty, stop=StopReason.MAX_TOKENS, tokens=(1204, 1024), speed=92.0),
            reason="the answer was cut off at 1,024 tokens",
            score=0.0,
            seconds=19.96,
        ),
        trial(
            name,
            "r5-debug",
            ERROR,
            attempt(ERROR, reason="the server closed the connection (502 Bad Gateway)"),
            reason="the server closed the connection (502 Bad Gateway)",
            seconds=2.0,
        ),
    ]


def _missing(provider: str, rounds: tuple[str, ...], reason: str) -> list[TrialResult]:
    return [trial(provider, round_id, SKIPPED, reason=reason, seconds=0.0) for round_id in rounds]
