from __future__ import annotations

from fiverounds.spec.nodes import Entry, Mark, Node, Source, mapping, path_text, plain, sequence

HERE = Mark("f", 1, 1)
THERE = Mark("f", 2, 3)


def test_paths_in_words() -> None:
    assert path_text(()) == ""
    assert path_text(("rounds", 2, "assert", 0, "suite")) == "rounds[2].assert[0].suite"
    assert path_text(("prompts", "a b")) == "prompts[…]"
    assert path_text((0, "a")) == "[0].a"


def test_places() -> None:
    leaf = Node(THERE, "x")
    root = mapping(HERE, {"a": Entry(Mark("f", 2, 1), sequence(THERE, (leaf,)))})
    source = Source(root)
    assert source.node(("a", 0)) is leaf
    assert source.node(("a", 1)) is None
    assert source.node(("a", "b")) is None
    assert source.value_mark(("a", 5, "b")) == THERE
    assert source.key_mark(("a",)) == ("f", 2, 1)
    assert source.key_mark(("b",)) == HERE
    assert source.key_mark(()) == HERE
    assert (root.size, root.height) == (3, 3)
    assert plain(root) == {"a": ["x"]}


def test_what_lies_in_a_broken_value_is_broken() -> None:
    inner = sequence(THERE, (Node(THERE, 1),))
    broken = Node(THERE, inner.value, broken=True)
    source = Source(mapping(HERE, {"a": Entry(HERE, broken), "b": Entry(HERE, inner)}))
    assert source.is_broken(("a",))
    assert source.is_broken(("a", 0, "x"))
    assert not source.is_broken(("b", 0))
    assert not source.is_broken(())
