from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest

from fiverounds.spec.nodes import Source, plain
from fiverounds.spec.yaml_source import parse_yaml, read_yaml


def said(text: str) -> list[str]:
    return [str(problem) for problem in parse_yaml(text, "f.yaml", "a bench").problems]


def test_a_tree_and_its_places() -> None:
    document = parse_yaml("a: 1\nb:\n  - x\n  - {c: yes,\n     d: [2]}\n", "f.yaml", "a bench")
    assert document.root is not None
    assert plain(document.root) == {"a": 1, "b": ["x", {"c": "yes", "d": [2]}]}
    source = Source(document.root)
    assert source.value_mark(("b", 1, "d", 0)) == ("f.yaml", 5, 10)
    assert source.key_mark(("b", 1, "d")) == ("f.yaml", 5, 6)
    assert source.value_mark(("b", 0)) == ("f.yaml", 3, 5)


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# only this\n", "---\n", "---\n...\n", "~\n", "\ufeff"]
)
def test_nothing(text: str) -> None:
    assert said(text) == ["f.yaml:1:1: is empty: a bench is a mapping of keys (`name: value`)"]


def test_a_value_that_is_not_there_stands_at_its_key() -> None:
    document = parse_yaml("a:\nb: 1\n", "f.yaml", "a bench")
    assert document.root is not None
    assert Source(document.root).value_mark(("a",)) == ("f.yaml", 1, 1)


def test_merge_keys() -> None:
    document = parse_yaml(
        "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], z: 3}\n", "f", "a bench"
    )
    assert document.root is not None
    assert plain(document.root)["c"] == {"x": 1, "y": 1, "z": 3}  # type: ignore[index,call-overload]
    assert Source(document.root).value_mark(("c", "y")) == ("f", 1, 17)
    assert said('a: {"<<": 1}') == []


def test_all_problems_of_the_tree_at_once() -> None:
    assert said("a: !x 1\na: 2\nb: *c\nd: .nan\n") == [
        "f.yaml:1:4: the tag `!x` is not allowed",
        "f.yaml:2:1: the key `a` is here twice; first on line 1",
        "f.yaml:3:4: no anchor above this line is called `c`",
        "f.yaml:4:4: infinity and NaN are not numbers a spec can use; put a text in quotes",
    ]


def test_a_flood_of_problems_ends() -> None:
    assert len(said("a: 1\n" * 5000)) == 100


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: b\n\tc: d\n", "f.yaml:2:1: a tab cannot stand here"),
        ("a: 'b\n", "f.yaml:1:4: this quote is not closed"),
        ("a: [b\nc: d\n", "f.yaml:1:4: this `[` is not closed"),
        ("a: {b: c\n", "f.yaml:1:4: this `{` is not closed"),
        ("a: b: c\n", "f.yaml:1:5: `:` is not allowed here"),
        ("a: `b`\n", "f.yaml:1:4: a text cannot start like this"),
        ("a\nb: c\n", "f.yaml:2:2: `:` is not allowed here"),
        ("a: 1\nb\n", "f.yaml:3:1: this line is no `key: value`"),
        ('a: "\\U00110000"\n', "f.yaml:1:1: is not valid YAML"),
        ("a: \x1b[31m\n", "f.yaml:1:4: the control character U+001B is not allowed in YAML"),
        ("a: !b!c d\n", "f.yaml:1:4: a tag is not allowed here"),
        ("? a\n: b\n? [c]\n: d\n", "f.yaml:3:3: a key must be text"),
        ("*a : b\n", "f.yaml:1:1: no anchor above this line is called `a`"),
        ("a: |\n  b\n c\n", "f.yaml:3:2: this line does not fit the indentation above it"),
        ("a: b\n...\nc: d\n", "f.yaml:3:1: a second document starts here"),
    ],
)
def test_syntax(text: str, problem: str) -> None:
    assert said(text)[0].startswith(problem)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a: caf\xe9\n", "f.yaml:1:7: byte 0xE9 is not UTF-8"),
        (b"\xc3\xa9: 1\nb: \xc3\xa9\xff\n", "f.yaml:2:5: byte 0xFF is not UTF-8"),
        ("a: 1\n".encode("utf-16"), "f.yaml:1:1: is UTF-16, not UTF-8"),
        ("a: 1\n".encode("utf-16-be"), "f.yaml:1:1: holds a NUL byte"),
        (b"a: 1\nb\0", "f.yaml:2:2: holds a NUL byte"),
        (b"", "f.yaml:1:1: is empty"),
    ],
)
def test_bytes_that_are_no_text(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(content)
    assert str(read_yaml(path, "f.yaml", "a bench").problems[0]).startswith(problem)


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 300_000,
        "a: " + "[a, " * 100_000,
        "a: " + "{a: " * 100_000,
        "- " * 100_000,
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdefghi")),
        "k0: &k0 {x: 1}\n" + "".join(f"k{i}: &k{i} {{<<: *k0, z: *k{i - 1}}}\n" for i in range(1, 80)),
        "a: " + "9" * 200_000,
        "a: !" + "b" * 200_000 + " c",
    ],
    ids=["brackets", "pairs", "braces", "dashes", "billion-laughs", "deep-by-alias", "digits", "tag"],
)  # fmt: skip
def test_hostile_texts_are_refused_quickly(text: str) -> None:
    started = time.process_time()
    problems = said(text)
    assert problems
    assert all(len(problem) < 300 for problem in problems)
    assert time.process_time() - started < 1


def test_aliases_are_not_copied() -> None:
    document = parse_yaml("a: &a [1, 2]\nb: *a\n", "f", "a bench")
    assert document.root is not None
    assert document.root.child("a") is document.root.child("b")
    assert document.root.size == 7
