"""Who can be asked: the written-out registry of provider kinds.

A kind is one module here, one line below, one test file and one page under docs/providers/. Modules
are imported when a bench uses them: replaying answers needs neither httpx nor llama.cpp.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from fiverounds.providers.base import Provider
from fiverounds.spec.models import ProviderSpec

KINDS = {
    "agent": "fiverounds.providers.agent:Agent",
    "chat": "fiverounds.providers.chat:Chat",
    "gguf": "fiverounds.providers.gguf:Gguf",
    "replay": "fiverounds.providers.replay:Replay",
}


def create(spec: ProviderSpec, *, bench_root: Path, environment: Mapping[str, str]) -> Provider:
    """The provider of a spec. Starts nothing and asks nobody.

    Args:
        bench_root: what the paths in the spec are relative to.
        environment: where keys and programs are looked up by name.
    """
    module, _, name = KINDS[spec.kind].partition(":")
    kind = getattr(importlib.import_module(module), name)
    return cast("Provider", kind(spec, bench_root=bench_root, environment=environment))
