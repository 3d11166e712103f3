"""Which program an agent's command starts, and which folders a jail must show for it to run.

Programs under /usr are visible in every jail. Others (npm prefixes, virtual environments, ~/.local)
need their own installation shown, read-only and at the same place, but never a home folder or the
bench with its hidden tests.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fiverounds.errors import ProviderError
from fiverounds.sandbox.base import WORK, Mount

DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"
_SYSTEM = tuple(Path(path) for path in ("/usr", "/bin", "/sbin", "/lib", "/lib64"))
_SHARED = frozenset(
    Path(path) for path in ("/", "/opt", "/home", "/root", "/tmp", "/var", "/etc", "/srv", "/mnt")
)
_DEEPEST_SHEBANG = 3


@dataclass(frozen=True, slots=True)
class Tool:
    """A program found on this machine."""

    argv: tuple[str, ...]
    """The command with the program as an absolute path."""
    mounts: tuple[Mount, ...]
    search_path: str
    """PATH for inside: where the program and its interpreters lie, then the system's."""


def program_of(command: Sequence[str]) -> int:
    """Position of the program: `env NAME=value … program` is the way to set fixed variables."""
    if Path(command[0]).name != "env":
        return 0
    for position, word in enumerate(command[1:], start=1):
        if "=" not in word:
            return position
    return 0


def locate(program: str, bench_root: Path, environment: Mapping[str, str]) -> Path | None:
    """The executable file: by PATH, or relative to the bench if its name has a slash."""
    if "/" in program:
        program = str(bench_root.resolve() / program)
    found = shutil.which(program, path=environment.get("PATH", DEFAULT_PATH))
    return Path(found).absolute() if found else None


def prepare(
    command: Sequence[str], bench_root: Path, environment: Mapping[str, str]
) -> Tool | None:
    """Everything needed to start a command in a jail; None when its program is not installed.

    Raises:
        ProviderError: the program lies where a jail cannot show it.
    """
    position = program_of(command)
    executable = locate(command[position], bench_root, environment)
    if executable is None:
        return None
    files = _chain(executable, bench_root, environment)
    closed = _closed(bench_root, environment)
    roots: list[Path] = []
    for root in sorted({_root(file, closed) for file in files}):
        if any(root.is_relative_to(known) for known in (*_SYSTEM, *roots)):
            continue
        if root.is_relative_to(WORK):
            raise ProviderError(
                f"{root} cannot be shown to the agent: its workspace stands at {WORK} there",
                "install the agent somewhere else",
            )
        roots.append(root)
    folders = [str(file.parent) for file in files if not _is_system(file)]
    argv = [*command[:position], str(executable), *command[position + 1 :]]
    return Tool(
        argv=tuple(argv),
        mounts=tuple(Mount(root, str(root)) for root in roots),
        search_path=":".join([*dict.fromkeys(folders), DEFAULT_PATH]),
    )


def _chain(executable: Path, bench_root: Path, environment: Mapping[str, str]) -> list[Path]:
    """The executable, what it links to, and the interpreters that its first lines name."""
    files: list[Path] = []
    current: Path | None = executable
    for _ in range(_DEEPEST_SHEBANG):
        if current is None or current in files:
            break
        files += [current, current.resolve()]
        interpreter = _interpreter(current)
        current = locate(interpreter, bench_root, environment) if interpreter else None
    return files


def _interpreter(script: Path) -> str | None:
    """What `#!/usr/bin/env node` or `#!/opt/venv/bin/python` starts."""
    try:
        with script.open("rb") as file:
            line = file.readline(512)
    except OSError:
        return None
    if not line.startswith(b"#!"):
        return None
    words = line[2:].decode("utf-8", "replace").split()
    if words and Path(words[0]).name == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return words[0] if words else None


def _root(file: Path, closed: frozenset[Path]) -> Path:
    """The smallest folder that holds an installation; the file alone where its folder must stay closed."""
    if "node_modules" in file.parts:
        root = Path(*file.parts[: file.parts.index("node_modules") + 1])
    elif file.parent.name in ("bin", "sbin") and file.parent.parent not in closed:
        root = file.parent.parent
    else:
        root = file.parent
    return file if root in closed else root


def _closed(bench_root: Path, environment: Mapping[str, str]) -> frozenset[Path]:
    """Folders that must never be shown as a whole."""
    bench = bench_root.resolve()
    closed = {*_SHARED, bench, *bench.parents}
    if home := environment.get("HOME"):
        closed |= {Path(home), Path(home, ".local"), *Path(home).parents}
    return frozenset(closed)


def _is_system(file: Path) -> bool:
    return any(file.is_relative_to(folder) for folder in _SYSTEM)
