"""What every registered provider must do, whatever its kind."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from fiverounds.providers import KINDS, create
from fiverounds.providers.base import Unavailable
from fiverounds.spec.models import (
    AgentProvider,
    ChatProvider,
    GgufProvider,
    ProviderSpec,
    ReplayProvider,
)

REPO = Path(__file__).resolve().parents[2]
UNREACHABLE: dict[str, ProviderSpec] = {
    "chat": ChatProvider(id="a", kind="chat", base_url="http://127.0.0.1:9/v1", model="m"),
    "gguf": GgufProvider(id="a", kind="gguf", package="no-such-package-carries-a-model"),
    "agent": AgentProvider(id="a", kind="agent", command=("no-such-agent-cli", "{prompt}")),
}
SAMPLES: dict[str, ProviderSpec] = {
    **UNREACHABLE,
    "replay": ReplayProvider(id="a", kind="replay", answers="rounds/{round}/reference"),
}


def test_every_kind_has_a_sample_here_and_a_page_in_the_docs() -> None:
    assert set(SAMPLES) == set(KINDS)
    for kind in KINDS:
        assert (REPO / "docs" / "providers" / f"{kind}.md").is_file(), kind


@pytest.mark.parametrize("kind", sorted(UNREACHABLE))
def test_what_cannot_be_reached_says_so_quickly_and_names_the_mend(kind: str) -> None:
    async def look() -> Unavailable | None:
        provider = create(UNREACHABLE[kind], bench_root=REPO, environment={"PATH": "/usr/bin:/bin"})
        try:
            return await provider.check()
        finally:
            await provider.close()

    began = time.monotonic()
    unavailable = asyncio.run(look())
    assert unavailable is not None
    assert unavailable.reason
    assert unavailable.mend
    assert time.monotonic() - began < 15, "the engine's limit for a check"


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_closing_twice_or_unopened_is_fine(kind: str) -> None:
    async def close() -> None:
        provider = create(SAMPLES[kind], bench_root=REPO, environment={})
        await provider.close()
        await provider.close()

    asyncio.run(close())
