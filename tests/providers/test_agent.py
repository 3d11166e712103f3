"""Agents: small programs of our own in place of the real ones, in a real jail and without one."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from fiverounds.errors import ProviderError
from fiverounds.limits import Limits
from fiverounds.providers import create
from fiverounds.providers.agent_tools import prepare, program_of
from fiverounds.providers.base import Message, Reply, Unavailable
from fiverounds.results import StopReason
from fiverounds.sandbox import bubblewrap
from fiverounds.sandbox.base import Sandbox
from fiverounds.sandbox.unconfined import Unconfined
from fiverounds.spec.models import AgentProvider
from tests.support.tasks import task

KEY = "sk-CANARY-0123456789"
PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


@pytest.fixture(params=["bubblewrap", "none"])
def sandbox(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Any:
    if request.param == "none":
        yield Unconfined()
        return
    problem = bubblewrap.problem()
    if problem is not None:
        pytest.skip(problem.message)
    made = bubblewrap.Bubblewrap()
    yield made
    made.close()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "app.py").write_text("bug\n")
    return folder


def program(folder: Path, body: str, name: str = "my-agent", shell: str = "/bin/sh") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!{shell}\n{body}\n")
    path.chmod(0o755)
    return path


def provider(
    *command: str, root: Path = Path("/"), environment: dict[str, str] | None = None, **fields: Any
) -> Any:
    spec = AgentProvider(kind="agent", id="a", command=command, **fields)
    return create(spec, bench_root=root, environment=environment or PATH)


def run(
    workspace: Path,
    sandbox: Sandbox,
    *command: str,
    prompt: str = "fix it",
    seconds: float = 30,
    edits: bool = True,
    messages: tuple[Message, ...] | None = None,
    limits: Limits | None = None,
    **fields: Any,
) -> Reply:
    asked = task(
        prompt,
        seconds=seconds,
        workspace=workspace,
        edits_workspace=edits,
        sandbox=sandbox,
        messages=messages,
        limits=limits or Limits(),
    )
    reply: Reply = asyncio.run(provider(*command, **fields).attempt(asked))
    return reply


def test_edits_the_workspace(workspace: Path, sandbox: Sandbox) -> None:
    reply = run(workspace, sandbox, "sh", "-c", "cat > app.py; echo did it; echo oops >&2")
    assert (reply.stop, reply.text, reply.files) == (StopReason.FINISHED, None, None)
    assert (workspace / "app.py").read_text() == "fix it"
    assert reply.raw[0] == {"exit_code": 0, "stdout": "did it\n", "stderr": "oops\n"}
    assert reply.timing.provider_seconds > 0
    assert reply.usage.output_tokens is None


def test_prints_its_answer(workspace: Path, sandbox: Sandbox) -> None:
    reply = run(workspace, sandbox, "printf", "%s", "said: {prompt}", edits=False, system="Hm.")
    assert reply.text == "said: Hm.\n\nfix it"


def test_files_it_leaves_are_its_answer(workspace: Path, sandbox: Sandbox) -> None:
    script = (
        "echo new > index.html; mkdir -p src .git; echo x > src/a.js; echo x > .git/config;"
        "ln -s /etc/passwd link; mkfifo pipe; echo I wrote it"
    )
    reply = run(workspace, sandbox, "sh", "-c", script, edits=False)
    assert reply.files == {"index.html": b"new\n", "src/a.js": b"x\n"}
    assert reply.text == "I wrote it\n"
    reply = run(
        workspace, sandbox, "sh", "-c", "echo bug > app.py; echo better > index.html", edits=False
    )
    assert reply.files == {"index.html": b"better\n"}, "app.py is as it was"


def test_files_beyond_measure(
    workspace: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fiverounds.providers.agent.MAX_FILES", 2)
    reply = run(workspace, sandbox, "touch", "a", "b", "c", edits=False)
    assert (reply.stop, reply.files) == (StopReason.CRASHED, None)
    assert reply.detail.startswith("it left 3 files of 0 bytes")


def test_conversation_goes_as_one_text(workspace: Path, sandbox: Sandbox) -> None:
    turns = (
        Message("user", "make it"),
        Message("assistant", "made"),
        Message("user", "better"),
    )
    reply = run(workspace, sandbox, "cat", edits=False, messages=turns)
    assert reply.text == (
        "## User said\n\nmake it\n\n## Assistant said\n\nmade\n\n## User said\n\nbetter"
    )


def test_environment_home_and_keys(workspace: Path, sandbox: Sandbox) -> None:
    script = (
        'touch "$HOME/.config-of-mine" && ls -A "$HOME" && pwd && env | sort && echo "key $THE_KEY"'
    )
    environment = {**PATH, "THE_KEY": KEY, "SECRET_OF_OTHERS": "no", "HOME": "/root"}
    fields: dict[str, Any] = {"pass_env": ("THE_KEY",), "environment": environment}
    reply = run(workspace, sandbox, "sh", "-c", script, edits=False, **fields)
    assert reply.text is not None
    lines = reply.text.splitlines()
    assert lines[0] == ".config-of-mine"
    assert lines[1] == ("/work" if sandbox.name == "bubblewrap" else str(workspace))
    assert "PYTHONDONTWRITEBYTECODE=1" in lines
    assert "key ***" in lines
    assert KEY not in json.dumps([dict(entry) for entry in reply.raw])
    assert "SECRET_OF_OTHERS" not in reply.text
    home = next(line for line in lines if line.startswith("HOME=")).removeprefix("HOME=")
    assert not Path(home, ".config-of-mine").exists()


def test_exit_code_is_an_error_of_the_provider(workspace: Path, sandbox: Sandbox) -> None:
    environment = {**PATH, "THE_KEY": KEY}
    script = 'echo "401 for $THE_KEY" >&2; exit 3'
    with pytest.raises(ProviderError) as caught:
        run(workspace, sandbox, "sh", "-c", script, pass_env=("THE_KEY",), environment=environment)
    assert caught.value.message == "provider a: exit code 3: 401 for ***"


def test_deadline(workspace: Path, sandbox: Sandbox) -> None:
    began = time.monotonic()
    script = "echo begun; echo half > app.py; sleep 60"
    reply = run(workspace, sandbox, "sh", "-c", script, seconds=1.0, edits=False)
    assert (reply.stop, reply.text) == (StopReason.TIMED_OUT, "begun\n")
    assert (workspace / "app.py").read_text() == "half\n"
    assert time.monotonic() - began < 10


def test_own_limits_end_it(workspace: Path, sandbox: Sandbox) -> None:
    limits = Limits(cpu_seconds=1)
    reply = run(workspace, sandbox, "sh", "-c", "while :; do :; done", limits=limits)
    assert reply.stop is StopReason.CRASHED
    assert reply.detail in ("it used up its CPU time", "it was killed")


def test_chatter_is_cut(workspace: Path, sandbox: Sandbox) -> None:
    limits = Limits(output_bytes=1000)
    reply = run(workspace, sandbox, "sh", "-c", "yes | head -c 5000", limits=limits, edits=False)
    assert len(reply.text or "") == 1000
    assert reply.detail == "output beyond 1000 bytes was dropped"


def test_installed_outside_of_usr(tmp_path: Path, workspace: Path, sandbox: Sandbox) -> None:
    prefix = tmp_path / "prefix"
    package = prefix / "lib/node_modules/agent"
    program(package, 'exec "$(dirname "$(readlink -f "$0")")/helper"', "cli")
    program(package, "echo helped", "helper")
    (prefix / "bin").mkdir()
    (prefix / "bin/agent").symlink_to("../lib/node_modules/agent/cli")
    environment = {"PATH": f"{prefix}/bin:{PATH['PATH']}"}
    reply = run(workspace, sandbox, "agent", environment=environment, edits=False)
    assert reply.text == "helped\n"


def test_program_of_the_bench_and_fixed_variables(
    tmp_path: Path, workspace: Path, sandbox: Sandbox
) -> None:
    program(tmp_path / "bench/tools", 'echo "$MODE"')
    command = ("env", "MODE=fast", "tools/my-agent")
    reply = run(workspace, sandbox, *command, root=tmp_path / "bench", edits=False)
    assert reply.text == "fast\n"


def test_a_jail_hides_the_bench(tmp_path: Path, workspace: Path) -> None:
    problem = bubblewrap.problem()
    if problem is not None:
        pytest.skip(problem.message)
    bench = tmp_path / "bench"
    program(bench, 'ls "$(dirname "$0")"; cat "$(dirname "$0")/hidden-tests" || true')
    (bench / "hidden-tests").write_text("the answers")
    jails = bubblewrap.Bubblewrap()
    try:
        reply = run(workspace, jails, "./my-agent", root=bench, edits=False)
    finally:
        jails.close()
    assert reply.text == "my-agent\n"


def test_prompt_too_long_for_an_argument(workspace: Path, sandbox: Sandbox) -> None:
    with pytest.raises(ProviderError, match="does not fit into an argument"):
        run(workspace, sandbox, "echo", "{prompt}", prompt="x" * 200_000)
    reply = run(workspace, sandbox, "wc", "-c", prompt="x" * 200_000, edits=False)
    assert (reply.text or "").strip() == "200000"


# Without running anything


def test_check(tmp_path: Path) -> None:
    def found(*command: str, **fields: Any) -> Unavailable | None:
        answer: Unavailable | None = asyncio.run(provider(*command, **fields).check())
        return answer

    assert found("sh") is None
    assert found("env", "A=1", "sh", "-c", "x") is None
    assert found("no-such-agent") == Unavailable(
        "no-such-agent is not installed", "install no-such-agent, and have it on PATH"
    )
    assert found("env", "A=1", "no-such-agent", mend="npm install -g x") == Unavailable(
        "no-such-agent is not installed", "npm install -g x"
    )
    assert found(
        "sh", pass_env=("K_ONE", "K_TWO"), environment={**PATH, "K_TWO": ""}
    ) == Unavailable("missing environment variables: K_ONE, K_TWO", "export K_ONE=… K_TWO=…")
    assert found("sh", pass_env=("K_ONE",), environment={**PATH, "K_ONE": "x"}) is None
    with pytest.raises(ProviderError, match="not installed"):
        asyncio.run(provider("no-such-agent").attempt(task()))


def test_where_the_program_stands() -> None:
    assert program_of(["claude", "-p"]) == 0
    assert program_of(["env", "A=1", "B=2", "claude"]) == 3
    assert program_of(["env", "A=1"]) == 0


def mounts(command: str, root: Path, environment: dict[str, str]) -> list[str]:
    tool = prepare([command], root, environment)
    assert tool is not None
    return [mount.target for mount in tool.mounts]


def test_what_a_jail_is_shown(tmp_path: Path) -> None:
    bench, home = tmp_path / "bench", tmp_path / "home"
    bench.mkdir()
    assert mounts("sh", bench, PATH) == []
    # ~/.local/bin/x links to ~/.local/share/x/versions/1/x: neither home nor ~/.local as a whole.
    program(home / ".local/share/claude/versions", "true", "1.2.3")
    (home / ".local/bin").mkdir()
    (home / ".local/bin/claude").symlink_to(home / ".local/share/claude/versions/1.2.3")
    environment = {"PATH": f"{home}/.local/bin:/usr/bin", "HOME": str(home)}
    assert mounts("claude", bench, environment) == [
        f"{home}/.local/bin",
        f"{home}/.local/share/claude/versions",
    ]
    # A virtual environment, with the Python its script names.
    venv = tmp_path / "venv"
    program(venv / "bin", "true", "mini", shell=f"{venv}/bin/python")
    (venv / "bin/python").symlink_to(sys.executable)
    shown = mounts("mini", bench, {"PATH": f"{venv}/bin"})
    assert str(venv) in shown
    # `#!/usr/bin/env node` with a node of its own.
    program(tmp_path / "node22/bin", "true", "node")
    program(tmp_path / "npm/node_modules/pi/dist", "true", "cli.js", shell="/usr/bin/env node")
    (tmp_path / "npm/node_modules/.bin").mkdir()
    (tmp_path / "npm/node_modules/.bin/pi").symlink_to("../pi/dist/cli.js")
    environment = {"PATH": f"{tmp_path}/npm/node_modules/.bin:{tmp_path}/node22/bin:/usr/bin"}
    assert mounts("pi", bench, environment) == [
        f"{tmp_path}/node22",
        f"{tmp_path}/npm/node_modules",
    ]
    # A script at the top of the bench, or of a home: the file alone.
    script = program(bench, "true")
    assert mounts("./my-agent", bench, PATH) == [str(script)]
    script = program(home, "true")
    assert mounts(str(script), bench, {**PATH, "HOME": str(home)}) == [str(script)]
