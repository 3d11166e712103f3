"""A server's error, whatever its shape → what it means for us. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

_SHOWN_CHARACTERS = 500
_OVERFLOW_PHRASES = (
    "maximum context length",
    "context length exceeded",
    "context_length_exceeded",
    "exceeds the available context size",
    "context size has been exceeded",
    "context window",
    "prompt is too long",
    "input is too long",
    "max_tokens must be at least 1",
)


class Kind(Enum):
    """What to do about an error."""

    LOADING = "the model is being loaded: wait, bounded by load_timeout"
    BUSY = "too many requests or a gateway's hiccup: try again, a few times"
    CAP_FIELD = "the endpoint wants the other name of the token cap"
    CAP_TOO_LARGE = "prompt and max_tokens together exceed the context: our setting, not the model"
    CONTEXT_FULL = "the conversation is larger than the context"
    REFUSED = "a content filter stopped it"
    KEY = "the key is missing, wrong or not allowed"
    NOT_FOUND = "no such model, or no such path"
    OTHER = "anything else"


@dataclass(frozen=True, slots=True)
class ServerError:
    """One error. `status` is 0 for an error inside a stream that gives no number."""

    status: int
    message: str
    type: str = ""
    code: str = ""
    param: str = ""
    n_ctx: int | None = None
    structured: bool = False
    """True when the body was JSON of a known shape: an API answered, not some web server."""

    def __str__(self) -> str:
        where = f"HTTP {self.status}" if self.status else "error in the stream"
        return f"{where}: {self.message}"


def read_error(status: int, body: bytes) -> ServerError:
    """The error in a response body."""
    text = body[:100_000].decode("utf-8", "replace").strip()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        page = text[:200].lower().lstrip().startswith(("<!doctype", "<html"))
        return ServerError(
            status, "an HTML page instead of an API's answer" if page else shorten(text)
        )
    return error_from(status, value)


def error_from(status: int, value: object) -> ServerError:
    """The error in parsed JSON: `error` as object or string, flat, FastAPI's `detail`, or in a list."""
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, Mapping):
        return ServerError(status, shorten(json.dumps(value)))
    inner = value.get("error", value)
    if not isinstance(inner, Mapping):
        return ServerError(status, shorten(str(inner)), structured=True)
    message = inner.get("message") or inner.get("detail") or json.dumps(inner)
    message = message if isinstance(message, str) else json.dumps(message)
    metadata = inner.get("metadata")
    if isinstance(metadata, Mapping) and isinstance(metadata.get("raw"), str):
        message = (
            f"{message}: {metadata['raw']}"  # OpenRouter quotes the upstream's own words there
        )
    code, n_ctx = inner.get("code"), inner.get("n_ctx")
    return ServerError(
        status=status or _status(code),
        message=shorten(message),
        type=_word(inner.get("type")),
        code=_word(code),
        param=_word(inner.get("param")),
        n_ctx=n_ctx if isinstance(n_ctx, int) else None,
        structured="error" in value or "message" in value or "detail" in value,
    )


def kind_of(error: ServerError, cap_field: str) -> Kind:
    """What an error means; the HTTP status decides first, words only where it says too little.

    Args:
        cap_field: the name under which the token cap was sent.
    """
    message = error.message.lower()
    if error.status == 503 and "loading" in message:
        return Kind.LOADING
    if error.status in (429, 502, 503):
        return Kind.OTHER if error.code == "insufficient_quota" else Kind.BUSY
    if error.status in (401, 403):
        return Kind.KEY
    if error.status == 404:
        return Kind.NOT_FOUND
    if error.status in (0, 400, 413, 422, 500):
        return _kind_of_request(error, message, cap_field)
    return Kind.OTHER


def _kind_of_request(error: ServerError, message: str, cap_field: str) -> Kind:
    unsupported = (
        error.code == "unsupported_parameter"
        or "not supported" in message
        or "unsupported" in message
    )
    if unsupported and (error.param == cap_field or f"'{cap_field}'" in message):
        return Kind.CAP_FIELD
    if error.code in ("content_filter", "content_policy_violation"):
        return Kind.REFUSED
    overflow = error.type == "exceed_context_size_error" or error.code == "context_length_exceeded"
    if overflow or any(phrase in message for phrase in _OVERFLOW_PHRASES):
        return Kind.CAP_TOO_LARGE if _only_the_cap_overflows(message) else Kind.CONTEXT_FULL
    return Kind.OTHER


def _only_the_cap_overflows(message: str) -> bool:
    """vLLM and OpenAI count max_tokens too: `… length is 4096 …, you requested 9000 (500 in the messages, 8500 …)`."""
    if "max_tokens" in message and "too large" in message:
        return True
    words = message.replace("(", " ").replace(",", " ").split()
    numbers = [int(word) for word in words if word.isdigit()]
    return "in the completion" in message and len(numbers) >= 4 and numbers[2] < numbers[0]


def shorten(text: str) -> str:
    """One bounded line without control characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[:10_000]).split())
    return line if len(line) <= _SHOWN_CHARACTERS else line[:_SHOWN_CHARACTERS] + "…"


def _word(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _status(code: object) -> int:
    return code if isinstance(code, int) and 400 <= code <= 599 else 0
