"""A real HTTP server on loopback that plays back recorded bytes, for what no real model server does on request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Step = bytes | float
"""Bytes to send, or seconds to wait."""


@dataclass
class Played:
    """The server's address and what it was asked."""

    base_url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    hung_up: bool = False
    """True when a client closed before its answer was over."""


def http(status: int, body: bytes, *headers: str, kind: str = "application/json") -> bytes:
    """One complete HTTP response."""
    head = [
        f"HTTP/1.1 {status} X",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join([*head, "Connection: close", "", ""]).encode() + body


def error(status: int, value: object, *headers: str) -> bytes:
    """A JSON error response."""
    return http(status, json.dumps(value).encode(), *headers)


STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def event(value: object) -> bytes:
    """One data event."""
    return b"data: " + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n\n"


def delta(reason: str | None = None, **fields: object) -> bytes:
    """One chunk of a chat completion."""
    return event({"choices": [{"index": 0, "delta": fields, "finish_reason": reason}]})


def stream(*steps: Step) -> list[Step]:
    """A streamed response that ends by closing the connection."""
    return [STREAM_HEAD, *steps]


def said(text: str, reason: str = "stop") -> list[Step]:
    """A whole, ordinary streamed answer."""
    return stream(delta(content=text), delta(reason), event(b"[DONE]"))


@asynccontextmanager
async def playing(*answers: bytes | Sequence[Step]) -> AsyncIterator[Played]:
    """Give the answers in turn, the last one again and again."""
    played = Played()
    queue = list(answers)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        played.requests.append(
            {"line": lines[0], "headers": headers, "json": json.loads(body) if body else None}
        )
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        for step in [answer] if isinstance(answer, bytes) else answer:
            if isinstance(step, bytes):
                writer.write(step)
                await writer.drain()
            else:
                await asyncio.sleep(step)

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            played.hung_up = True
        except asyncio.CancelledError:
            pass
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0)
    played.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield played
    finally:
        for task in list(tasks):
            task.cancel()
        server.close()
        await server.wait_closed()
