"""The chat provider against a real server on loopback that plays back what servers really send."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from fiverounds.errors import ProviderError
from fiverounds.providers.base import Message, Reply, Unavailable
from fiverounds.providers.chat import Chat
from fiverounds.providers.connection import BearerAuth, Endpoint, is_loopback
from fiverounds.providers.retry import Retries
from fiverounds.results import StopReason, Usage
from fiverounds.spec.models import ChatProvider, Params
from tests.support.loopback import (
    STREAM_HEAD,
    Played,
    Step,
    delta,
    error,
    event,
    http,
    playing,
    said,
    stream,
)
from tests.support.tasks import task

KEY = "sk-CANARY-0123456789"
QUICK = Retries(first_pause_seconds=0.01)
LOADING = error(
    503, {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}
)
USAGE = event(
    {"choices": [], "usage": {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25}}
)


def chat(base_url: str, *, environment: dict[str, str] | None = None, **fields: Any) -> Chat:
    spec = ChatProvider(
        kind="chat", id="c", base_url=base_url, model=fields.pop("model", "m"), **fields
    )
    return Chat(spec, bench_root=Path(), environment=environment or {}, retries=QUICK)


def ask(
    *answers: bytes | Sequence[Step],
    seconds: float = 20.0,
    messages: tuple[Message, ...] | None = None,
    checked: bool = False,
    **fields: Any,
) -> tuple[Reply, Played]:
    async def run() -> tuple[Reply, Played]:
        async with playing(*answers) as played:
            provider = chat(played.base_url, **fields)
            try:
                if checked:
                    assert await provider.check() is None
                return await provider.attempt(task(seconds=seconds, messages=messages)), played
            finally:
                await provider.close()

    return asyncio.run(run())


def broken(*answers: bytes | Sequence[Step], **fields: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        ask(*answers, **fields)
    return caught.value


def check(*answers: bytes | Sequence[Step], **fields: Any) -> Unavailable | None:
    async def run() -> Unavailable | None:
        async with playing(*answers) as played:
            provider = chat(played.base_url, **fields)
            try:
                return await provider.check()
            finally:
                await provider.close()

    return asyncio.run(run())


# What is sent


def test_request() -> None:
    params = Params(temperature=0, seed=1, max_tokens=16, stop=("END",), top_k=40)
    reply, played = ask(said("hello"), params=params, system="Be brief.")
    assert (reply.stop, reply.text, reply.detail) == (StopReason.FINISHED, "hello", "")
    (request,) = played.requests
    assert request["line"] == "POST /v1/chat/completions HTTP/1.1"
    assert request["json"] == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "hi"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0,
        "seed": 1,
        "max_tokens": 16,
        "stop": ["END"],
        "top_k": 40,
    }
    assert "authorization" not in request["headers"]


def test_a_system_turn_already_there_is_not_doubled() -> None:
    messages = (Message("system", "Own."), Message("user", "hi"))
    _, played = ask(said("x"), system="Be brief.", messages=messages)
    assert [turn["content"] for turn in played.requests[0]["json"]["messages"]] == ["Own.", "hi"]


def test_key_is_sent_and_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    environment = {"THE_KEY": f"{KEY}\n"}
    _, played = ask(said("x"), api_key_env="THE_KEY", environment=environment)
    assert played.requests[0]["headers"]["authorization"] == f"Bearer {KEY}"
    echo = error(401, {"error": {"message": f"Incorrect API key provided: {KEY}"}})
    caught = broken(echo, api_key_env="THE_KEY", environment=environment)
    assert "Incorrect API key provided: ***" in caught.message
    assert caught.hint == "check the value of THE_KEY"
    provider = chat("http://127.0.0.1:1/v1", api_key_env="THE_KEY", environment=environment)
    seen = [caught.message, str(caught.hint), repr(provider), repr(BearerAuth(KEY)), caplog.text]
    assert KEY not in "".join(seen)


def test_cap_field_is_switched_once_and_remembered() -> None:
    refusal = error(
        400,
        {
            "error": {
                "message": "Unsupported parameter: 'max_tokens' is not supported with this model.",
                "param": "max_tokens",
                "code": "unsupported_parameter",
            }
        },
    )

    async def run() -> Played:
        async with playing(refusal, said("a"), said("b")) as played:
            provider = chat(played.base_url, params=Params(max_tokens=9))
            first = await provider.attempt(task())
            assert {
                "event": "cap_field",
                "from": "max_tokens",
                "to": "max_completion_tokens",
            } in first.raw
            await provider.attempt(task())
            await provider.close()
            return played

    sent = [request["json"] for request in asyncio.run(run()).requests]
    assert [("max_tokens" in body, body.get("max_completion_tokens")) for body in sent] == [
        (True, None),
        (False, 9),
        (False, 9),
    ]
    assert "HTTP 400" in broken(refusal, params=Params(max_tokens=9)).message


# What comes back


def test_usage_timings_and_raw() -> None:
    timings = {"prompt_n": 20, "prompt_ms": 4.0, "predicted_n": 5, "predicted_ms": 50.0}
    tail = event({"choices": [], "usage": json.loads(USAGE[6:])["usage"], "timings": timings})
    reply, _ = ask(
        stream(delta(role="assistant", content=None), delta(content="x"), delta("stop"), tail)
    )
    assert reply.usage == Usage(prompt_tokens=20, output_tokens=5)
    assert reply.timing.tokens_per_second == pytest.approx(100.0)
    assert reply.timing.speed_source == "server"
    assert reply.timing.first_token_seconds is not None
    assert reply.timing.provider_seconds >= reply.timing.first_token_seconds
    assert reply.timing.load_seconds is None
    assert {"timings": timings} in reply.raw


@pytest.mark.parametrize(
    "deltas",
    [
        [delta(reasoning_content="hm"), delta(content="x")],
        [delta(reasoning="hm"), delta(content="x")],
        [delta(content="<think>h"), delta(content="m</think>\n\nx")],
        [delta(content="hm</think>\n\nx")],
    ],
)
def test_thoughts_are_told_from_the_answer(deltas: list[bytes]) -> None:
    reply, _ = ask(stream(*deltas, delta("stop"), event(b"[DONE]")))
    assert (reply.reasoning, reply.text) == ("hm", "x")


def test_thoughts_that_never_ended() -> None:
    reply, _ = ask(said("<think>The user wants c", "length"), params=Params(max_tokens=8))
    assert (reply.stop, reply.text, reply.reasoning) == (
        StopReason.MAX_TOKENS,
        "",
        "The user wants c",
    )
    assert reply.detail == "cut off by max_tokens = 8"


def test_length_means_the_context_when_that_is_known_to_be_full() -> None:
    models = http(200, b'{"data":[{"id":"m","owned_by":"llamacpp","meta":{"n_ctx":25}}]}')
    answer = stream(delta(content="x"), delta("length"), USAGE)
    reply, _ = ask(models, answer, checked=True)
    assert reply.stop is StopReason.CONTEXT_FULL
    reply, _ = ask(answer)
    assert reply.stop is StopReason.MAX_TOKENS
    assert "server's own limit" in reply.detail


def test_overflowing_prompt_is_the_subjects_affair() -> None:
    overflow = {"error": {"code": 400, "type": "exceed_context_size_error", "message": "request (6031 tokens) exceeds", "n_ctx": 2048}}  # fmt: skip
    reply, played = ask(error(400, overflow))
    assert (reply.stop, reply.text) == (StopReason.CONTEXT_FULL, "")
    assert reply.detail == "request (6031 tokens) exceeds"
    assert len(played.requests) == 1
    reply, _ = ask(stream(delta(content="par"), event({"error": {"code": 500, "message": "Context size has been exceeded."}})))  # fmt: skip
    assert (reply.stop, reply.text) == (StopReason.CONTEXT_FULL, "par")


def test_refusals() -> None:
    reply, _ = ask(stream(delta(refusal="I will not."), delta("stop")))
    assert (reply.stop, reply.detail) == (StopReason.REFUSED, "I will not.")
    reply, _ = ask(said("par", "content_filter"))
    assert (reply.stop, reply.text) == (StopReason.REFUSED, "par")
    reply, _ = ask(error(400, {"error": {"code": "content_filter", "message": "filtered"}}))
    assert (reply.stop, reply.detail) == (StopReason.REFUSED, "filtered")


def test_server_that_does_not_stream() -> None:
    body = {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}], "usage": {"completion_tokens": 1}}  # fmt: skip
    reply, _ = ask(http(200, json.dumps(body).encode()))
    assert (reply.text, reply.usage.output_tokens) == ("x", 1)
    assert reply.timing.first_token_seconds is None


def test_answer_is_whole_with_its_finish_reason_even_if_the_line_breaks_then() -> None:
    head = STREAM_HEAD.replace(b"Connection: close", b"Content-Length: 100000")
    reply, _ = ask([head, delta(content="x"), delta("stop")])
    assert (reply.stop, reply.text) == (StopReason.FINISHED, "x")


# What breaks


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (stream(delta(content="x")), "ended without a finish_reason"),
        (stream(delta(content="x"), b"proxy error: Failed to read connection\n"), "proxy error"),
        (stream(delta(content="x"), b"data: {nope\n\n"), "not JSON"),
        (stream(event({"error": {"code": 502, "message": "Provider down"}})), "HTTP 502: Provider down"),
        (stream(delta(content="x"), delta("error")), "finish_reason 'error'"),
        ([STREAM_HEAD.replace(b"Connection: close", b"Content-Length: 9999"), delta(content="x")], "connection broke during the answer"),
        (http(200, b"<html>", kind="text/html; charset=utf-8"), "HTML page"),
        (http(200, b"[]"), "not a JSON object"),
        (http(307, b"", "Location: https://else.where/v1"), "redirects to https://else.where/v1"),
        (error(500, {"error": "boom"}), "HTTP 500: boom"),
    ],
)  # fmt: skip
def test_broken_answers_are_errors_and_not_asked_again(
    answer: bytes | list[Step], words: str
) -> None:
    async def run() -> None:
        async with playing(answer) as played:
            provider = chat(played.base_url)
            with pytest.raises(ProviderError) as caught:
                await provider.attempt(task())
            await provider.close()
            assert words in caught.value.message
            assert len(played.requests) == 1

    asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "body", "hint"),
    [
        (401, {"error": "no"}, "api_key_env"),
        (403, {"error": "no"}, "api_key_env"),
        (404, {"error": {"message": "no router found for model"}}, "is 'm' the name of a model there?"),
        (400, {"error": {"message": "'max_tokens' is too large: 9. maximum context length is 4"}}, "lower params.max_tokens"),
        (400, {"error": {"message": "bad temperature"}}, "None"),
        (429, {"error": {"message": "pay", "code": "insufficient_quota"}}, "None"),
    ],
)  # fmt: skip
def test_refused_requests_are_never_repeated(status: int, body: object, hint: str) -> None:
    async def run() -> None:
        async with playing(error(status, body)) as played:
            provider = chat(played.base_url)
            with pytest.raises(ProviderError) as caught:
                await provider.attempt(task())
            await provider.close()
            assert f"HTTP {status}" in caught.value.message
            assert hint in str(caught.value.hint)
            assert len(played.requests) == 1

    asyncio.run(run())


def test_wrong_path_is_explained() -> None:
    assert "base_url must include" in str(broken(http(404, b"404 page not found")).hint)


# Waiting and asking again


@pytest.mark.parametrize("status", [429, 502, 503])
def test_busy_then_fine(status: int) -> None:
    reply, played = ask(error(status, {"error": "busy"}), error(status, {}), said("x"))
    assert (reply.text, len(played.requests)) == ("x", 3)
    assert [each["event"] for each in reply.raw if "event" in each] == ["retry", "retry"]


def test_always_busy_is_four_tries() -> None:
    async def run() -> None:
        async with playing(error(429, {"error": "busy"})) as played:
            provider = chat(played.base_url)
            with pytest.raises(ProviderError, match=r"HTTP 429: busy \(4 tries\)"):
                await provider.attempt(task())
            await provider.close()
            assert len(played.requests) == 4

    asyncio.run(run())


def test_retry_after_is_obeyed_or_refused() -> None:
    reply, _ = ask(error(429, {"error": "busy"}, "Retry-After: 0.3"), said("x"))
    assert reply.timing.provider_seconds >= 0.3
    assert [each["pause_seconds"] for each in reply.raw if "pause_seconds" in each] == [0.3]
    late = broken(error(429, {"error": "busy"}, "Retry-After: 3600"), seconds=5.0)
    assert "no time left for another try in 3600 s" in late.message


def test_connection_closed_without_an_answer_is_tried_again() -> None:
    reply, played = ask([], said("x"))
    assert (reply.text, len(played.requests)) == ("x", 2)


def test_loading_is_waited_for_and_timed() -> None:
    reply, played = ask(LOADING, LOADING, LOADING, said("x"))
    assert (reply.text, len(played.requests)) == ("x", 4)
    assert reply.timing.load_seconds is not None
    assert reply.timing.load_seconds > 0.5
    assert reply.timing.provider_seconds >= reply.timing.load_seconds
    assert {"event": "loading"} in reply.raw


def test_loading_is_bounded() -> None:
    assert "still loading its model after 0.3 s" in broken(LOADING, load_timeout="300ms").message
    late = broken(LOADING, seconds=0.4)
    assert "time ran out while waiting for the model to be loaded" in late.message


def test_nobody_there() -> None:
    provider = chat("http://127.0.0.1:9/v1")
    with pytest.raises(ProviderError, match=r"connection refused \(4 tries\)"):
        asyncio.run(provider.attempt(task()))


def test_deadline_keeps_what_came_and_hangs_up() -> None:
    slow: list[Step] = [delta(content="a"), 0.1] * 100

    async def run() -> tuple[Reply, Played]:
        async with playing(stream(*slow)) as played:
            provider = chat(played.base_url)
            reply = await provider.attempt(task(seconds=0.55))
            for _ in range(50):
                if played.hung_up:
                    break
                await asyncio.sleep(0.05)
            await provider.close()
            return reply, played

    reply, played = asyncio.run(run())
    assert reply.stop is StopReason.TIMED_OUT
    assert reply.text is not None
    assert 3 <= len(reply.text) <= 6
    assert reply.timing.provider_seconds == pytest.approx(0.55, abs=0.3)
    assert played.hung_up, "the server would go on generating"


def test_no_time_at_all() -> None:
    reply, _ = ask(stream(5.0, delta(content="x")), seconds=0.2)
    assert (reply.stop, reply.text) == (StopReason.TIMED_OUT, "")


def test_cancelling_is_passed_on() -> None:
    async def run() -> None:
        async with playing(stream(30.0)) as played:
            provider = chat(played.base_url)
            asking = asyncio.create_task(provider.attempt(task()))
            await asyncio.sleep(0.3)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            await provider.close()

    asyncio.run(run())


# Can it be asked?


def listed(*models: dict[str, Any]) -> bytes:
    return http(200, json.dumps({"object": "list", "data": list(models)}).encode())


SWAP = {"id": "q", "owned_by": "llama-swap", "meta": {"llamaswap": {"aliases": ["qwen"]}}}


@pytest.mark.parametrize(
    ("answer", "model"),
    [
        (listed(SWAP), "q"),
        (listed(SWAP), "qwen"),
        (listed({"id": "other", "owned_by": "llamacpp"}), "m"),
        (listed({"id": "other:latest", "owned_by": "library"}), "other"),
        (listed(), "m"),
        (http(200, b'{"object":"list","data":null}'), "m"),
        (LOADING, "m"),
        (error(404, {}), "m"),
    ],
)
def test_available(answer: bytes, model: str) -> None:
    assert check(answer, model=model) is None


def test_unavailable() -> None:
    found = check(listed(SWAP), model="m")
    assert found is not None
    assert "does not serve m; it has q, qwen" in found.reason
    assert "start the server" in found.mend
    found = check(error(401, {"error": "key?"}))
    assert found is not None
    assert "refuses the key (HTTP 401: key?)" in found.reason
    assert "api_key_env" in found.mend
    found = check(http(200, b"<html>"), mend="llama-swap -config x.yaml")
    assert found is not None
    assert "not as an OpenAI-compatible API" in found.reason


def test_nobody_is_there_to_check() -> None:
    found = asyncio.run(chat("http://127.0.0.1:9/v1", mend="llama-swap -config x").check())
    assert found == Unavailable(
        "http://127.0.0.1:9/v1 cannot be reached: connection refused", "llama-swap -config x"
    )
    found = asyncio.run(chat("http://localhost:9/v1").check())
    assert found is not None
    assert "connection refused" in found.reason
    found = asyncio.run(chat("http://no-such-host.invalid/v1").check())
    assert found is not None
    assert "host name not found" in found.reason


def test_base_url_without_its_path() -> None:
    async def run() -> Unavailable | None:
        async with playing(http(404, b"404 page not found")) as played:
            provider = chat(played.base_url.removesuffix("/v1"))
            found = await provider.check()
            await provider.close()
            return found

    found = asyncio.run(run())
    assert found is not None
    assert found.mend.startswith("base_url must include")
    assert found.mend.endswith("/v1")


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, "the environment variable THE_KEY is not set"),
        ({"THE_KEY": " "}, "the environment variable THE_KEY is not set"),
        ({"THE_KEY": f"{KEY} x"}, "the value of THE_KEY is not a key"),
        ({"THE_KEY": f"{KEY}\nx"}, "the value of THE_KEY is not a key"),
        ({"THE_KEY": f"{KEY}ö"}, "the value of THE_KEY is not a key"),
    ],
)
def test_missing_or_unusable_key(environment: dict[str, str], reason: str) -> None:
    provider = chat("http://127.0.0.1:9/v1", api_key_env="THE_KEY", environment=environment)
    found = asyncio.run(provider.check())
    assert found is not None
    assert found.reason.startswith(reason)
    assert found.mend == "export THE_KEY=…"
    with pytest.raises(ProviderError, match=reason) as caught:
        asyncio.run(provider.attempt(task()))
    assert KEY not in found.reason + caught.value.message


def test_slow_check_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fiverounds.providers.reachability.ANSWER_SECONDS", 0.3)
    found = check([3.0])
    assert found is not None
    assert "no answer in time" in found.reason


def test_urls() -> None:
    assert Endpoint("http://me:pw@h:1/v1/?key=x", None).shown == "http://h:1/v1/"
    assert Endpoint("http://h/v1/", None).url("/models") == "http://h/v1/models"
    assert is_loopback("http://localhost:8/v1")
    assert is_loopback("http://[::1]:8/v1")
    assert is_loopback("http://127.0.0.2/v1")
    assert not is_loopback("https://api.openai.com/v1")
    assert not is_loopback("http://192.168.1.7/v1")
