from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from fiverounds.report.markup import code, escape, pipe_table

PARSER = MarkdownIt("commonmark").enable("table").enable("strikethrough")
texts = st.text(st.sampled_from("ab |`*_[]()<>&#!~\\\n-+1.:/@=\t\"'{}$^é✔\x1b\r"), max_size=30)


def flat(tokens: list[Token]) -> list[Token]:
    return [one for token in tokens for one in (token, *flat(token.children or []))]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", r"a\|b"),
        ("<script>&", "&lt;script&gt;&amp;"),
        ("`x` *y* _z_ ~~w~~", r"\`x\` \*y\* \_z\_ \~\~w\~\~"),
        ("[a](b) ![c](d)", r"\[a\](b) !\[c\](d)"),
        ("two\nlines\x1b[0m", "two lines"),
        ("@octocat", "@<!-- -->octocat"),
        ("http://x www.x", "http:<!-- -->//x www<!-- -->.x"),
        ("back\\slash", r"back\\slash"),
    ],
)
def test_escape(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_long_text_is_cut_before_it_is_escaped() -> None:
    assert escape("|" * 50, longest=3) == r"\|\|…"


@given(texts)
def test_escaped_text_is_text(text: str) -> None:
    """A parser sees nothing but text (and the empty comments put in) in a table cell."""
    tokens = flat(PARSER.parse(pipe_table(["h", "x"], [[escape(text), "end"]])))
    kinds = {token.type for token in tokens}
    assert not kinds & {"link_open", "image", "code_inline", "em_open", "strong_open", "s_open"}
    assert {t.content for t in tokens if t.type in ("html_inline", "html_block")} <= {"<!-- -->"}
    assert sum(token.type == "td_open" for token in tokens) == 2
    shown = "".join(token.content for token in tokens if token.type in ("text", "text_special"))
    assert shown.startswith("hx")
    assert shown.endswith("end")


@given(texts)
def test_code_is_code(text: str) -> None:
    tokens = flat(PARSER.parse(f"mend: {code(text)}"))
    if code(text) != "``":
        (span,) = [token for token in tokens if token.type == "code_inline"]
        assert span.content.strip() == " ".join(span.content.split())
        assert not any(token.type == "html_inline" for token in tokens)


def test_tables() -> None:
    assert pipe_table(["a", "b"], []) == ""
    lines = pipe_table(["a", "b"], [["1", "2"]], right=(1,)).split("\n")
    assert lines == ["| a | b |", "|:--|--:|", "| 1 | 2 |"]
