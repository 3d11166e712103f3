"""What breaks, what is waited for, and what is asked again."""

from __future__ import annotations

import asyncio

import pytest

from fiverounds.errors import ProviderError
from fiverounds.providers.base import Reply
from fiverounds.results import StopReason
from tests.support.chatting import (
    CUT_HEAD,
    LOADING,
    TOO_LARGE,
    ask,
    broken,
    chat,
)
from tests.support.loopback import (
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

# What breaks


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (stream(delta(content="x")), "ended without a finish_reason"),
        (stream(delta(content="x"), b"proxy error: Failed to read connection\n"), "proxy error"),
        (stream(delta(content="x"), b"data: {nope\n\n"), "not JSON"),
        (stream(event({"error": {"code": 502, "message": "Provider down"}})), "HTTP 502: Provider down"),
        (stream(delta(content="x"), delta("error")), "finish_reason 'error'"),
        ([CUT_HEAD, delta(content="x")], "connection broke during the answer"),
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
        (400, {"error": {"message": TOO_LARGE}}, "lower params.max_tokens"),
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
