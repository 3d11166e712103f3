from __future__ import annotations

import os
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from fiverounds import environment


def test_the_environment_is_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIVEROUNDS_TEST", "here")
    copy = dict(environment.environment())
    assert copy["FIVEROUNDS_TEST"] == "here"
    monkeypatch.setenv("FIVEROUNDS_TEST", "changed")
    assert copy["FIVEROUNDS_TEST"] == "here"
    assert environment.environment() is not os.environ


def test_secrets_are_the_values_that_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", "secret")
    monkeypatch.setenv("EMPTY_KEY", "")
    monkeypatch.delenv("NO_KEY", raising=False)
    assert environment.secret_values(["A_KEY", "EMPTY_KEY", "NO_KEY"]) == ("secret",)


def test_now_is_utc() -> None:
    assert environment.utc_now().tzinfo is UTC
    assert environment.utc_now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("given", "folder"),
    [("/var/my-cache", "/var/my-cache"), ("", "/home/me/.cache"), ("relative", "/home/me/.cache")],
)
def test_the_cache_is_where_the_standard_says(
    monkeypatch: pytest.MonkeyPatch, given: str, folder: str
) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("XDG_CACHE_HOME", given)
    assert environment.cache_folder() == Path(folder, "fiverounds")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert environment.cache_folder() == Path("/home/me/.cache/fiverounds")
