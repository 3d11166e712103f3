"""The chat provider against a real server on loopback that plays back what servers really send."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest

from fiverounds.providers.base import Message
from fiverounds.providers.connection import BearerAuth
from fiverounds.results import StopReason, Usage
from fiverounds.spec.models import Params
from tests.support.chatting import (
    CUT_HEAD,
    KEY,
    USAGE,
    ask,
    broken,
    chat,
)
from tests.support.loopback import (
    Played,
    delta,
    error,
    event,
    http,
    playing,
    said,
    stream,
)
from tests.support.tasks import task

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
    timings = {"prompt_n": 20, "prompt_ms": 4.0, "predicted_n": 6, "predicted_per_second": 100.0}
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
    words = "request (6031 tokens) exceeds"
    overflow = {"code": 400, "type": "exceed_context_size_error", "message": words, "n_ctx": 2048}
    reply, played = ask(error(400, {"error": overflow}))
    assert (reply.stop, reply.text) == (StopReason.CONTEXT_FULL, "")
    assert reply.detail == words
    assert len(played.requests) == 1
    late = {"error": {"code": 500, "message": "Context size has been exceeded."}}
    reply, _ = ask(stream(delta(content="par"), event(late)))
    assert (reply.stop, reply.text) == (StopReason.CONTEXT_FULL, "par")


def test_refusals() -> None:
    reply, _ = ask(stream(delta(refusal="I will not."), delta("stop")))
    assert (reply.stop, reply.detail) == (StopReason.REFUSED, "I will not.")
    reply, _ = ask(said("par", "content_filter"))
    assert (reply.stop, reply.text) == (StopReason.REFUSED, "par")
    reply, _ = ask(error(400, {"error": {"code": "content_filter", "message": "filtered"}}))
    assert (reply.stop, reply.detail) == (StopReason.REFUSED, "filtered")


def test_server_that_does_not_stream() -> None:
    choice = {"message": {"content": "x"}, "finish_reason": "stop"}
    body = {"choices": [choice], "usage": {"completion_tokens": 1}}
    reply, _ = ask(http(200, json.dumps(body).encode()))
    assert (reply.text, reply.usage.output_tokens) == ("x", 1)
    assert reply.timing.first_token_seconds is None


def test_answer_is_whole_with_its_finish_reason_even_if_the_line_breaks_then() -> None:
    reply, _ = ask([CUT_HEAD, delta(content="x"), delta("stop")])
    assert (reply.stop, reply.text) == (StopReason.FINISHED, "x")
