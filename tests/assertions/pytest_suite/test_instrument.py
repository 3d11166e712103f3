from __future__ import annotations

from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest

from fiverounds.assertions.pytest_suite import instrument as module
from fiverounds.assertions.pytest_suite.instrument import Instrumented, instrument
from fiverounds.assertions.pytest_suite.jailed.guarded import control
from fiverounds.errors import AssertionBroken


def executed(source: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Instrumented, Any, list[str]]:
    """The rewritten module, run, and the list its checkpoints write to."""
    said: list[str] = []
    rewritten = instrument(dedent(source), "test_x.py")
    guarded = SimpleNamespace(checkpoint=said.append, control=control)
    monkeypatch.setitem(__import__("sys").modules, "jailed", SimpleNamespace(guarded=guarded))
    monkeypatch.setitem(__import__("sys").modules, "jailed.guarded", guarded)
    namespace: dict[str, Any] = {"__name__": "test_x"}
    exec(compile(rewritten.text, "test_x.py", "exec"), namespace)
    return rewritten, SimpleNamespace(**namespace), said


def test_a_test_says_that_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    rewritten, tests, said = executed(
        '''
        """Docstring."""
        from __future__ import annotations
        def test_plain(value=1):
            assert value == 1
        def test_returns(early=True):
            if early:
                return
            for _ in range(2):
                try:
                    def inner(): return 1
                finally:
                    return inner()
        class TestX:
            def test_method(self):
                with open("/dev/null"):
                    pass
        ''',
        monkeypatch,
    )
    tests.test_plain()
    assert set(said) == rewritten.tokens["test_plain"]
    with pytest.raises(AssertionError):
        tests.test_plain(2)
    assert len(said) == 1
    tests.test_returns()
    tests.test_returns(early=False)
    tests.TestX().test_method()
    assert set(said[1:3]) == rewritten.tokens["test_returns"]
    assert set(said[3:]) == rewritten.tokens["test_method"]
    assert rewritten.text.startswith('"""Docstring."""\nfrom __future__')


def copies(rewritten: Instrumented, tests: Any, original: str | None) -> list[Any]:
    return [
        getattr(tests, name) for name, copied in rewritten.controls.items() if copied == original
    ]


def test_control_copies_fail_with_honest_values_only(monkeypatch: pytest.MonkeyPatch) -> None:
    rewritten, tests, said = executed(
        """
        value = 3
        def test_left():
            assert value == 3
        def test_right():
            assert 3 == value, "message"
        """,
        monkeypatch,
    )

    class Anything(int):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]

    for original in ("test_left", "test_right"):
        (copy,) = copies(rewritten, tests, original)
        with pytest.raises(AssertionError):
            copy()
        monkeypatch.setitem(copy.__globals__, "value", Anything())
        copy()
        monkeypatch.setitem(copy.__globals__, "value", 3)
    assert len(said) == 2
    assert not set(said) & {token for each in rewritten.tokens.values() for token in each}
    (never,) = copies(rewritten, tests, None)
    with pytest.raises(AssertionError):
        never()


@pytest.mark.parametrize(
    "body",
    [
        "assert f() is None",
        "assert f() == 1 or True",
        "assert not (f() == 1)",
        "assert 1 <= f() == 2",
        "if f():\n        assert f() == 1",
        "with raises(AssertionError):\n        assert f() == 1",
        "assert f() == 1\n    return",
        "assert call == ANY",
        "assert call == mock.ANY",
        "yield\n    assert f() == 1",
    ],
)
def test_no_control_copy_where_honest_code_could_pass_it(body: str) -> None:
    rewritten = instrument(f"def test_a():\n    {body}\n", "test_x.py")
    assert list(rewritten.controls.values()) == [None]


@pytest.mark.parametrize(
    ("source", "copied"),
    [
        ("@pytest.mark.parametrize('x', [1])\ndef test_a(x):\n    assert x == 1", True),
        ("@retry\ndef test_a():\n    assert x == 1", False),
        ("async def test_a():\n    assert x == 1", False),
        ("class Mixin:\n    def test_a(self):\n        assert x == 1", False),
    ],
)
def test_where_the_source_does_not_show_enough(source: str, copied: bool) -> None:
    assert ("test_a" in (instrument(source, "test_x.py").controls.values())) is copied


def test_names_differ_each_time() -> None:
    first, second = (instrument("def test_a():\n    assert x == 1\n", "t.py") for _ in range(2))
    assert not first.controls.keys() & second.controls.keys()
    assert first.tokens["test_a"] != second.tokens["test_a"]


def test_a_file_that_is_not_python() -> None:
    with pytest.raises(AssertionBroken, match=r"test_x\.py:1"):
        module.instrument("def", "test_x.py")


@pytest.mark.parametrize("value", [1, 2.5, "x", b"x", [1], (1,), {1}, {1: 2}, True, None, object()])
def test_control_holds_for_no_honest_pair(value: object) -> None:
    assert control(value, value) is False
