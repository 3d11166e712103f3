from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from fiverounds.spec.provider_models import AgentProvider, ProviderEntry, UseProvider

ENTRY: TypeAdapter[object] = TypeAdapter(ProviderEntry)


def test_kind_or_use_says_which() -> None:
    agent = ENTRY.validate_json('{"id": "a", "kind": "agent", "command": ["x"]}')
    assert isinstance(agent, AgentProvider)
    assert isinstance(ENTRY.validate_json('{"id": "a", "use": "x.yaml"}'), UseProvider)


@pytest.mark.parametrize(
    "text",
    [
        '{"id": "a"}',
        '{"id": "a", "use": "x.yaml", "kind": "chat"}',
        '{"id": "a", "kind": "agent", "command": []}',
        '{"id": "a", "kind": "agent", "command": "x"}',
        '{"id": "a", "kind": "gguf", "threads": 0}',
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ENTRY.validate_json(text)
