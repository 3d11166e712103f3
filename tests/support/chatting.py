"""Asking a chat provider that talks to a server of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from fiverounds.errors import ProviderError
from fiverounds.providers.base import Message, Reply, Unavailable
from fiverounds.providers.chat import Chat
from fiverounds.providers.retry import Retries
from fiverounds.spec.models import ChatProvider
from tests.support.loopback import (
    STREAM_HEAD,
    Played,
    Step,
    error,
    event,
    playing,
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

CUT_HEAD = STREAM_HEAD.replace(b"Connection: close", b"Content-Length: 9999")
TOO_LARGE = "'max_tokens' is too large: 9. maximum context length is 4"


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
