from __future__ import annotations

from typing import get_args

import pytest
from pydantic import ValidationError

from fiverounds.frozen import Frozen
from fiverounds.spec import assertion_models, models, provider_models
from fiverounds.spec.models import BenchFile, ChatProvider, LimitsSpec, UseProvider
from fiverounds.spec.provider_models import ProviderSpec


def test_every_model_can_be_imported_from_one_place() -> None:
    for module in (assertion_models, provider_models, models):
        names = {
            name
            for name, value in vars(module).items()
            if isinstance(value, type) and issubclass(value, Frozen)
        }
        assert names - {"Frozen"} <= set(models.__all__)


def test_an_entry_that_uses_a_file_may_give_every_key_of_every_kind() -> None:
    kinds = get_args(get_args(ProviderSpec)[0])
    keys = {key for kind in kinds for key in kind.model_fields} - {"kind"}
    assert set(UseProvider.model_fields) == keys | {"use"}


def test_models_are_closed_frozen_and_silent() -> None:
    with pytest.raises(ValidationError) as caught:
        ChatProvider.model_validate_json(
            '{"id": "a", "kind": "chat", "base_url": "http://x", "model": "m", "api_key_env": "sk-canary"}'
        )
    assert "canary" not in str(caught.value)
    with pytest.raises(ValidationError):
        LimitsSpec.model_validate_json('{"atempt": "1s"}')
    with pytest.raises(ValidationError):
        LimitsSpec().attempt = "1s"  # type: ignore[misc]


def test_extension_keys_on_top_only() -> None:
    text = (
        '{"fiverounds": 1, "name": "n", "x-a": [1], "prompts": {"p": {"text": "t"}},'
        ' "providers": [{"id": "a", "kind": "replay", "answers": "x"}],'
        ' "rounds": [{"id": "r", "prompt": "p", "output": {"files": true}, "assert": [{"type": "fps"}]}]}'
    )
    assert BenchFile.model_validate_json(text).rounds[0].id == "r"
    with pytest.raises(ValidationError):
        BenchFile.model_validate_json(text.replace('"x-a"', '"y-a"'))
