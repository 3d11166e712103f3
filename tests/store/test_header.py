from __future__ import annotations

import pytest
from pydantic import ValidationError

from fiverounds.store.header import FORMAT_VERSION, Fact, Gate, RunFooter, RunHeader, RunStatus
from tests.golden.sample import header


def test_the_header_comes_back_from_json_as_it_was() -> None:
    assert RunHeader.model_validate_json(header().model_dump_json()) == header()
    assert header().format_version == FORMAT_VERSION


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError):
        RunFooter.model_validate_json('{"status": "finished", "finished_at": "", "more": 1}')


def test_a_pass_rate_is_a_share() -> None:
    with pytest.raises(ValidationError):
        Gate(pass_rate=1.01)


@pytest.mark.parametrize("value", ["text", 1, 1.5, True, None])
def test_facts_keep_their_type(value: str | float | bool | None) -> None:
    again = Fact.model_validate_json(Fact(about="host", name="n", value=value).model_dump_json())
    assert again.value == value
    assert type(again.value) is type(value)


def test_statuses() -> None:
    assert [status.value for status in RunStatus] == ["started", "finished", "interrupted"]
