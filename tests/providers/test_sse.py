"""Server-sent events: the same bytes give the same events, however the network cuts them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiverounds.providers import sse
from fiverounds.providers.sse import Data, EventReader, Stray, TooLong


def read(*chunks: bytes) -> list[Data | Stray]:
    reader = EventReader()
    return [event for chunk in chunks for event in reader.feed(chunk)] + reader.end()


@pytest.mark.parametrize(
    ("raw", "events"),
    [
        (b"data: a\n\n", [Data("a")]),
        (b"data:a\r\n\r\ndata: b\r\rdata:  c\n\n", [Data("a"), Data("b"), Data(" c")]),
        (b"data: a\ndata: b\n\n", [Data("a\nb")]),
        (b"data: a", [Data("a")]),
        (b"\xef\xbb\xbfdata: a\n\n", [Data("a")]),
        (b": OPENROUTER PROCESSING\n\n:\n\ndata: a\n\n", [Data("a")]),
        (b"event: message\nid: 1\nretry: 10\ndata: a\n\n", [Data("a")]),
        (b"\n\n  \n\ndata: a\n\n", [Data("a")]),
        (b"data\n\n", [Data("")]),
        (b"data: \xe2\x82\xac\xff\n\n", [Data("\u20ac\ufffd")]),
        (b"data: a\n\nproxy error: Failed to read connection\n", [
            Data("a"), Stray("proxy error: Failed to read connection"),
        ]),
        (b"<html>\n", [Stray("<html>")]),
        (b"", []),
    ],
)  # fmt: skip
def test_events(raw: bytes, events: list[Data | Stray]) -> None:
    assert read(raw) == events
    assert read(*(raw[i : i + 1] for i in range(len(raw)))) == events


lines = st.sampled_from(
    [b"data: a", b"data:", b"data: {\"x\": \"\xe2\x82\xac\"}", b": c", b"event: e", b"boom: x", b"boom", b"", b" "]
)  # fmt: skip
ends = st.sampled_from([b"\n", b"\r\n", b"\r"])
raws = st.one_of(
    st.binary(max_size=60),
    st.lists(st.tuples(lines, ends), max_size=12).map(lambda parts: b"".join(map(b"".join, parts))),
)


@settings(max_examples=500, deadline=None)
@given(raws, st.lists(st.integers(1, 9), max_size=40))
def test_any_chunking_gives_the_same(raw: bytes, sizes: list[int]) -> None:
    chunks, at = [], 0
    for size in sizes:
        chunks.append(raw[at : at + size])
        at += size
    assert read(*chunks, raw[at:]) == read(raw)


def test_an_endless_event_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_EVENT_BYTES", 100)
    reader = EventReader()
    reader.feed(b"data: " + b"x" * 80)
    with pytest.raises(TooLong):
        reader.feed(b"x" * 80)
    with pytest.raises(TooLong):
        EventReader().feed(b"data: xxxxxxxxxx\n" * 30)
