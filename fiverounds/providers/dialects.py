"""What servers that call themselves OpenAI-compatible say in different words.

Pure: JSON in, our values out. Covers llama.cpp server, llama-swap, Ollama /v1, vLLM (old and new),
LM Studio, OpenAI, Azure and OpenRouter; docs/providers/chat.md has the table, the tests have a
stream or an error body of each in its words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fiverounds.results import StopReason, Usage

_STOPS = {
    "stop": StopReason.FINISHED,
    "eos": StopReason.FINISHED,
    "end_turn": StopReason.FINISHED,
    "tool_calls": StopReason.FINISHED,
    "function_call": StopReason.FINISHED,
    "length": StopReason.MAX_TOKENS,
    "max_tokens": StopReason.MAX_TOKENS,
    "content_filter": StopReason.REFUSED,
    "refusal": StopReason.REFUSED,
    "safety": StopReason.REFUSED,
}
BROKEN_STOPS = frozenset({"error", "abort", "cancelled"})
"""Finish reasons that mean the server gave up, not the model (OpenRouter, vLLM)."""


def stop_of(finish_reason: str) -> StopReason:
    """Our word for a finish reason; an unknown one counts as finished (the report shows the word)."""
    return _STOPS.get(finish_reason.lower(), StopReason.FINISHED)


def text_of(message: Mapping[str, Any]) -> str:
    """The visible text of a message or delta: a string, null, or a list of typed parts (Mistral)."""
    content = message.get("content")
    if isinstance(content, list):
        parts = [
            part for part in content if isinstance(part, Mapping) and part.get("type") == "text"
        ]
        return "".join(_text(part.get("text")) for part in parts)
    return _text(content)


def reasoning_of(message: Mapping[str, Any]) -> str:
    """The thoughts of a message or delta: `reasoning_content` (llama.cpp, LM Studio) or `reasoning`."""
    return _text(message.get("reasoning_content")) or _text(message.get("reasoning"))


def refusal_of(message: Mapping[str, Any]) -> str:
    """OpenAI's words when its model declines."""
    return _text(message.get("refusal"))


def usage_of(usage: Mapping[str, Any] | None) -> Usage:
    """Tokens as told; `output_tokens` includes reasoning. What is not told stays None."""
    if usage is None:
        return Usage()
    return Usage(
        prompt_tokens=count(usage.get("prompt_tokens")),
        cached_tokens=count(_inside(usage, "prompt_tokens_details").get("cached_tokens")),
        reasoning_tokens=count(_inside(usage, "completion_tokens_details").get("reasoning_tokens")),
        output_tokens=count(usage.get("completion_tokens")),
    )


def total_tokens(usage: Mapping[str, Any] | None) -> int | None:
    """Prompt and output together, for comparing with the size of the context."""
    return None if usage is None else count(usage.get("total_tokens"))


def context_of(model: Mapping[str, Any]) -> int | None:
    """Context size in one entry of `/models`: llama.cpp and llama-swap `meta.n_ctx`, vLLM `max_model_len`."""
    return count(_inside(model, "meta").get("n_ctx")) or count(model.get("max_model_len"))


def names_of(model: Mapping[str, Any]) -> list[str]:
    """The id and the aliases of one entry of `/models`."""
    aliases = [model.get("aliases"), _inside(_inside(model, "meta"), "llamaswap").get("aliases")]
    listed = [name for each in aliases if isinstance(each, list) for name in each]
    return [name for name in [model.get("id"), *listed] if isinstance(name, str)]


def is_authoritative(models: list[Mapping[str, Any]]) -> bool:
    """True when a model that is not listed cannot be asked.

    llama-swap and vLLM refuse names they do not list. A single llama.cpp server answers to any
    name, Ollama adds `:latest`, OpenRouter takes suffixes such as `:free`; their lists prove
    nothing.
    """
    owners = {model.get("owned_by") for model in models}
    return bool(owners) and owners <= {"llama-swap", "vllm"}


def seconds_of(timings: Mapping[str, Any] | None, key: str) -> float | None:
    """A duration of llama.cpp's `timings` (given in milliseconds)."""
    value = number(timings.get(key)) if timings else None
    return None if value is None else value / 1000


def speed_of(timings: Mapping[str, Any] | None) -> float | None:
    """Decoded tokens a second as llama.cpp's `timings` say; None for less than two tokens.

    The server leaves the first token out (it belongs to the prefill), so this is not
    `predicted_n` over `predicted_ms`.
    """
    if not timings or (number(timings.get("predicted_n")) or 0) < 2:
        return None
    return number(timings.get("predicted_per_second")) or None


def count(value: object) -> int | None:
    """A number of tokens, or None for anything else a server may put there."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def number(value: object) -> float | None:
    """A finite number that is not negative, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e15:
        return None
    return float(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _inside(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}
