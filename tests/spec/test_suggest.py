from __future__ import annotations

from fiverounds.spec.suggest import closest, hint, listed


def test_closest() -> None:
    assert closest("asserts", ["assert", "after"]) == "assert"
    assert closest("ASSERT", ["assert", "after"]) == "assert"
    assert closest("reference", ["ref", "flawed"]) == "ref"
    assert closest("x", ["assert", "after"]) is None
    assert closest("a" * 100_000, ["assert"]) is None


def test_hint() -> None:
    assert hint("asserts", ["assert"]) == "did you mean `assert`?"
    assert hint("x", ["assert", "after"]) == "known: `assert` and `after`"
    assert hint("x", []) is None


def test_listed() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "`a`"
    assert listed(["a", "b", "c"]) == "`a`, `b` or `c`"
    assert listed(map(str, range(20))).endswith("`11` and 8 more")
    assert "\x1b" not in listed(["\x1b[31m", "b"])
