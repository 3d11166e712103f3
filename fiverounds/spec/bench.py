"""A loaded bench: files followed, names checked, paths resolved. What the plan is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fiverounds.spec.models import DefaultsSpec, GateSpec, MatrixSpec, ProviderSpec, RoundSpec


@dataclass(frozen=True, slots=True)
class Bench:
    """One `bench.yaml` and the files it names. Every path inside is relative to `root` (POSIX form)."""

    file: Path
    root: Path
    name: str
    description: str
    defaults: DefaultsSpec
    gate: GateSpec | None
    matrix: MatrixSpec
    providers: tuple[ProviderSpec, ...]
    prompts: Mapping[str, str]
    """Prompt id → template text."""
    rounds: tuple[RoundSpec, ...]
    digest: str
    """SHA-256 (hex) over bench.yaml, its provider files, prompts and evaluation files."""
