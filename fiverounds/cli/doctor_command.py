"""`fiverounds doctor`: what this machine has, what it lacks, and the command that mends it."""

from __future__ import annotations

import argparse
import asyncio
import importlib.metadata
import importlib.util
import json
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from tabulate import tabulate

from fiverounds.environment import environment
from fiverounds.errors import ExitCode
from fiverounds.sandbox import bubblewrap, cgroup, process
from fiverounds.sandbox.choose import choose
from fiverounds.toolchains import create as create_toolchain


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `mend` is empty when all is well."""

    name: str
    needed_for: str
    found: str
    mend: str
    required: bool


def main(arguments: argparse.Namespace) -> int:
    """Look, print; 0 when nothing required is missing, else 4."""
    wanted = _wanted(arguments.bench)
    findings = [
        look(required)
        for name, (look, required) in _looks(wanted).items()
        if wanted is None or name in wanted
    ]
    if arguments.prepare:
        _prepare(findings)
    if arguments.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        rows = [
            (
                "ok" if not finding.mend else "missing",
                finding.name,
                finding.found,
                finding.needed_for,
            )
            for finding in findings
        ]
        print(tabulate(rows, headers=("", "what", "found", "needed for"), tablefmt="simple"))
        for finding in findings:
            if finding.mend:
                print(f"\n{finding.name}: to mend it:\n  {finding.mend}")
    return (
        ExitCode.USAGE
        if any(finding.mend and finding.required for finding in findings)
        else ExitCode.OK
    )


def _wanted(bench: str | None) -> set[str] | None:
    """Names of what a bench needs; None for everything there is."""
    if bench is None:
        return None
    from fiverounds.spec.load import load

    loaded = load(Path(bench), environment())
    names = {"python", "bubblewrap", "memory limit"}
    for round_spec in loaded.rounds:
        types = {assertion.type for assertion in round_spec.assertions}
        if types & {"fps", "script"}:
            names.add("chromium")
        names |= set(round_spec.toolchain)
    if any(provider.kind == "gguf" for provider in loaded.providers):
        names.add("gguf")
    return names


def _looks(wanted: set[str] | None) -> dict[str, tuple[Callable[[bool], Finding], bool]]:
    asked = wanted is not None
    return {
        "python": (_python, True),
        "bubblewrap": (_bubblewrap, True),
        "memory limit": (_memory, False),
        "chromium": (_chromium, asked),
        "go": (_go, asked),
        "gguf": (_gguf, False),
    }


def _python(required: bool) -> Finding:
    return Finding("python", "everything", platform.python_version(), "", required)


def _bubblewrap(required: bool) -> Finding:
    trouble = bubblewrap.problem()
    if trouble is not None:
        return Finding("bubblewrap", "the sandbox", trouble.message, trouble.hint or "", required)
    return Finding(
        "bubblewrap",
        "the sandbox",
        process.capture(["bwrap", "--version"])[1].strip(),
        "",
        required,
    )


def _memory(required: bool) -> Finding:
    place = cgroup.hierarchy()
    found = (
        f"control groups in {place.folder}"
        if place
        else "per process only (no control group may be made here)"
    )
    return Finding("memory limit", "the sandbox", found, "", required)


def _chromium(required: bool) -> Finding:
    path = Path("/usr/lib/chromium/chromium")
    needed = "fps, script"
    if not path.exists():
        return Finding(
            "chromium", needed, "not installed", "sudo apt-get install chromium", required
        )
    if importlib.util.find_spec("playwright") is None:
        return Finding(
            "chromium",
            needed,
            "Playwright is missing",
            "pip install 'fiverounds[browser]'",
            required,
        )
    version = process.capture([str(path), "--version", "--no-sandbox"])[1].strip().splitlines()
    return Finding("chromium", needed, version[-1] if version else str(path), "", required)


def _go(required: bool) -> Finding:
    from fiverounds.toolchains.go import GoToolchain

    go = GoToolchain()
    missing = go.missing()
    found = (
        f"go {go.version}, modules: {', '.join(go.modules) or 'none'}"
        if go.root
        else "not installed"
    )
    return Finding("go", "rounds with toolchain: [go]", found, missing, required)


def _gguf(required: bool) -> Finding:
    if importlib.util.find_spec("xllamacpp") is None:
        return Finding(
            "gguf", "gguf providers", "not installed", "pip install 'fiverounds[gguf]'", required
        )
    return Finding(
        "gguf",
        "gguf providers",
        f"xllamacpp {importlib.metadata.version('xllamacpp')}",
        "",
        required,
    )


def _prepare(findings: list[Finding]) -> None:
    """Fill the build caches of the toolchains found complete."""
    for finding in findings:
        if finding.name == "go" and not finding.mend:
            sandbox = choose("auto")
            try:
                asyncio.run(create_toolchain("go").prepare(sandbox))
            finally:
                sandbox.close()
