from __future__ import annotations

import base64
import html
import json
import math
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiverounds.results import Verdict
from fiverounds.store.redact import MARK, Redactor, clean_terminal

SECRET = 'sk-CANARY/42+é"\\<&>'
PLAIN = "sk-Canary0123456789"


def forms(secret: str) -> dict[str, str]:
    """The secret as programs write it, in some surroundings."""
    raw = secret.encode()
    written = {
        "plain": secret,
        "json": json.dumps({"key": secret}),
        "json utf-8": json.dumps({"key": secret}, ensure_ascii=False),
        "json in json": json.dumps(json.dumps({"key": secret})),
        "json with escaped slashes": json.dumps(secret).replace("/", "\\/"),
        "go json": json.dumps(secret, ensure_ascii=False)
        .replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace(">", "\\u003e"),
        "url": f"http://h/?k={quote(secret)}&x=1",
        "url, all quoted": quote(secret, safe=""),
        "url, small hex": re.sub("%..", lambda match: match[0].lower(), quote(secret, safe="")),
        "form": f"key={quote_plus(secret)}&a=b",
        "html": f"<b>{html.escape(secret)}</b>",
        "hex": raw.hex(),
        "HEX": raw.hex().upper(),
    }
    for before in range(5):
        text = b"u" * before + raw + b":tail" * 9
        written[f"base64 after {before}"] = base64.b64encode(text).decode()
        written[f"urlsafe base64 after {before}"] = base64.urlsafe_b64encode(text).decode()
        written[f"base64 at the end, after {before}"] = base64.b64encode(text[: -5 * 9]).decode()
    return written


def holds(text: str, secret: str) -> bool:
    """Can the secret be read out of a text, base64 included?"""
    raw = secret.encode()
    needles = {secret, json.dumps(secret)[1:-1], quote(secret, safe=""), raw.hex()}
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw)
        needles.add(encoded[4 if before else 0 : len(encoded) // 4 * 4 - 4].decode())
    return any(needle in text for needle in needles)


@pytest.mark.parametrize("secret", [SECRET, PLAIN])
def test_every_form_is_found(secret: str) -> None:
    redactor = Redactor([secret])
    for name, text in forms(secret).items():
        redacted = redactor.text(f"before {text} after")
        assert MARK in redacted, name
        assert not holds(redacted, secret), name
        assert redacted.startswith("before ")
        assert redacted.endswith(" after")


def test_base64_broken_into_lines_is_found() -> None:
    text = base64.encodebytes(b"x" * 50 + PLAIN.encode() + b"y" * 50).decode()
    assert "\n" in text
    redactor = Redactor([PLAIN])
    for form in (text, text.replace("\n", "\r\n"), json.dumps(text)):
        redacted = redactor.text(form)
        assert MARK in redacted
        assert not holds(redacted.replace("\n", "").replace("\\n", "").replace("\r", ""), PLAIN)


def test_short_values_and_empty_ones_are_left_alone() -> None:
    redactor = Redactor(["", "1234567", "   short   "])
    assert redactor.text("1234567 short ") == "1234567 short "
    assert redactor.data(b"1234567") == b"1234567"


def test_a_value_of_several_lines_goes_line_by_line() -> None:
    key = "-----BEGIN KEY-----\nMIIabcdefghijkl\nmnopqrstuvwxyz0\n-----END KEY-----\n"
    redacted = Redactor([key]).text(f"one line: MIIabcdefghijkl; all: {key}")
    assert "abcdefgh" not in redacted
    assert "mnopqrst" not in redacted
    assert redacted.count("-----BEGIN KEY-----") == 1


def test_the_longer_of_two_secrets_wins() -> None:
    redactor = Redactor(["abcdefgh", "abcdefghijkl"])
    assert redactor.text("abcdefghijkl abcdefgh") == f"{MARK} {MARK}"


def test_the_mark_itself_is_no_secret() -> None:
    redactor = Redactor(["redacted", "other-secret"])
    once = redactor.text("redacted other-secret")
    assert once == f"redacted {MARK}"
    assert redactor.text(once) == once


def test_lone_surrogates_become_encodable() -> None:
    assert Redactor().text("a\udc80b") == "a\ufffdb"
    assert Redactor([PLAIN]).text(f"\ud800{PLAIN}") == f"\ufffd{MARK}"
    assert MARK in Redactor(["bad\udcffbytes"]).data(b"bad\xffbytes").decode()


def test_tree_redacts_keys_and_values_and_tames_numbers() -> None:
    tree = {PLAIN: [PLAIN, {"a": f"x{PLAIN}"}, ("t", 1, 2.5, None, True)], 7: math.nan}
    assert Redactor([PLAIN]).tree(tree) == {
        MARK: [MARK, {"a": f"x{MARK}"}, ["t", 1, 2.5, None, True]],
        "7": None,
    }


def test_record_keeps_field_names_enums_and_what_it_is_told_to() -> None:
    redactor = Redactor(["provider", "finished", "llama-swap"])
    record = {
        "provider": "llama-swap",
        "reason": "llama-swap",
        "inner": {"provider": "llama-swap"},
        "verdict": Verdict.PASSED,
    }
    assert redactor.record(record, frozenset({"provider"})) == {
        "provider": "llama-swap",
        "reason": MARK,
        "inner": {"provider": MARK},
        "verdict": "passed",
    }


def test_text_without_secrets_stays_as_it_is() -> None:
    assert Redactor([PLAIN]).text("naïve 日本 \x1b[0m") == "naïve 日本 \x1b[0m"
    assert Redactor().data(b"\x00\xff") == b"\x00\xff"


pieces = st.sampled_from(
    [
        PLAIN.encode(),
        base64.b64encode(PLAIN.encode()),
        base64.encodebytes(b"x" * 51 + PLAIN.encode() + b"yy"),
        quote(SECRET).encode(),
        SECRET.encode(),
        json.dumps(SECRET).encode(),
        PLAIN.encode()[:11],
        b"\n",
        b"\\",
    ]
)


@given(st.lists(st.one_of(pieces, st.binary(max_size=9)), max_size=12), st.data())
def test_any_chunking_gives_what_the_whole_gives(parts: list[bytes], data: st.DataObject) -> None:
    redactor = Redactor([PLAIN, SECRET, PLAIN[:9]])
    whole = b"".join(parts)
    stream = redactor.stream()
    out, rest = b"", whole
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        out += stream.feed(rest[:size])
        rest = rest[size:]
    assert out + stream.flush() == redactor.data(whole)


@given(st.binary(max_size=40), st.integers(1, 7))
def test_a_stream_without_secrets_passes_everything_on_at_once(data: bytes, size: int) -> None:
    stream = Redactor().stream()
    for start in range(0, len(data), size):
        assert stream.feed(data[start : start + size]) == data[start : start + size]
    assert stream.flush() == b""


def test_a_stream_holds_back_little() -> None:
    stream = Redactor([PLAIN]).stream()
    for _ in range(100):
        stream.feed(b"x" * 10_000)
    assert len(stream.flush()) < 1000


@given(
    st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=8, max_size=40),
    st.binary(max_size=9),
    st.binary(max_size=9),
)
def test_no_secret_survives_base64(secret: str, before: bytes, after: bytes) -> None:
    encoded = base64.b64encode(before + secret.encode() + after)
    redacted = Redactor([secret]).data(encoded)
    if secret not in MARK and not secret.startswith("-----"):
        assert MARK.encode() in redacted


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;ZXZpbA==\x07", ""),
        ("\x1bPq#0;2;0;0;0\x1b\\after", "after"),
        ("\x1b(Bplain\x1b7\x1b[?25l", "plain"),
        ("\x1b]unclosed\nsecond line", "unclosed\nsecond line"),
        ("a\x00b\x07c\x08d\x7fe\x85f", "abcdef"),
        ("10 %\r20 %\r\nend\u2028x", "10 %\n20 %\nend\nx"),
        ("tab\there", "tab\there"),
        ("\u202eright\u202c \u2066x\u2069", "right x"),
        ("naïve ✔ 日本", "naïve ✔ 日本"),
        ("\x1b", ""),
        ("\x1b[", ""),
        ("\ufeffbom\ud800", "bom"),
    ],
)
def test_clean_terminal(text: str, clean: str) -> None:
    assert clean_terminal(text) == clean


@given(st.text(st.sampled_from("\x1b\x9b\x9d\x90\x9c\x07\r\n[]0;mPa\u202e\x00")))
def test_cleaned_text_is_clean_and_stays_so(text: str) -> None:
    clean = clean_terminal(text)
    assert not set(clean) & set("\x1b\x9b\x9d\x90\x9c\x07\r\u202e\x00")
    assert clean_terminal(clean) == clean


def test_hostile_text_is_cleaned_in_linear_time() -> None:
    for unit in ("\x1b]", "\x9d", "\x1b[0;", "\x9b1", "\x1bP"):
        clean_terminal(unit * 200_000)
