from __future__ import annotations

from pathlib import Path

import pytest

from tests.spec.helpers import GOOD, problems_in

KEY = "ghp_0123456789abcdefghijABCDEFGHIJ0123"


@pytest.mark.parametrize(
    "entry",
    [
        f"{{id: a, kind: agent, command: [x, '--key={KEY}']}}",
        f"{{id: a, kind: agent, command: [x], system: 'use {KEY} please'}}",
        f"{{id: a, kind: agent, command: [x], pass_env: [{KEY}]}}",
        f"{{id: a, kind: chat, base_url: 'http://x?key={KEY}', model: m}}",
        f"{{id: a, use: providers/chat.yaml, model: {KEY}}}",
        f"{{id: {KEY}, kind: agent, command: [x]}}",
    ],
)
def test_a_key_is_one_problem_and_not_shown(folder: Path, entry: str) -> None:
    (problem,) = problems_in(folder, GOOD.replace("prompts:", f"  - {entry}\nprompts:", 1))
    assert "0123456789" not in problem
