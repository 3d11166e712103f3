from __future__ import annotations

import builtins
import json

import _pytest.python
import pytest

from fiverounds.assertions.pytest_suite.jailed.fingerprint import differences, take


def test_nothing_changed() -> None:
    assert differences(take(), take()) == []


@pytest.mark.parametrize("how", ["replaced", "code", "deleted", "builtin", "native", "defaults"])
def test_what_changed_is_named(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    before = take()
    function = _pytest.python.Function
    expected = ["_pytest.python.Function.runtest"]
    if how == "replaced":
        monkeypatch.setattr(function, "runtest", lambda self: None)
    elif how == "code":
        monkeypatch.setattr(function.runtest, "__code__", (lambda self: None).__code__)
    elif how == "deleted":
        monkeypatch.delattr(function, "runtest")
    elif how == "defaults":
        monkeypatch.setattr(function.runtest, "__defaults__", (1,))
    elif how == "builtin":
        monkeypatch.setattr(builtins, "hash", lambda _: 0)
        expected = ["builtins.hash"]
    else:
        monkeypatch.setattr(json, "dumps", lambda _: "")
        expected = ["json.dumps"]
    changed = differences(before, take())
    monkeypatch.undo()
    assert changed == expected
