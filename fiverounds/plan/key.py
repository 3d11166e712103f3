"""The content key of a trial: equal keys mean that nothing which can change the outcome has changed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable

from fiverounds.limits import Limits
from fiverounds.spec.models import Feedback, GgufProvider, ReplayProvider, RoundSpec, UntilPass
from fiverounds.spec.models import ProviderSpec as Provider
from fiverounds.spec.named_files import round_files

Digest = Callable[[str], str]
"""Path relative to the bench's root (a file or a folder) → digest of its content, missing or not."""

_FORMAT = 1
_NAMES_ONLY = {"id", "label", "optional", "mend", "rounds", "tags", "title", "repeats"}
_RESOLVED = {"prompt", "limits", "sandbox", "after"}
"""Of a round: what a trial holds merged or chosen. One more prompt in the list does not change the others' trials."""


def answers_paths(
    provider: ReplayProvider, round_spec: RoundSpec, prompt: str, repeat: int
) -> tuple[str, ...]:
    """Where a replay's answers stand, to the first attempt and to all that may follow."""
    match round_spec.iterate:
        case Feedback(rounds=further):
            attempts = 1 + further
        case UntilPass(max_attempts=attempts):
            pass
        case _:
            attempts = 1
    paths = []
    for attempt in range(1, attempts + 1):
        path = provider.answers
        names = {"round": round_spec.id, "prompt": prompt, "repeat": repeat, "attempt": attempt}
        for name, value in names.items():
            path = path.replace("{" + name + "}", str(value))
        paths.append(path)
    return tuple(dict.fromkeys(paths))


def trial_key(
    *,
    provider: Provider,
    round_spec: RoundSpec,
    templates: tuple[str, str],
    prompt: str,
    repeat: int,
    limits: Limits,
    sandbox: str,
    after_key: str,
    digest: Digest,
) -> str:
    """SHA-256 (hex) over the resolved trial and the content of every file it depends on.

    `prompt` is the name that the provider is told: part of a trial's id, not always an id of the bench.
    """
    paths = list(round_files(round_spec))
    if isinstance(provider, ReplayProvider):
        paths += answers_paths(provider, round_spec, prompt, repeat)
    if isinstance(provider, GgufProvider) and provider.file:
        paths.append(provider.file)
    ids = {"provider": provider.id, "round": round_spec.id}
    resolved = {
        "format": _FORMAT,
        "provider": provider.model_dump(mode="json", exclude=_NAMES_ONLY),
        "round": round_spec.model_dump(mode="json", exclude=_NAMES_ONLY | _RESOLVED),
        "templates": templates,
        "ids": {name: value for name, value in ids.items() if _may_show(templates, name)},
        "repeat": repeat,
        "limits": [getattr(limits, name) for name in Limits.__slots__],
        "sandbox": sandbox,
        "after": after_key,
        "files": {path: digest(path) for path in paths},
    }
    return hashlib.sha256(json.dumps(resolved, sort_keys=True).encode()).hexdigest()


def _may_show(templates: tuple[str, str], name: str) -> bool:
    """Whether a prompt may contain the id of that name: a template can ask for it."""
    return any("{" in text and re.search(rf"\b{name}\b", text) for text in templates)
