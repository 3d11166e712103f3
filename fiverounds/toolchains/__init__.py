"""Compilers for subjects' code: where they are, what a jail must see, and a trusted build cache made once."""

from __future__ import annotations

from fiverounds.toolchains.base import Toolchain


def create(name: str) -> Toolchain:
    """The toolchain of that name (the schema knows no other)."""
    from fiverounds.toolchains.go import GoToolchain

    return {"go": GoToolchain}[name]()
