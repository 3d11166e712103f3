"""The script SDK against real child processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fiverounds.scripting import MESSAGE_CHARACTERS, TAIL_BYTES, Script, ScriptError, SubjectError

# Stands for a jail: two processes that keep the whole command line, do not pass signals on to the
# subject, and take it down with them. That is how bubblewrap behaves.
JAIL = """
import ctypes, os, signal, subprocess, sys
die_with_parent = lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if child := os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256)
die_with_parent()
code = subprocess.run(sys.argv[1:], preexec_fn=die_with_parent).returncode
sys.exit(code if code >= 0 else 128 - code)
"""

SERVER = """
import http.server, os, signal, sys
def stop(*_):
    print("stopped in order", flush=True)
    sys.exit(7)
signal.signal(signal.SIGTERM, stop)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            print("dying words", flush=True)
            os._exit(3)
        self.send_error(418)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""

STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(f"pid-{os.getpid()}", "w").close()
print("ready", flush=True)
time.sleep(60)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(params=["no jail", "jail"])
def script(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Script]:
    handler = signal.getsignal(signal.SIGTERM)
    prefix = [sys.executable, "-c", JAIL] if request.param == "jail" else []
    yield Script(prefix, free_port(), tmp_path, tmp_path, tmp_path / "report.json")
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Script]:
    """A script without a jail."""
    handler = signal.getsignal(signal.SIGTERM)
    yield Script([], free_port(), tmp_path, tmp_path, tmp_path / "report.json")
    signal.signal(signal.SIGTERM, handler)


def report(script: Script) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(script.report.read_text(encoding="utf-8"))
    return content


def outcomes(script: Script) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in report(script)["checks"]}


def messages(script: Script) -> dict[str, str]:
    return {check["name"]: check["message"] for check in report(script)["checks"]}


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def until(condition: Any, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def fail(error: Exception) -> None:
    raise error


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def url(script: Script, path: str = "/") -> str:
    return f"http://127.0.0.1:{script.port}{path}"


# --- the subject ----------------------------------------------------------------------------------


def test_a_good_subject(script: Script) -> None:
    with script:
        script.plan(["first", "second"])
        app = script.start(python(SERVER), env={"PORT": str(script.port)})
        app.wait_for_http(url(script), timeout_seconds=10)  # 418 is an answer too
        with script.check("first"):
            assert app.wait(0.05) is None
        with script.check("second"):
            assert app.stop() == 7, "SIGTERM did not reach the subject itself"
        script.metric("answers", 42)
    content = report(script)
    assert content["format"] == 1
    assert content["metrics"] == {"answers": 42}
    assert [(check["name"], check["outcome"]) for check in content["checks"]] == [
        ("first", "passed"),
        ("second", "passed"),
    ]
    assert 0.04 < content["checks"][0]["seconds"] < 5


def test_the_subject_runs_in_the_workspace(script: Script) -> None:
    with script:
        write = python("import os; open('here', 'w').write(os.environ['WORD'])")
        app = script.start(write, env={"WORD": "a=b c"})
        assert app.wait(10) == 0
    assert (script.workspace / "here").read_text() == "a=b c"


def test_terminate_returns_at_once_and_wait_gives_the_status(script: Script) -> None:
    slow = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.3), sys.exit(5)))
open("up", "w").close()
time.sleep(60)
"""
    with script:
        app = script.start(python(slow))
        until((script.workspace / "up").exists)
        app.terminate()
        assert app.wait(0.05) is None
        assert app.wait(5) == 5
        assert app.epitaph() == "", "an end that was asked for is no news"


def test_a_subject_that_ignores_sigterm_is_killed_with_its_children(script: Script) -> None:
    with script:
        app = script.start(python(STUBBORN))
        until(lambda: len(list(script.workspace.glob("pid-*"))) == 2)
        began = time.monotonic()
        assert app.stop(grace_seconds=0.3) in (-signal.SIGKILL, 128 + signal.SIGKILL)
        assert 0.3 <= time.monotonic() - began < 3
    pids = [int(path.name[4:]) for path in script.workspace.glob("pid-*")]
    until(lambda: not any(map(alive, pids)))


def test_nothing_is_left_when_the_script_raises(script: Script) -> None:
    def run() -> None:
        with script:
            script.start(python(STUBBORN))
            until(lambda: len(list(script.workspace.glob("pid-*"))) == 2)
            raise RuntimeError("my own bug")

    with pytest.raises(RuntimeError, match="my own bug"):
        run()
    pids = [int(path.name[4:]) for path in script.workspace.glob("pid-*")]
    until(lambda: not any(map(alive, pids)))


def test_children_that_outlive_the_subject_are_killed(bare: Script) -> None:
    code = "import os, time\nif os.fork() == 0:\n open(f'pid-{os.getpid()}', 'w')\n time.sleep(60)"
    with bare:
        app = bare.start(python(code))
        assert app.wait(5) == 0
        until(lambda: list(bare.workspace.glob("pid-*")))
    (left,) = (int(path.name[4:]) for path in bare.workspace.glob("pid-*"))
    until(lambda: not alive(left))


# --- a subject that does badly --------------------------------------------------------------------


def test_a_subject_that_exits_fails_every_check_with_the_cause(script: Script) -> None:
    with script:
        script.plan(["a", "b"])
        app = script.start(python("import sys; print('no such table'); sys.exit(3)"))
        app.wait_for_http(url(script), timeout_seconds=10)
        pytest.fail("waited for a dead subject in vain")
    assert outcomes(script) == {"a": "failed", "b": "failed"}
    for message in messages(script).values():
        assert "not reached" in message
        assert "exited with code 3" in message
        assert "no such table" in message


def test_a_subject_that_cannot_be_started_fails_every_check(script: Script) -> None:
    with script:
        script.plan(["a"])
        script.start(["./missing"]).wait_for_http(url(script), timeout_seconds=10)
    assert outcomes(script) == {"a": "failed"}
    assert "./missing exited with code 127" in messages(script)["a"]


@pytest.mark.parametrize("listens", [False, True])
def test_a_subject_that_never_answers_is_given_up(bare: Script, listens: bool) -> None:
    listen = (
        f"import socket; s = socket.create_server(('127.0.0.1', {bare.port}))" if listens else ""
    )
    began = time.monotonic()
    with bare:
        bare.plan(["a"])
        app = bare.start(
            python(f"{listen}\nimport time; print('busy', flush=True); time.sleep(60)")
        )
        app.wait_for_http(url(bare), timeout_seconds=1)
    assert 1 <= time.monotonic() - began < 4
    assert "never answered" in messages(bare)["a"]
    assert "busy" in messages(bare)["a"]


def test_a_subject_that_dies_under_a_check_is_named_in_its_message(script: Script) -> None:
    with script:
        app = script.start(python(SERVER), env={"PORT": str(script.port)})
        app.wait_for_http(url(script), timeout_seconds=10)
        with script.check("fetch"):
            urllib.request.urlopen(url(script, "/die"), timeout=5)
    message = messages(script)["fetch"]
    assert outcomes(script) == {"fetch": "failed"}
    assert "exited with code 3" in message
    assert "dying words" in message


def test_output_is_drained_and_only_its_end_is_kept(bare: Script) -> None:
    with bare:
        app = bare.start(python("print('x' * 3_000_000 + 'the end'); raise SystemExit(1)"))
        assert app.wait(10) == 1
        said = app.epitaph()
    assert said.endswith("xthe end")
    assert len(said) < TAIL_BYTES + 200


# --- the report -----------------------------------------------------------------------------------


def test_how_a_check_ends_decides_its_outcome(bare: Script) -> None:
    with bare:
        for name, error in {
            "said": AssertionError("seven is not eight"),
            "unsaid": AssertionError(),
            "odd": KeyError("missing"),
            "subject": SubjectError("it sulks"),
            "bench": ScriptError("no browser"),
        }.items():
            with bare.check(name):
                fail(error)
        with bare.check("fine"):
            pass
    assert list(outcomes(bare).items()) == [
        ("said", "failed"),
        ("unsaid", "failed"),
        ("odd", "failed"),
        ("subject", "failed"),
        ("bench", "error"),
        ("fine", "passed"),
    ]
    assert list(messages(bare).values()) == [
        "seven is not eight",
        "not so: raise error",
        "KeyError: 'missing'",
        "it sulks",
        "no browser",
        "",
    ]


def test_a_planned_check_that_never_runs_is_failed(bare: Script) -> None:
    with bare:
        bare.plan(["one", "two"])
        with bare.check("one"):
            pass
    assert outcomes(bare) == {"one": "passed", "two": "failed"}
    assert messages(bare)["two"] == "not reached"


def test_a_script_that_breaks_makes_errors_not_failures(bare: Script) -> None:
    def run() -> None:
        with bare:
            bare.plan(["one", "two"])
            with bare.check("one"):
                fail(AssertionError("the subject's fault"))
            raise RuntimeError("my own bug")

    with pytest.raises(RuntimeError, match="my own bug"):
        run()
    assert outcomes(bare) == {"one": "failed", "two": "error"}
    assert messages(bare)["two"] == "not reached: RuntimeError: my own bug"


def test_messages_are_bounded(bare: Script) -> None:
    with bare, bare.check("loud"):
        raise AssertionError("x" * 1_000_000)
    assert len(messages(bare)["loud"]) == MESSAGE_CHARACTERS


def test_the_report_is_always_whole(bare: Script) -> None:
    with bare:
        bare.plan(["a", "b", "c"])
        assert set(outcomes(bare).values()) == {"failed"}
        with bare.check("a"):
            assert messages(bare)["a"] == "not finished"
        assert outcomes(bare) == {"a": "passed", "b": "failed", "c": "failed"}
    assert [path.name for path in bare.report.parent.iterdir()] == ["report.json"]


def test_a_check_runs_once(bare: Script) -> None:
    with bare.check("same"):
        pass
    with pytest.raises(ScriptError, match="twice"), bare.check("same"):
        pass


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_metric_is_finite(bare: Script, value: float) -> None:
    with pytest.raises(ScriptError, match="speed"):
        bare.metric("speed", value)


# --- the environment, and death -------------------------------------------------------------------


def environment(tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        "FIVEROUNDS_SUBJECT": json.dumps(["env", "-C", str(tmp_path)]),
        "FIVEROUNDS_PORT": "4711",
        "FIVEROUNDS_WORKSPACE": str(tmp_path),
        "FIVEROUNDS_EVIDENCE": str(tmp_path / "evidence"),
        "FIVEROUNDS_REPORT": str(tmp_path / "report.json"),
    }


def test_the_environment_says_it_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "environ", environment(tmp_path))
    script = Script.from_environment()
    assert list(script.subject) == ["env", "-C", str(tmp_path)]
    assert (script.port, script.workspace, script.chromium) == (4711, tmp_path, None)
    assert script.evidence == tmp_path / "evidence"


@pytest.mark.parametrize("name", ["SUBJECT", "PORT", "WORKSPACE", "EVIDENCE", "REPORT"])
def test_a_missing_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    incomplete = environment(tmp_path)
    del incomplete[f"FIVEROUNDS_{name}"]
    monkeypatch.setattr(os, "environ", incomplete)
    with pytest.raises(ScriptError, match=f"FIVEROUNDS_{name}"):
        Script.from_environment()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_script_leaves_a_whole_report(tmp_path: Path, number: int) -> None:
    code = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        from fiverounds.scripting import Script
        with Script.from_environment() as script:
            script.plan(["done", "under way", "to come"])
            script.start([sys.executable, "-c", sys.argv[1]])
            with script.check("done"):
                while len(list(Path(script.workspace).glob("pid-*"))) < 2:
                    time.sleep(0.02)
            with script.check("under way"):
                print("now", flush=True)
                time.sleep(60)
    """)
    with subprocess.Popen(
        [sys.executable, "-c", code, STUBBORN],
        env=environment(tmp_path) | {"PYTHONPATH": str(Path(__file__).parent.parent)},
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"now\n"
        process.send_signal(number)
        assert process.wait(10) == (143 if number == signal.SIGTERM else -number)
    checks = json.loads((tmp_path / "report.json").read_text())["checks"]
    assert [(check["outcome"], check["message"]) for check in checks] == [
        ("passed", ""),
        ("failed", "not finished"),
        ("failed", "not reached"),
    ]
    pids = [int(path.name[4:]) for path in tmp_path.glob("pid-*")]
    if number == signal.SIGTERM:
        until(lambda: not any(map(alive, pids)))
    else:  # the runner's jail ends what a SIGKILL leaves behind; here it is up to us
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
