from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from fiverounds.report.markdown import render
from fiverounds.store.header import Fact
from fiverounds.store.reader import read_run
from tests.golden.sample import FAILED, PASSED, SKIPPED, STORED, attempt, checks, trial
from tests.report.support import log_of
from tests.report.test_markup import flat

PARSER = MarkdownIt("commonmark").enable("table")


def test_headings_are_ours() -> None:
    tokens = PARSER.parse(render(read_run(STORED)))
    headings = [
        tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"
    ]
    assert headings == [
        "five-rounds: 20261123-150405-five-rounds",
        "Details",
        "Totals",
        "Attempts",
        "Not passed, and why",
        "Skipped",
        "Tampering seen",
        "How verdicts are protected",
        "Providers",
        "Tests and evidence",
        "About this log",
    ]


def test_html_and_links_are_ours() -> None:
    tokens = flat(PARSER.parse(render(read_run(STORED))))
    blocks = {token.content.strip() for token in tokens if token.type == "html_block"}
    assert all(block.startswith(("<details>", "</details>")) for block in blocks)
    assert {token.content for token in tokens if token.type == "html_inline"} == {"<!-- -->"}
    targets = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    targets += [str(token.attrs["src"]) for token in tokens if token.type == "image"]
    assert targets
    assert all(target.startswith("trials/") for target in targets)


@pytest.mark.parametrize(
    "hostile", ["a | b\n\n# Title\n", "<img src=x onerror=y>", "</details>", "```", "[x](y)"]
)
def test_hostile_text_changes_no_structure(hostile: str) -> None:
    def made(text: str) -> list[str]:
        judged = checks(text, FAILED, 0.5, text).model_copy(
            update={"proof": text, "tampered": (text,)}
        )
        facts = (
            Fact(about="provider:a", name="n", value=text),
            Fact(about="provider:a", name="mend", value=text),
            Fact(about="host", name="n", value=text),
        )
        results = (
            trial("a", "r3-lisp", FAILED, attempt(FAILED, judged), reason=text),
            trial("a", "r5-debug", SKIPPED, reason=text),
        )
        tokens = PARSER.parse(render(log_of(*results, facts=facts, notes=(text,))))
        return [token.type for token in tokens]

    assert made(hostile) == made("harmless")


def test_it_says_what_text_says() -> None:
    markdown = render(read_run(STORED))
    for told in (
        "**gate held: 5 of 5 trials passed; it asks for 100 %** (exit code 0, run finished)",
        "✘ 58.9 of 60 FPS",
        "tampered: tests/test\\_tail.py, conftest.py",
        "in-process, guarded",
        "leaves out 2 trials that ended in error",
        "`npm install -g @anthropic-ai/claude-code`",
        "≥ 1,024",
    ):
        assert told in markdown


def test_an_empty_run() -> None:
    assert "exit code 5" in render(log_of())
    assert "## Totals" not in render(log_of())
    assert "## Skipped" not in render(log_of(trial("a", "r3-lisp", PASSED)))
