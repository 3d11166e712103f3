"""Real builds, offline, from the trusted cache that `fiverounds doctor --prepare` makes once a machine."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from fiverounds.errors import SandboxError
from fiverounds.limits import MIB, Deadline, Limits
from fiverounds.sandbox import process
from fiverounds.sandbox.base import Jail, Mount, Sandbox
from fiverounds.sandbox.bubblewrap import Bubblewrap
from fiverounds.sandbox.process import ProcessResult
from fiverounds.sandbox.unconfined import Unconfined
from fiverounds.sandbox.workspace import write_files
from fiverounds.toolchains import create
from fiverounds.toolchains.go import GoToolchain

pytestmark = pytest.mark.go
LIMITS = Limits(memory_bytes=2048 * MIB, processes=256)
HELLO = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello") }\n'
NOTES = """
package main

import (
	"database/sql"
	"fmt"

	_ "github.com/mattn/go-sqlite3"
)

func main() {
	db, _ := sql.Open("sqlite3", ":memory:")
	_, err := db.Exec("CREATE VIRTUAL TABLE notes USING fts5(body); INSERT INTO notes VALUES ('a fox runs')")
	if err != nil { panic(err) }
	var found string
	row := db.QueryRow("SELECT snippet(notes, 0, '<', '>', '', 5) FROM notes('fox')")
	if err := row.Scan(&found); err != nil { panic(err) }
	fmt.Println(found)
}
"""
MODULE = "module {name}\n\ngo 1.22\n\nrequire github.com/mattn/go-sqlite3 v1.99.0\n"
SUM = "github.com/mattn/go-sqlite3 v1.99.0 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Bubblewrap]:
    made = Bubblewrap()
    yield made
    made.close()


@pytest.fixture(scope="module")
def go(sandbox: Bubblewrap) -> GoToolchain:
    toolchain = GoToolchain()
    assert toolchain.missing() == "", f"run: {toolchain.missing()}"
    asyncio.run(toolchain.prepare(sandbox))
    return toolchain


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "workspace").mkdir(mode=0o700)
    (tmp_path / "scratch").mkdir()
    return tmp_path / "workspace"


def run(
    go: GoToolchain, sandbox: Sandbox, workspace: Path, command: Sequence[str]
) -> ProcessResult:
    mounts = go.mounts(workspace.parent / "scratch")
    with sandbox.enter(Jail(LIMITS, workspace=workspace, mounts=mounts)) as entered:
        argv = entered.argv(go.command(entered, command))
        return asyncio.run(process.run(argv, deadline=Deadline.after(120), output_bytes=MIB))


def built(go: GoToolchain, sandbox: Sandbox, workspace: Path) -> str:
    """What a program printed after it was built; two commands, as a round has them."""
    build = run(go, sandbox, workspace, ["go", "build", "-tags", "sqlite_fts5", "-o", "app", "."])
    assert build.exit_code == 0, build.tail()
    assert build.stderr == b""
    ran = run(go, sandbox, workspace, ["./app"])
    assert ran.exit_code == 0, ran.tail()
    assert ran.stderr == b""
    return ran.stdout.decode()


def test_it_is_found_by_name() -> None:
    found = create("go")
    assert isinstance(found, GoToolchain)
    assert found.root is not None
    assert found.version.startswith("1.")
    assert (found.root / "bin/go").is_file()


def test_an_answer_without_a_module_is_built(
    go: GoToolchain, sandbox: Bubblewrap, workspace: Path
) -> None:
    write_files(workspace, {"main.go": HELLO.encode()})
    assert built(go, sandbox, workspace) == "hello\n"


def test_sqlite_with_full_text_search_whatever_version_the_answer_asks_for(
    go: GoToolchain, sandbox: Bubblewrap, workspace: Path
) -> None:
    module = MODULE.format(name="example.com/notes")
    files = {"main.go": NOTES.encode(), "go.mod": module.encode(), "go.sum": SUM.encode()}
    write_files(workspace, files)
    assert built(go, sandbox, workspace) == "a <fox> runs\n"
    assert (workspace / "go.mod").read_text() == module
    assert (workspace / "go.sum").read_text() == SUM


def test_it_works_without_a_sandbox_too(
    go: GoToolchain, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_files(workspace, {"main.go": HELLO.encode(), "go.mod": b"module hello\n\ngo 1.22\n"})
    assert built(go, Unconfined(), workspace) == "hello\n"


def test_mistakes_are_gos_own_words(go: GoToolchain, sandbox: Bubblewrap, workspace: Path) -> None:
    write_files(workspace, {"main.go": b"package main\n\nfunc main() { undefined() }\n"})
    result = run(go, sandbox, workspace, ["go", "build", "."])
    assert result.exit_code == 1
    assert "main.go:3:15: undefined: undefined" in result.tail()


def test_a_module_that_is_not_here_is_not_fetched(
    go: GoToolchain, sandbox: Bubblewrap, workspace: Path
) -> None:
    module = "module x\n\ngo 1.22\n\nrequire rsc.io/quote v1.5.2\n"
    code = 'package main\n\nimport _ "rsc.io/quote"\n\nfunc main() {}\n'
    write_files(workspace, {"main.go": code.encode(), "go.mod": module.encode()})
    result = run(go, sandbox, workspace, ["go", "build", "."])
    assert result.exit_code == 1
    assert "GOPROXY=off" in result.tail()


def test_the_trusted_cache_cannot_be_poisoned(
    go: GoToolchain, sandbox: Bubblewrap, workspace: Path
) -> None:
    attack = """
        for folder in /opt/go /opt/go-seed /opt/go-work; do
          touch $folder/x && echo wrote to $folder
          rm -rf $folder/* 2>/dev/null && echo emptied $folder
        done
        file=$(find -L $GOCACHE -type f -name '*-d' | head -n 1)
        echo poison > $file && echo wrote through a link
        find /opt/go-seed -type f | wc -l
        """
    write_files(workspace, {"attack.sh": textwrap.dedent(attack).encode()})
    result = run(go, sandbox, workspace, ["sh", "attack.sh"])
    assert int(result.stdout) > 100, result
    write_files(workspace, {"main.go": HELLO.encode()})
    assert built(go, sandbox, workspace) == "hello\n"


def test_each_assertion_has_a_cache_of_its_own(go: GoToolchain, tmp_path: Path) -> None:
    caches = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        mounts = go.mounts(tmp_path / name)
        caches += [mount.source for mount in mounts if mount.writable]
        assert mounts == go.mounts(tmp_path / name)
    assert len(set(caches)) == 2


def test_preparing_again_costs_nothing(
    go: GoToolchain, sandbox: Bubblewrap, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_jail(jail: Jail) -> None:
        raise AssertionError("nothing is to be built")

    monkeypatch.setattr(sandbox, "enter", no_jail)
    asyncio.run(GoToolchain().prepare(sandbox))


def test_without_its_cache_it_says_so(
    sandbox: Bubblewrap, workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    with pytest.raises(SandboxError, match="is not there"):
        run(GoToolchain(), sandbox, workspace, ["go", "version"])


def test_the_cache_is_shown_read_only(go: GoToolchain, tmp_path: Path) -> None:
    writable = [mount.target for mount in go.mounts(tmp_path) if mount.writable]
    assert writable == ["/opt/go-cache"]
    assert Mount(tmp_path / "go-cache", "/opt/go-cache", writable=True) in go.mounts(tmp_path)
