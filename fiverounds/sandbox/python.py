"""How a jail gets a Python: the runner's base interpreter, and single packages, never the whole site-packages."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

from fiverounds.sandbox.base import Mount


def interpreter() -> str:
    """Path of the base interpreter (not the virtual environment's link), the same inside and outside."""
    base = Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
    return str((base if base.exists() else Path(sys.executable)).resolve())


def interpreter_mounts() -> tuple[Mount, ...]:
    """What must be mounted for `interpreter()` to start; nothing when it lives under /usr."""
    prefixes = (Path(sys.base_prefix).resolve(), Path(interpreter()).parents[1])
    return tuple(
        Mount(prefix, str(prefix))
        for prefix in dict.fromkeys(prefixes)
        if not prefix.is_relative_to("/usr")
    )


def search_path() -> str:
    """A PATH on which `python3` is `interpreter()`'s version, wherever that stands."""
    return f"{Path(interpreter()).parent}:/usr/local/bin:/usr/bin:/bin"


def package_mounts(names: Sequence[str], target: str) -> tuple[Mount, ...]:
    """Importable top-level packages or modules, mounted under the folder `target`; missing ones are left out."""
    mounts = []
    for name in names:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        mounts.append(Mount(source, f"{target}/{source.name}"))
    return tuple(mounts)
