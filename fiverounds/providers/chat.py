"""Any OpenAI-compatible chat endpoint, streamed.

Protocol: OpenAI's Chat Completions with server-sent events, in the dialects of `dialects.py`; see
docs/providers/chat.md.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fiverounds.answers.thinking import split_thinking
from fiverounds.errors import ProviderError
from fiverounds.providers.base import Reply, Task, Unavailable
from fiverounds.providers.connection import Endpoint, key_problem, url_problem
from fiverounds.providers.conversation import with_system
from fiverounds.providers.dialects import stop_of, total_tokens, usage_of
from fiverounds.providers.exchange import Declined, Exchange
from fiverounds.providers.reachability import Unreachable, look_up
from fiverounds.providers.retry import PATIENT, Retries
from fiverounds.providers.server_errors import Kind, ServerError
from fiverounds.results import StopReason
from fiverounds.spec.models import ChatProvider
from fiverounds.spec.units import seconds


class Chat:
    """A provider behind a chat endpoint. One HTTP client, opened on first use."""

    def __init__(
        self,
        spec: ChatProvider,
        *,
        bench_root: Path,
        environment: Mapping[str, str],
        retries: Retries = PATIENT,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Nothing is opened or asked yet.

        Args:
            spec: what the bench says.
            bench_root: not used; nothing of an endpoint lies in the bench.
            environment: where the key named by `api_key_env` is looked up.
            retries: how patient to be with a busy server.
            extra: further fields of each request, for servers of our own.
        """
        del bench_root
        self._spec = spec
        name = spec.api_key_env
        key = environment.get(name, "").strip() if name else ""
        self._problem: Unavailable | None = None
        if name and (wrong := key_problem(name, key)):
            self._problem = Unavailable(wrong, spec.mend or f"export {name}=…")
        elif wrong := url_problem(spec.base_url):
            self._problem = Unavailable(wrong, "write a base_url like http://127.0.0.1:8080/v1")
        self._endpoint = Endpoint(spec.base_url, None if self._problem else key)
        self._retries = retries
        self._extra = dict(extra or {})
        self._cap_field: str = spec.cap_field
        self.context_tokens: int | None = None
        """What the endpoint said about the size of its context, once `check` has asked."""

    async def check(self) -> Unavailable | None:
        """Key there, server there, model there (where its list can be trusted); within seconds."""
        if self._problem is not None:
            return self._problem
        try:
            self.context_tokens = await look_up(
                self._endpoint, self._spec.model, self._spec.api_key_env
            )
        except Unreachable as problem:
            start = f"start the server at {self._endpoint.shown}, or set base_url"
            return Unavailable(problem.reason, problem.mend or self._spec.mend or start)
        return None

    async def attempt(self, task: Task) -> Reply:
        """Ask, and collect the answer as it streams.

        Raises:
            ProviderError: network, key or server; also when the attempt's time went by while
                waiting for the server's side.
        """
        if self._problem is not None:
            raise ProviderError(self._problem.reason, self._problem.mend)
        began = time.monotonic()
        exchange = Exchange(
            self._endpoint,
            self._payload(task),
            self._cap_field,
            self._retries,
            seconds(self._spec.load_timeout),
            task.deadline,
        )
        try:
            async with asyncio.timeout(task.deadline.left_seconds()):
                await exchange.run()
        except TimeoutError:
            return self._timed_out(exchange, began)
        except Declined as declined:
            return self._declined(declined, exchange, began)
        finally:
            self._cap_field = exchange.cap_field
        return self._finished(exchange, began)

    async def close(self) -> None:
        """Close the connections."""
        await self._endpoint.close()

    def _payload(self, task: Task) -> dict[str, Any]:
        params = self._spec.params.model_dump(mode="json", exclude_none=True)
        if "max_tokens" in params:
            params[self._cap_field] = params.pop("max_tokens")
        messages = with_system(task.messages, self._spec.system)
        return {
            "model": self._spec.model,
            "messages": [
                {"role": message.role, "content": message.content} for message in messages
            ],
            "stream": True,
            "stream_options": {"include_usage": True},
            **params,
            **self._extra,
        }

    def _finished(self, exchange: Exchange, began: float) -> Reply:
        got = exchange.collected
        reason = got.finish_reason or ""
        stop = stop_of(reason)
        if got.refusal:
            return self._reply(exchange, began, StopReason.REFUSED, "".join(got.refusal))
        if stop is StopReason.MAX_TOKENS:
            return self._reply(exchange, began, *self._length(exchange))
        said = "" if reason == "stop" else f"the server's finish_reason is {reason!r}"
        return self._reply(exchange, began, stop, said)

    def _length(self, exchange: Exchange) -> tuple[StopReason, str]:
        """`length` means our cap, or the end of the context when that is known to be reached."""
        total, context = total_tokens(exchange.collected.usage), self.context_tokens
        if total is not None and context is not None and total >= context:
            return StopReason.CONTEXT_FULL, f"the context of {context} tokens is full"
        cap = self._spec.params.max_tokens
        limit = f"max_tokens = {cap}" if cap else "the server's own limit; no max_tokens was set"
        return StopReason.MAX_TOKENS, f"cut off by {limit}"

    def _timed_out(self, exchange: Exchange, began: float) -> Reply:
        if exchange.waiting_for:
            raise ProviderError(
                f"{self._endpoint.shown}: the attempt's time ran out while waiting for {exchange.waiting_for}"
            )
        return self._reply(exchange, began, StopReason.TIMED_OUT, "the attempt's time ran out")

    def _declined(self, declined: Declined, exchange: Exchange, began: float) -> Reply:
        words = self._endpoint.clean(declined.error.message)
        if declined.kind is Kind.CONTEXT_FULL:
            return self._reply(exchange, began, StopReason.CONTEXT_FULL, words)
        if declined.kind is Kind.REFUSED:
            return self._reply(exchange, began, StopReason.REFUSED, words)
        raise ProviderError(
            f"{self._endpoint.shown}: {self._endpoint.clean(str(declined.error))}",
            self._hint(declined.kind, declined.error),
        ) from None

    def _hint(self, kind: Kind, error: ServerError) -> str | None:
        if kind is Kind.KEY:
            name = self._spec.api_key_env
            return (
                f"check the value of {name}"
                if name
                else "name the key's variable: `api_key_env: …`"
            )
        if kind is Kind.NOT_FOUND and error.structured:
            return f"is {self._spec.model!r} the name of a model there? GET {self._endpoint.shown}/models lists them"
        if kind is Kind.NOT_FOUND:
            return f"base_url must include the API's path, usually /v1; now it is {self._endpoint.shown}"
        if kind is Kind.CAP_TOO_LARGE:
            return "lower params.max_tokens, or give the server a larger context"
        return None

    def _reply(self, exchange: Exchange, began: float, stop: StopReason, detail: str) -> Reply:
        got = exchange.collected
        thoughts, text = split_thinking("".join(got.text))
        told = "".join(got.reasoning)
        raw: list[Mapping[str, Any]] = [
            {"model": got.model, "finish_reason": got.finish_reason},
            *(
                {key: value}
                for key, value in (("usage", got.usage), ("timings", got.timings))
                if value
            ),
            *exchange.events,
        ]
        return Reply(
            stop=stop,
            text=text,
            reasoning="\n\n".join(part for part in (told, thoughts) if part),
            detail=self._endpoint.clean(detail),
            usage=usage_of(got.usage),
            timing=got.timing(exchange.sent_at, time.monotonic() - began, exchange.load_seconds),
            raw=raw,
        )
