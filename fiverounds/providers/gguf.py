"""A GGUF model on a llama.cpp server of our own: no GPU, no key, nothing to start by hand.

The server is started at the first attempt and stopped with the run; a crashed one is started anew
at the next attempt.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import importlib.util
import json
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fiverounds
from fiverounds.errors import ProviderError
from fiverounds.limits import Deadline
from fiverounds.providers.base import Reply, Task, Unavailable
from fiverounds.providers.chat import Chat
from fiverounds.providers.gguf_file import ModelFile, find
from fiverounds.providers.retry import Retries
from fiverounds.sandbox import process
from fiverounds.spec.models import ChatProvider, GgufProvider

LOAD_TIMEOUT_SECONDS = 600.0
_LOG_LINES = 15
_PASSED_ON = ("LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")
"""For wheels of xllamacpp that use a GPU; nothing else of the user's environment reaches the server."""


@dataclass
class _Server:
    """A running server and what it said."""

    process: asyncio.subprocess.Process
    log: deque[str]
    drains: list[asyncio.Task[None]]
    chat: Chat
    load_seconds: float
    facts: Mapping[str, Any]


class Gguf:
    """A provider that brings its own server."""

    def __init__(
        self, spec: GgufProvider, *, bench_root: Path, environment: Mapping[str, str]
    ) -> None:
        self._spec = spec
        self._root = bench_root
        self._environment = environment
        self._server: _Server | None = None
        self._starting = asyncio.Lock()

    async def check(self) -> Unavailable | None:
        """The library and the model file are there; nothing is loaded."""
        if importlib.util.find_spec("xllamacpp") is None:
            mend = self._spec.mend or "pip install 'fiverounds[gguf]'"
            return Unavailable("the Python package xllamacpp is not installed", mend)
        found = find(self._spec, self._root)
        return found if isinstance(found, Unavailable) else None

    async def attempt(self, task: Task) -> Reply:
        """Ask the model, starting its server first if it does not run.

        Raises:
            ProviderError: the server cannot be started, or ended; with the last lines of its log.
        """
        began = time.monotonic()
        async with self._starting:
            fresh = self._server is None
            if self._server is None:
                self._server = await self._start(task.deadline)
            server = self._server
        try:
            reply = await server.chat.attempt(task)
        except ProviderError as error:
            raise await self._explained(server, error) from error
        timing = reply.timing.model_copy(
            update={
                "load_seconds": server.load_seconds if fresh else None,
                "provider_seconds": time.monotonic() - began,
            }
        )
        return dataclasses.replace(reply, timing=timing, raw=[*reply.raw, {"server": server.facts}])

    async def close(self) -> None:
        """Stop the server."""
        server, self._server = self._server, None
        if server is not None:
            await server.chat.close()
            await _stop(server.process, server.drains)

    async def _start(self, deadline: Deadline) -> _Server:
        found = find(self._spec, self._root)
        if isinstance(found, Unavailable):
            raise ProviderError(found.reason, found.mend)
        began = time.monotonic()
        child = await _spawn(self._command(found), self._child_environment())
        assert child.stdout is not None
        assert child.stderr is not None
        log: deque[str] = deque(maxlen=_LOG_LINES)
        drains = [asyncio.create_task(_drain(child.stderr, log))]
        try:
            ready = await self._ready(child, log, deadline.earlier(LOAD_TIMEOUT_SECONDS))
            load_seconds = time.monotonic() - began
            drains.append(asyncio.create_task(_drain(child.stdout, log)))
            chat = self._chat(str(ready["ready"]))
            await chat.check()  # learns the size of the context that the server really has
        except BaseException:
            await _stop(child, drains)
            raise
        facts = {
            **found.facts(),
            "context_tokens": chat.context_tokens,
            "threads": self._spec.threads,
            "xllamacpp": ready.get("build"),
        }
        return _Server(child, log, drains, chat, load_seconds, facts)

    def _command(self, model: ModelFile) -> list[str]:
        # -P: the folder we happen to run in must not provide modules.
        return [
            *(sys.executable, "-P", "-m", "fiverounds.providers.gguf_server"),
            *("--model", str(model.path)),
            *("--alias", self._spec.id),
            *("--threads", str(self._spec.threads)),
            *("--context-tokens", str(self._spec.context_tokens)),
        ]

    def _child_environment(self) -> dict[str, str]:
        passed = {name: self._environment[name] for name in _PASSED_ON if name in self._environment}
        package_root = Path(fiverounds.__file__).resolve().parent.parent
        return {**process.BARE_ENVIRONMENT, **passed, "PYTHONPATH": str(package_root)}

    def _chat(self, address: str) -> Chat:
        spec = ChatProvider(
            kind="chat",
            id=self._spec.id,
            base_url=f"{address}/v1",
            model=self._spec.id,
            system=self._spec.system,
            params=self._spec.params,
        )
        # A cached prompt would make prefill look free, and a dead server does not come back by asking again.
        return Chat(
            spec,
            bench_root=self._root,
            environment={},
            retries=Retries(tries=1),
            extra={"cache_prompt": False},
        )

    async def _ready(
        self, child: asyncio.subprocess.Process, log: deque[str], deadline: Deadline
    ) -> Mapping[str, Any]:
        """The server's first line of JSON."""
        assert child.stdout is not None
        try:
            async with asyncio.timeout(deadline.left_seconds()):
                while line := await child.stdout.readline():
                    with contextlib.suppress(ValueError):
                        ready = json.loads(line)
                        if isinstance(ready, dict) and "ready" in ready:
                            return ready
                code = await child.wait()
        except TimeoutError:
            raise ProviderError(
                f"provider {self._spec.id}: the model was not loaded in time",
                "raise the attempt's limit, or take a smaller model",
            ) from None
        await asyncio.sleep(0.1)  # let the last lines of the log arrive
        raise ProviderError(
            f"provider {self._spec.id}: the llama.cpp server ended with exit code {code}: {_tail(log)}"
        )

    async def _explained(self, server: _Server, error: ProviderError) -> ProviderError:
        """The same error, unless the server is gone: then its last words say more."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                code = await server.process.wait()
                await self.close()
                return ProviderError(
                    f"provider {self._spec.id}: the llama.cpp server ended with exit code {code}: {_tail(server.log)}"
                )
        return error


async def _spawn(argv: Sequence[str], environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    """A child whose stdin is a pipe that only we hold: it ends when we do."""
    return await process.start(argv, environment=environment, stdin=subprocess.PIPE)


async def _stop(child: asyncio.subprocess.Process, drains: Sequence[asyncio.Task[None]]) -> None:
    await process.kill(child)
    for drain in drains:
        drain.cancel()
    await asyncio.gather(*drains, return_exceptions=True)


async def _drain(stream: asyncio.StreamReader, log: deque[str]) -> None:
    """Read to the end, so that the server never blocks on a full pipe; keep the last lines."""
    while True:
        try:
            line = await stream.readline()
        except ValueError:
            continue  # a line beyond the reader's limit; its rest comes next
        if not line:
            return
        if text := line.decode("utf-8", "replace").strip():
            log.append(text)


def _tail(log: deque[str]) -> str:
    return " | ".join(line[:300] for line in log) or "it said nothing"
