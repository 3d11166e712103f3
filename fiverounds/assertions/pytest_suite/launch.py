"""Start a jailed pytest: its Python, our modules, a pipe for its records; take what comes back."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from fiverounds.assertions.base import Context
from fiverounds.assertions.pytest_suite.suite import Suite
from fiverounds.assertions.pytest_suite.transcript import Transcript, read
from fiverounds.errors import AssertionBroken
from fiverounds.limits import MIB
from fiverounds.sandbox import process
from fiverounds.sandbox.base import Entered, Mount
from fiverounds.sandbox.python import interpreter, interpreter_mounts, package_mounts

TESTS = "/tests"
ENVIRONMENT = (("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1"),)
_JAILED = "/runner/jailed"
_PACKAGES = "/packages"
_PYTEST = ("pytest", "_pytest", "py", "pluggy", "iniconfig", "packaging", "pygments")
_RECORD_BYTES = 16 * MIB
_LOWEST_DESCRIPTOR = 30
"""Jails use the small numbers for their own files."""
_ENTRY = """\
import importlib, os, sys
sys.path[:0] = sys.argv[2].split(os.pathsep)
importlib.import_module(sys.argv[1]).main(sys.argv[3:])
"""


@dataclass(frozen=True, slots=True)
class Launched:
    """How one pytest went."""

    transcript: Transcript
    process: process.ProcessResult

    @property
    def output(self) -> str:
        """What it printed."""
        return (self.process.stdout + self.process.stderr).decode("utf-8", "replace")


def python_mounts() -> tuple[Mount, ...]:
    """The interpreter and our jailed modules."""
    return (*interpreter_mounts(), Mount(Path(__file__).parent / "jailed", _JAILED))


def pytest_mounts() -> tuple[Mount, ...]:
    """pytest and what it needs, and nothing else of the runner's packages.

    Raises:
        AssertionBroken: one of them is not installed.
    """
    mounts = package_mounts(_PYTEST, _PACKAGES)
    if len(mounts) < len(_PYTEST):
        raise AssertionBroken(
            f"pytest needs {', '.join(_PYTEST)}; not all are installed", "pip install pytest"
        )
    return mounts


def python_command(
    jail: Entered, module: str, paths: Sequence[str], arguments: Sequence[str] = ()
) -> list[str]:
    """The command that runs `main` of one of our jailed modules. No site-packages, no environment, no bytecode."""
    places = (os.path.dirname(jail.inside(_JAILED)), *paths)
    return [
        interpreter(),
        "-I",
        "-S",
        "-B",
        "-X",
        "utf8",
        "-c",
        _ENTRY,
        f"jailed.{module}",
        os.pathsep.join(places),
        *arguments,
    ]


def import_paths(jail: Entered, suite: Suite) -> list[str]:
    """Where a jailed pytest finds itself and the suite's helper modules."""
    packages = {os.path.dirname(jail.inside(mount.target)) for mount in pytest_mounts()}
    helpers = dict.fromkeys(os.path.dirname(f"{jail.inside(TESTS)}/{file}") for file in suite.files)
    return [*sorted(packages), *helpers]


def told_to_pytest(
    jail: Entered, files: Sequence[str], folder: Path, seconds: float
) -> dict[str, Any]:
    """What both kinds of jailed pytest must know."""
    root = jail.inside(TESTS)
    return {
        "root": root,
        "files": [f"{root}/{file}" for file in files],
        "conftest": any(folder.rglob("conftest.py")),
        "seconds": seconds,
    }


async def launch(
    context: Context, jail: Entered, module: str, paths: Sequence[str], told: Mapping[str, Any]
) -> Launched:
    """Run to the end or to the assertion's deadline."""
    key = secrets.token_hex(16)
    reading, writing = _pipe()
    records = _Records()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: records, reading)
    try:
        ended = await process.run(
            jail.argv(python_command(jail, module, paths)),
            deadline=context.deadline,
            output_bytes=context.limits.output_bytes,
            stdin=json.dumps({**told, "key": key, "descriptor": writing.fileno()}).encode("ascii"),
            pass_fds=(writing.fileno(),),
        )
        writing.close()
        # Somebody outside our group may hold the pipe open; do not wait for them.
        await asyncio.wait([records.end], timeout=1)
    finally:
        writing.close()
        transport.close()
    return Launched(read(bytes(records.kept), key), ended)


def _pipe() -> tuple[IO[bytes], IO[bytes]]:
    reading, low = os.pipe()
    writing = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, _LOWEST_DESCRIPTOR)
    os.close(low)
    return os.fdopen(reading, "rb", buffering=0), os.fdopen(writing, "wb", buffering=0)


class _Records(asyncio.Protocol):
    """Keeps what comes, up to a limit, and knows when no more will."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.end = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self.kept += data[: max(0, _RECORD_BYTES - len(self.kept))]

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.end.done():
            self.end.set_result(None)
