"""Errors as each server writes them, and what they mean for us."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiverounds.providers.server_errors import Kind, error_from, kind_of, read_error

LLAMA_LOADING = {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}
LLAMA_OVERFLOW = {
    "error": {
        "code": 400,
        "type": "exceed_context_size_error",
        "message": "request (6031 tokens) exceeds the available context size (2048 tokens), try increasing it",
        "n_prompt_tokens": 6031,
        "n_ctx": 2048,
    }
}
LLAMA_ROUTER_UNKNOWN = {
    "error": {"code": 400, "message": "model 'nope' not found", "type": "invalid_request_error"}
}
SWAP_LIMIT = {
    "src": "llama-swap",
    "error": {
        "message": "Too many requests",
        "type": "rate_limit_error",
        "param": None,
        "code": "concurrency_limit",
    },
}
SWAP_UNKNOWN = {
    "src": "llama-swap",
    "error": {
        "message": "no router found for model",
        "type": "invalid_request_error",
        "param": None,
        "code": "not_found",
    },
}
OLLAMA_UNKNOWN = {
    "error": {
        "message": 'model "x" not found, try pulling it first',
        "type": "not_found_error",
        "param": None,
        "code": None,
    }
}
OLLAMA_NATIVE = {"error": "server busy, please try again.  maximum pending requests exceeded"}
VLLM_OVERFLOW = {
    "object": "error",
    "message": "This model's maximum context length is 4096 tokens. However, your messages resulted in 6988 tokens. "
    "Please reduce the length of the messages.",
    "type": "BadRequestError",
    "param": None,
    "code": 400,
}
VLLM_CAP = {
    "error": {
        "message": "This model's maximum context length is 6048 tokens. However, you requested 6616 tokens (568 in the "
        "messages, 6048 in the completion). Please reduce the length of the messages or completion.",
        "type": "BadRequestError",
        "param": None,
        "code": 400,
    }
}
VLLM_CAP_NEW = {
    "error": {
        "message": "'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context length is "
        "4096 tokens and your request has 100 input tokens (8192 > 4096 - 100).",
        "type": "BadRequestError",
        "param": None,
        "code": 400,
    }
}
VLLM_NEGATIVE = {
    "object": "error",
    "message": "max_tokens must be at least 1, got -186.",
    "type": "BadRequestError",
    "param": None,
    "code": 400,
}
USE_OTHER = (
    "Unsupported parameter: 'max_tokens' is not supported with this model. "
    "Use 'max_completion_tokens' instead."
)
OPENAI_CAP_FIELD = {
    "error": {
        "message": USE_OTHER,
        "type": "invalid_request_error",
        "param": "max_tokens",
        "code": "unsupported_parameter",
    }
}
COPILOT_CAP_FIELD = {
    "error": {
        "message": USE_OTHER,
        "code": "invalid_request_body",
    }
}
OPENAI_OVERFLOW = {
    "error": {
        "message": "Your input exceeds the context window of this model.",
        "type": "invalid_request_error",
        "param": "messages",
        "code": "context_length_exceeded",
    }
}
OPENAI_TEMPERATURE = {
    "error": {
        "message": "Unsupported value: 'temperature' does not support 0 with this model.",
        "type": "invalid_request_error",
        "param": "temperature",
        "code": "unsupported_value",
    }
}
OPENAI_QUOTA = {
    "error": {
        "message": "You exceeded your current quota, please check your plan and billing details.",
        "type": "insufficient_quota",
        "param": None,
        "code": "insufficient_quota",
    }
}
OPENAI_KEY = {
    "error": {
        "message": "Incorrect API key provided: sk-x.",
        "type": "invalid_request_error",
        "param": None,
        "code": "invalid_api_key",
    }
}
AZURE_FILTER = {
    "error": {
        "message": "The response was filtered",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
    }
}
OPENROUTER_UPSTREAM = {
    "error": {
        "code": 502,
        "message": "Provider returned error",
        "metadata": {"provider_name": "X", "raw": "overloaded"},
    }
}
FASTAPI = {"detail": [{"loc": ["body", "model"], "msg": "field required"}]}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (503, LLAMA_LOADING, Kind.LOADING),
        (400, LLAMA_OVERFLOW, Kind.CONTEXT_FULL),
        (400, LLAMA_ROUTER_UNKNOWN, Kind.OTHER),
        (429, SWAP_LIMIT, Kind.BUSY),
        (404, SWAP_UNKNOWN, Kind.NOT_FOUND),
        (404, OLLAMA_UNKNOWN, Kind.NOT_FOUND),
        (503, OLLAMA_NATIVE, Kind.BUSY),
        (400, VLLM_OVERFLOW, Kind.CONTEXT_FULL),
        (400, VLLM_CAP, Kind.CAP_TOO_LARGE),
        (400, VLLM_CAP_NEW, Kind.CAP_TOO_LARGE),
        (400, VLLM_NEGATIVE, Kind.CONTEXT_FULL),
        (400, OPENAI_CAP_FIELD, Kind.CAP_FIELD),
        (400, COPILOT_CAP_FIELD, Kind.CAP_FIELD),
        (400, OPENAI_OVERFLOW, Kind.CONTEXT_FULL),
        (400, OPENAI_TEMPERATURE, Kind.OTHER),
        (429, OPENAI_QUOTA, Kind.OTHER),
        (401, OPENAI_KEY, Kind.KEY),
        (403, {"error": "no"}, Kind.KEY),
        (400, AZURE_FILTER, Kind.REFUSED),
        (502, OPENROUTER_UPSTREAM, Kind.BUSY),
        (200, OPENROUTER_UPSTREAM, Kind.OTHER),
        (422, FASTAPI, Kind.OTHER),
        (500, {"error": {"message": "Context size has been exceeded.", "code": 500}}, Kind.CONTEXT_FULL),
        (418, {}, Kind.OTHER),
    ],
)  # fmt: skip
def test_kinds(status: int, body: object, kind: Kind) -> None:
    error = read_error(status, json.dumps(body).encode())
    assert kind_of(error, "max_tokens") is kind
    assert error.message
    assert error.status == status


def test_the_other_cap_field() -> None:
    body = {
        "error": {
            "message": "'max_completion_tokens' is not supported",
            "param": "max_completion_tokens",
        }
    }
    error = error_from(400, body)
    assert kind_of(error, "max_completion_tokens") is Kind.CAP_FIELD
    assert kind_of(error, "max_tokens") is Kind.OTHER


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        (json.dumps(OLLAMA_NATIVE), "server busy, please try again. maximum pending requests exceeded", ""),
        (json.dumps(OPENROUTER_UPSTREAM), "Provider returned error: overloaded", "502"),
        (json.dumps([OPENAI_KEY]), "Incorrect API key provided: sk-x.", "invalid_api_key"),
        (json.dumps(FASTAPI), '[{"loc": ["body", "model"], "msg": "field required"}]', ""),
        ('{"message": "no Route matched"}', "no Route matched", ""),
        ("upstream\x1b[31m connect\n error", "upstream [31m connect error", ""),
        ("<!DOCTYPE html><p>hi", "an HTML page instead of an API's answer", ""),
        ("", "", ""),
        ("7", "7", ""),
    ],
)  # fmt: skip
def test_words(body: str, message: str, code: str) -> None:
    error = read_error(500, body.encode())
    assert (error.message, error.code) == (message, code)


def test_an_api_is_told_from_some_web_server() -> None:
    assert read_error(404, json.dumps(SWAP_UNKNOWN).encode()).structured
    assert not read_error(404, b"404 page not found").structured


def test_a_status_inside_the_stream_is_used() -> None:
    assert kind_of(error_from(0, OPENROUTER_UPSTREAM), "max_tokens") is Kind.BUSY
    assert str(error_from(0, {"error": "x"})) == "error in the stream: x"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "message", "code", "type", "param", "metadata", "raw", "n_ctx", "detail"]
            ),
            inner,
        )
    ),
    max_leaves=8,
)


@given(st.integers(0, 599), json_values)
def test_any_json_is_an_error_in_one_line(status: int, value: object) -> None:
    error = read_error(status, json.dumps(value).encode())
    kind_of(error, "max_tokens")
    assert error.message.isprintable()
    assert len(error.message) < 600


@given(st.binary(max_size=200))
def test_any_bytes_are_an_error_in_one_line(body: bytes) -> None:
    assert read_error(500, body).message.isprintable()
