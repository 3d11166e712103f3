from __future__ import annotations

import time

import pytest

from fiverounds.spec.key_guard import is_key, masked, may_be_key, names_a_secret

KEYS = [
    "sk-proj-0123456789abcdefghij", "sk-ant-api03-abcdefghijklmnop", "sk_live_0123456789abcdef",
    "ghp_0123456789abcdefghijABCDEFGHIJ0123", "github_pat_0123456789abcdefghij_x", "glpat-0123456789abcdefghij",
    "xoxb-0123456789-abcdef", "AKIAIOSFODNN7EXAMPLE", "AIzaSyA0123456789abcdefghijklmnopqrstu",
    "hf_abcdefghijklmnopqrstuvwxyz", "gsk_0123456789abcdefghij", "xai-0123456789abcdefghij",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "Bearer 0123456789abcdef", "-----BEGIN RSA PRIVATE KEY-----",
    "https://user:secret@example.org", "--key=sk-proj-0123456789abcdefghij",
]  # fmt: skip
NO_KEYS = [
    "claude-sonnet-4-6", "qwen3-coder-30b-a3b-instruct-2507-q4_k_m", "gpt-5.3-codex", "https://example.org:8080/v1",
    "rounds/{round}/reference", "OPENAI_API_KEY", "risk-assessment-of-everything", "sk-learn-classifier-two",
    "meta-llama/Llama-3.3-70B-Instruct", "user@example.org", "sk-learn",
]  # fmt: skip


@pytest.mark.parametrize("text", KEYS)
def test_keys(text: str) -> None:
    assert is_key(text)
    assert "*" in masked(f"  model: {text}")
    assert len(masked(text)) == len(text)


@pytest.mark.parametrize("text", NO_KEYS)
def test_no_keys(text: str) -> None:
    assert not is_key(text)
    assert masked(f"model: {text}") == f"model: {text}"


def test_what_may_be_a_key_is_not_quoted() -> None:
    assert may_be_key("0f3a9c7d2b6e4f1a8c5d0e7b3f9a2c6d")
    assert not may_be_key("rounds/r5-debug/project-tests-expected.txt")


@pytest.mark.parametrize(
    "name", ["api_key", "API_KEY", "apikey", "GITHUB_TOKEN", "password", "client-secret", "key"]
)
def test_names_of_secrets(name: str) -> None:
    assert names_a_secret(name)
    assert masked(f"  {name}: hunter2, x") == f"  {name}: *******, x"


@pytest.mark.parametrize(
    "name", ["api_key_env", "max_tokens", "monkey", "keyboard", "pass_env", "author"]
)
def test_names_of_no_secrets(name: str) -> None:
    assert not names_a_secret(name)


@pytest.mark.parametrize(
    "text",
    [
        "://a" + ":a" * 50_000,
        "eyJ-" * 25_000,
        "a" * 100_000,
        "key" * 30_000,
        "-----BEGIN" * 10_000,
    ],
)
def test_hostile_texts_take_no_time(text: str) -> None:
    started = time.process_time()
    is_key(text)
    masked(text[:4000])
    assert time.process_time() - started < 1
