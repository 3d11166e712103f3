"""Can an endpoint be asked?"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from fiverounds.errors import ProviderError
from fiverounds.providers.base import Unavailable
from tests.support.chatting import (
    KEY,
    LOADING,
    chat,
    check,
)
from tests.support.loopback import (
    error,
    http,
    playing,
)
from tests.support.tasks import task


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


@pytest.mark.parametrize("base_url", ["http://me:secret@h:99999/v1", "http:///v1", "http://[x/v1"])
def test_base_url_that_is_none(base_url: str) -> None:
    found = asyncio.run(chat(base_url).check())
    assert found is not None
    assert found.reason.startswith("base_url is not a URL")
    assert "secret" not in found.reason
    with pytest.raises(ProviderError, match="base_url is not a URL"):
        asyncio.run(chat(base_url).attempt(task()))


def test_slow_check_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fiverounds.providers.reachability.ANSWER_SECONDS", 0.3)
    found = check([3.0])
    assert found is not None
    assert "no answer in time" in found.reason
