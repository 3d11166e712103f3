"""Name in the spec → sandbox. Never weaker than asked."""

from __future__ import annotations

from fiverounds.errors import SetupError
from fiverounds.sandbox.bubblewrap import Bubblewrap, problem
from fiverounds.sandbox.unconfined import Unconfined


def choose(name: str) -> Bubblewrap | Unconfined:
    """`auto` and `bubblewrap` both mean bubblewrap; `none` must be asked for by name.

    Raises:
        SetupError: bubblewrap is missing or not permitted.
    """
    if name == "none":
        return Unconfined()
    trouble = problem()
    if trouble is not None:
        raise SetupError(f"no sandbox: {trouble.message}", trouble.hint)
    return Bubblewrap()
