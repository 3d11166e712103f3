"""`{round}`, `{prompt}`, `{repeat}`, `{attempt}` in the paths of recorded answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fiverounds.spec.models import ReplayProvider, RoundSpec

PLACEHOLDERS = ("round", "prompt", "repeat", "attempt")
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")


def strange(template: str) -> list[str]:
    """What stands in braces and is no placeholder; a brace without its partner, too."""
    return [match[0] for match in _BRACES.finditer(template) if match[1] not in PLACEHOLDERS]


def filled(provider: ReplayProvider, rounds: Iterable[RoundSpec]) -> list[str]:
    """Where the answers to the first attempt of the first repeat stand, each path once."""
    return list(dict.fromkeys(_filled(provider, rounds)))


def _filled(provider: ReplayProvider, rounds: Iterable[RoundSpec]) -> Iterator[str]:
    for round_spec in rounds:
        if provider.rounds is not None and round_spec.id not in provider.rounds:
            continue
        asked = round_spec.prompt
        for prompt in (asked,) if isinstance(asked, str) else asked:
            path = provider.answers.replace("{round}", round_spec.id).replace("{prompt}", prompt)
            yield path.replace("{repeat}", "1").replace("{attempt}", "1")
