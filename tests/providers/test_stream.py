"""Streams as each server writes them: text, thoughts, tokens, speed and the ways they break."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiverounds.providers.dialects import (
    context_of,
    is_authoritative,
    names_of,
    stop_of,
    total_tokens,
    usage_of,
)
from fiverounds.providers.sse import EventReader, Stray
from fiverounds.providers.stream import BrokenStream, Collected, ErrorInStream
from fiverounds.results import StopReason, Usage

RECORDED = Path(__file__).parent / "recorded"
LLAMA = (RECORDED / "llama-cpp.sse").read_bytes()


def collect(raw: bytes, step: float = 0.0) -> Collected:
    """Feed line by line; each line arrives `step` seconds after the one before."""
    reader, collected, now = EventReader(), Collected(), 100.0
    for line in raw.splitlines(keepends=True):
        collected.feed(reader.feed(line), now)
        now += step
    collected.feed(reader.end(), now)
    return collected


def chunks(*values: object) -> bytes:
    return b"".join(b"data: " + json.dumps(value).encode() + b"\n\n" for value in values)


def choice(reason: str | None = None, **delta: object) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


def test_llama_cpp() -> None:
    got = collect(LLAMA, step=0.5)
    assert "".join(got.text) == "Sure: 42.\n"
    assert got.reasoning == []
    assert (got.finish_reason, got.model, got.done) == ("stop", "g", True)
    assert usage_of(got.usage) == Usage(prompt_tokens=21, cached_tokens=0, output_tokens=4)
    assert total_tokens(got.usage) == 25
    timing = got.timing(sent_at=99.0, provider_seconds=9.0, load_seconds=None)
    assert timing.speed_source == "server"
    # Three tokens in 0.804 ms: the first of the four belongs to the prefill.
    assert timing.tokens_per_second == pytest.approx(3 / 0.000804)
    assert timing.prefill_seconds == pytest.approx(0.001986)
    assert timing.decode_seconds == pytest.approx(0.000804)
    # An event is whole with its blank line: the first text came 1.5 s after the first line. The role is not a token.
    assert timing.first_token_seconds == pytest.approx(2.5)
    assert timing.provider_seconds == 9.0


def test_llama_cpp_cut_off() -> None:
    got = collect((RECORDED / "llama-cpp-length.sse").read_bytes())
    assert ("".join(got.text), got.finish_reason) == ("Sure: ", "length")
    assert usage_of(got.usage).output_tokens == 2


def test_llama_cpp_models() -> None:
    (model,) = json.loads((RECORDED / "llama-cpp-models.json").read_bytes())["data"]
    assert (names_of(model), context_of(model)) == (["g", "g"], 2048)
    assert not is_authoritative([model])


def test_speed_by_our_clock_needs_usage() -> None:
    raw = chunks(choice(content="a"), choice(content="b"), choice("stop"))
    timing = collect(raw, step=1.0).timing(100.0, 5.0, None)
    assert (timing.tokens_per_second, timing.speed_source) == (None, None)
    usage = {
        "choices": [],
        "usage": {"prompt_tokens": 3, "completion_tokens": 21, "total_tokens": 24},
    }
    timing = collect(raw + chunks(usage), step=1.0).timing(100.0, 5.0, None)
    assert timing.tokens_per_second == pytest.approx(20 / 2.0)
    assert timing.speed_source == "client"
    assert collect(raw + chunks(usage), step=0.001).timing(100.0, 5.0, None).speed_source is None


def test_hidden_thoughts_do_not_make_a_model_look_fast() -> None:
    usage = {
        "choices": [],
        "usage": {
            "completion_tokens": 1021,
            "completion_tokens_details": {"reasoning_tokens": 1000},
        },
    }
    raw = chunks(choice(content="a"), choice(content="b"), choice("stop"), usage)
    assert collect(raw, step=1.0).timing(100.0, 5.0, None).tokens_per_second == pytest.approx(10.0)
    seen = chunks(choice(reasoning="hm"), choice(content="b"), choice("stop"), usage)
    assert collect(seen, step=1.0).timing(100.0, 5.0, None).tokens_per_second == pytest.approx(
        510.0
    )


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm"},
        {"reasoning": "hm", "reasoning_content": "hm"},
        {"reasoning": "hm", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
    ],
)
def test_thoughts_by_any_name(delta: dict[str, Any]) -> None:
    got = collect(chunks(choice(**delta), choice("stop", content="x")))
    assert ("".join(got.reasoning), "".join(got.text)) == ("hm", "x")


def test_typed_parts_refusal_and_whole_completion() -> None:
    parts = [{"type": "thinking", "thinking": []}, {"type": "text", "text": "x"}]
    assert "".join(collect(chunks(choice("stop", content=parts))).text) == "x"
    assert "".join(collect(chunks(choice("stop", refusal="No."))).refusal) == "No."
    whole = Collected()
    whole.add({"choices": [{"message": {"content": "y"}, "finish_reason": "stop"}]}, 1.0)
    assert ("".join(whole.text), whole.finish_reason) == ("y", "stop")


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        (b"proxy error: Failed to read connection\n", "proxy error: Failed to read connection"),
        (b"data: {nope\n\n", "not JSON: {nope"),
        (b"data: [1]\n\n", "no JSON object"),
        (chunks(choice("error")), "finish_reason 'error'"),
        (chunks(choice("abort")), "finish_reason 'abort'"),
    ],
)
def test_broken_streams(tail: bytes, words: str) -> None:
    with pytest.raises(BrokenStream, match=words.replace("[", r"\[")):
        collect(chunks(choice(content="a")) + tail)


@pytest.mark.parametrize(
    "value",
    [
        {"error": {"code": 502, "message": "Provider disconnected"}, "choices": [choice("error")]},
        {"error": "boom"},
        {"object": "error", "message": "boom", "code": 400},
    ],
)
def test_errors_inside_a_stream(value: object) -> None:
    with pytest.raises(ErrorInStream):
        collect(chunks(choice(content="a"), value))


def test_an_endless_reply_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fiverounds.providers.stream.MAX_TEXT_CHARACTERS", 5)
    with pytest.raises(BrokenStream, match="longer than"):
        collect(chunks(*[choice(content="ab")] * 3))


@pytest.mark.parametrize(
    ("word", "stop"),
    [
        ("stop", StopReason.FINISHED),
        ("length", StopReason.MAX_TOKENS),
        ("content_filter", StopReason.REFUSED),
        ("refusal", StopReason.REFUSED),
        ("tool_calls", StopReason.FINISHED),
        ("something new", StopReason.FINISHED),
    ],
)
def test_stop_words(word: str, stop: StopReason) -> None:
    assert stop_of(word) is stop


def test_numbers_that_are_none() -> None:
    odd = {
        "prompt_tokens": "7",
        "completion_tokens": True,
        "prompt_tokens_details": None,
        "total_tokens": -1,
    }
    assert usage_of(odd) == Usage()
    assert total_tokens(odd) is None
    assert usage_of(None) == Usage()
    bad = Collected(timings={"predicted_n": 1, "predicted_per_second": 1e6, "prompt_ms": "x"})
    assert bad.timing(0.0, 1.0, None).tokens_per_second is None
    bad = Collected(timings={"predicted_n": 9, "predicted_per_second": float("nan")})
    assert bad.timing(0.0, 1.0, None).tokens_per_second is None
    bad = Collected(timings={"predicted_ms": float("inf")})
    assert bad.timing(0.0, 1.0, None).decode_seconds is None


def test_model_lists() -> None:
    llama = {"id": "smol", "aliases": ["s"], "owned_by": "llamacpp", "meta": {"n_ctx": 2048}}
    swap = {
        "id": "q",
        "owned_by": "llama-swap",
        "meta": {"llamaswap": {"aliases": ["qwen"]}, "n_ctx": 8192},
    }
    vllm = {"id": "v", "owned_by": "vllm", "max_model_len": 4096}
    assert [names_of(each) for each in (llama, swap, vllm)] == [["smol", "s"], ["q", "qwen"], ["v"]]
    assert [context_of(each) for each in (llama, swap, vllm)] == [2048, 8192, 4096]
    assert is_authoritative([swap])
    assert is_authoritative([vllm])
    assert not is_authoritative([llama])
    assert not is_authoritative([])
    assert not is_authoritative([swap, llama])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(
        st.sampled_from(
            ["choices", "delta", "content", "usage", "timings", "finish_reason", "predicted_ms", "predicted_n", "error"]
        ),
        inner,
    ),
    max_leaves=10,
)  # fmt: skip


@given(st.lists(json_values, max_size=4))
def test_whatever_json_comes_it_is_a_reply_or_a_broken_stream(values: list[object]) -> None:
    collected = Collected()
    reader = EventReader()
    with contextlib.suppress(BrokenStream, ErrorInStream):
        collected.feed(reader.feed(chunks(*values)), 1.0)
    usage_of(collected.usage)
    collected.timing(0.0, 1.0, None)


def test_stray_lines_are_shown_bounded() -> None:
    with pytest.raises(BrokenStream) as caught:
        Collected().feed([Stray("x" * 9999)], 0.0)
    assert len(str(caught.value)) < 700
