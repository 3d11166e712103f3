"""Can an endpoint be asked? One GET of `/models`: quick, and free of charge everywhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx

from fiverounds.providers.connection import Endpoint, body_of, why
from fiverounds.providers.dialects import context_of, is_authoritative, names_of
from fiverounds.providers.server_errors import read_error

CONNECT_SECONDS = 2.5
ANSWER_SECONDS = 5.0
_LIST_BYTES = 8 * 1024 * 1024
_NAMES_SHOWN = 8


class Unreachable(Exception):
    """Why not, in words, and what would mend it (None: start the server)."""

    def __init__(self, reason: str, mend: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.mend = mend


async def look_up(endpoint: Endpoint, model: str, key_name: str | None) -> int | None:
    """The model's context size, where the endpoint tells it.

    Raises:
        Unreachable: nobody answers, the key is refused, or the model is certainly not there.
    """
    timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
    try:
        async with (
            asyncio.timeout(CONNECT_SECONDS + ANSWER_SECONDS),
            endpoint.client.stream("GET", endpoint.url("/models"), timeout=timeout) as response,
        ):
            body = await body_of(response, _LIST_BYTES)
            status = response.status_code
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise Unreachable(f"{endpoint.shown} cannot be reached: {why(error)}") from None
    if status in (401, 403):
        mend = f"check the value of {key_name}" if key_name else "name its key: `api_key_env: …`"
        said = endpoint.clean(read_error(status, body).message)
        raise Unreachable(f"{endpoint.shown} refuses the key (HTTP {status}: {said})", mend)
    if status == 200:
        return _find(endpoint, model, body)
    if status == 404 and not httpx.URL(endpoint.base_url).path.strip("/"):
        raise Unreachable(
            f"{endpoint.shown} has no /models (HTTP 404)",
            f"base_url must include the API's path, usually {endpoint.shown}/v1".replace(
                "//v1", "/v1"
            ),
        )
    return None  # a server that loads (503), is busy, or has no list: ask it and see


def _find(endpoint: Endpoint, model: str, body: bytes) -> int | None:
    models = _listed(body)
    if models is None:
        raise Unreachable(
            f"{endpoint.shown} answers, but not as an OpenAI-compatible API",
            "base_url must include the API's path, usually /v1",
        )
    for each in models:
        if model in names_of(each):
            return context_of(each)
    if models and is_authoritative(models):
        names = sorted({name for each in models for name in names_of(each)})
        more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
        raise Unreachable(
            f"{endpoint.shown} does not serve {model}; it has {', '.join(names[:_NAMES_SHOWN])}{more}"
        )
    # A single llama.cpp server answers to any name with the one model it has.
    owners = {each.get("owned_by") for each in models}
    return context_of(models[0]) if len(models) == 1 and owners == {"llamacpp"} else None


def _listed(body: bytes) -> list[Mapping[str, Any]] | None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(data, Mapping):
        if "data" not in data:
            return None
        data = data["data"] or []  # Ollama without any model says null
    return [each for each in data if isinstance(each, Mapping)] if isinstance(data, list) else None
