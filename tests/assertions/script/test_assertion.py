"""Scripts and commands against real subjects in real jails."""

from __future__ import annotations

import asyncio
import json
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from fiverounds.assertions.base import Context, Services
from fiverounds.assertions.script.assertion import ScriptRun
from fiverounds.errors import AssertionBroken, SandboxError
from fiverounds.limits import MIB, Deadline, Limits
from fiverounds.results import AssertionResult, Verdict
from fiverounds.sandbox.bubblewrap import Bubblewrap, problem
from fiverounds.sandbox.unconfined import Unconfined
from fiverounds.sandbox.workspace import remove, write_files
from fiverounds.spec.models import ScriptAssertion
from tests.sandbox.support import HAS_GROUPS, Sleepers, memory_groups, sleepers

LIMITS = Limits(memory_bytes=256 * MIB, cpu_seconds=20, processes=64, assertion_seconds=20)
SERVER = """
import http.server, os, subprocess, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print("asked for", self.path, flush=True)
        if self.path == "/die":
            os._exit(3)
        if self.path == "/eat":
            held = b"x" * (1 << 30)
        body = open(self.path[1:], "rb").read() if self.path != "/" else b"up"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        pass
if len(sys.argv) > 1:
    subprocess.Popen(["setsid", "sleep", sys.argv[1]])
http.server.HTTPServer(("localhost", int(os.environ["PORT"])), Handler).serve_forever()
"""
HEAD = """
import os, urllib.request
from fiverounds.scripting import Script, ScriptError

def get(path):
    with urllib.request.urlopen(f"http://127.0.0.1:{script.port}{path}", timeout=5) as answer:
        return answer.read().decode()

def serve(*arguments):
    app = script.start(["python3", "server.py", *arguments], env={"PORT": str(script.port)})
    app.wait_for_http(f"http://127.0.0.1:{script.port}/", timeout_seconds=10)
    return app

script = Script.from_environment()
"""


@dataclass
class Bench:
    """A bench of one assertion, and one answer to it."""

    root: Path
    sandbox: Bubblewrap | Unconfined
    limits: Limits = LIMITS
    seconds: float = 20.0
    toolchains: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("bench", "workspace", "attempt/evidence", "scratch"):
            (self.root / name).mkdir(parents=True)

    @property
    def workspace(self) -> Path:
        return self.root / "workspace"

    @property
    def evidence(self) -> Path:
        return self.root / "attempt/evidence"

    def answer(self, **files: str) -> None:
        write_files(
            self.workspace, {name.replace("__", "."): text.encode() for name, text in files.items()}
        )

    def script(self, body: str) -> str:
        (self.root / "bench/check.py").write_text(HEAD + textwrap.dedent(body))
        return "check.py"

    def judge(self, **spec: Any) -> AssertionResult:
        context = Context(
            trial_id="p/r/p/1",
            assertion_id="script",
            bench_root=self.root / "bench",
            workspace=self.workspace,
            starting_files=None,
            evidence=self.evidence,
            evidence_base=self.evidence.parent,
            scratch=self.root / "scratch",
            limits=self.limits,
            deadline=Deadline.after(self.seconds),
            sandbox=self.sandbox,
            services=Services(),
            toolchains=self.toolchains,
        )
        assertion = ScriptRun(ScriptAssertion(type="script", **spec))
        return asyncio.run(assertion.run(context))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Bubblewrap]:
    assert problem() is None
    made = Bubblewrap()
    yield made
    made.close()


@pytest.fixture
def bench(tmp_path: Path, sandbox: Bubblewrap) -> Bench:
    return Bench(tmp_path / "run", sandbox)


@pytest.fixture
def sleeper() -> Iterator[Sleepers]:
    with sleepers() as made:
        yield made
        assert made.pids() == [], "left running"


def outcomes(result: AssertionResult) -> dict[str, str]:
    return {item.id: item.verdict.value for item in result.items}


def python(code: str) -> tuple[str, ...]:
    return ("python3", "-c", textwrap.dedent(code))


# --- commands: judged by how they end ---------------------------------------------------------------------------------


def test_a_command_that_succeeds(bench: Bench) -> None:
    bench.answer(hello__txt="hello")
    result = bench.judge(run=("cat", "hello.txt"))
    assert (result.verdict, result.score, result.summary) == (Verdict.PASSED, 1.0, "1/1")
    assert result.reasons == ()
    assert result.evidence == ("evidence/output.txt",)
    assert (bench.evidence / "output.txt").read_text() == "hello"
    assert result.proof == "the subject's jail reports on itself"


def test_a_command_that_fails_is_quoted(bench: Bench) -> None:
    result = bench.judge(run=("sh", "-c", "echo what went wrong >&2; exit 3"))
    assert (result.verdict, result.score, result.summary) == (Verdict.FAILED, 0.0, "0/1")
    assert "exit 3" in result.reasons[0]
    assert "what went wrong" in result.reasons[0]


def test_a_command_that_never_ends_has_failed(bench: Bench, sleeper: Sleepers) -> None:
    bench.seconds = 0.7
    result = bench.judge(run=tuple(sleeper.command))
    assert result.verdict is Verdict.FAILED
    assert "did not end in time" in result.reasons[0]


def test_a_missing_command_has_failed(bench: Bench) -> None:
    assert bench.judge(run=("./no-such-program",)).verdict is Verdict.FAILED


@pytest.mark.skipif(not HAS_GROUPS, reason="needs control groups")
def test_want_of_memory_is_named(bench: Bench) -> None:
    result = bench.judge(run=python("b'x' * (1 << 30)"))
    assert result.reasons[0] == "out of memory"


def test_python_is_there_and_knows_nothing_of_ours(bench: Bench) -> None:
    result = bench.judge(run=python("import sqlite3, ssl; import fiverounds"))
    assert result.verdict is Verdict.FAILED
    assert "No module named 'fiverounds'" in result.reasons[0]


# --- commands: judged by what they report -----------------------------------------------------------------------------

GOOD = json.dumps({"checks": [{"name": "a", "outcome": "passed"}]})
HALF = '<t><testcase name="a"/><testcase name="b"><failure message="no"/></testcase></t>'


@pytest.mark.parametrize("report", ["auto", "junit"])
def test_a_junit_file_is_read(bench: Bench, report: str) -> None:
    run = ("sh", "-c", f"echo '{HALF}' > out.xml; exit 1")
    result = bench.judge(run=run, report=report, report_file="out.xml")
    assert (result.verdict, result.score, result.summary) == (Verdict.FAILED, 0.5, "1/2")
    assert result.reasons == ("b: no",)
    enough = bench.judge(run=run, report=report, report_file="out.xml", min_passed=1)
    assert (enough.verdict, enough.score) == (Verdict.PASSED, 0.5)


def test_json_on_stdout_is_read(bench: Bench) -> None:
    result = bench.judge(run=("echo", GOOD), report="json")
    assert (result.verdict, result.summary) == (Verdict.PASSED, "1/1")
    assert {metric.name: metric.value for metric in result.metrics} == {
        "checks_passed": 1,
        "checks_total": 1,
    }


def test_a_report_that_came_with_the_answer_does_not_count(bench: Bench) -> None:
    bench.answer(report__json=GOOD)
    result = bench.judge(run=("true",), report_file="report.json")
    assert result.verdict is Verdict.FAILED
    assert "left no report.json" in result.reasons[0]


def test_nor_one_that_the_build_left(bench: Bench) -> None:
    setup = ("sh", "-c", f"echo '{GOOD}' > report.json")
    assert (
        bench.judge(setup=setup, run=("true",), report_file="report.json").verdict is Verdict.FAILED
    )


def test_a_folder_in_the_reports_place_is_our_error_not_a_pass(bench: Bench) -> None:
    bench.answer(**{"report__json/x": "x"})
    with pytest.raises(SandboxError):
        bench.judge(run=("true",), report_file="report.json")


@pytest.mark.parametrize(
    "forge", ["ln -s /tmp/real report.json", "ln real report.json", "mkfifo report.json"]
)
def test_a_report_that_is_no_plain_file_does_not_count(bench: Bench, forge: str) -> None:
    write = f"echo '{GOOD}' | tee /tmp/real > real; {forge}"
    result = bench.judge(run=("sh", "-c", write), report_file="report.json")
    assert result.verdict is Verdict.FAILED


def test_a_report_of_success_does_not_hide_an_exit_code(bench: Bench) -> None:
    result = bench.judge(run=("sh", "-c", f"echo '{GOOD}'; exit 9"), report="json")
    assert (result.verdict, result.summary) == (Verdict.FAILED, "1/1")
    assert "exit 9" in result.reasons[0]


def test_skipping_is_not_passing(bench: Bench) -> None:
    report = "<t><testcase name='a'/><testcase name='b'><skipped/></testcase></t>"
    result = bench.judge(run=("echo", report), report="junit")
    assert (result.verdict, result.summary) == (Verdict.FAILED, "1/2")
    assert result.reasons == ("b: skipped",)


def test_a_report_that_is_none_has_failed(bench: Bench) -> None:
    result = bench.judge(run=("echo", "all is well"), report="json")
    assert (result.verdict, result.score) == (Verdict.FAILED, 0.0)
    assert "the JSON report is not one" in result.reasons[0]


# --- setup ------------------------------------------------------------------------------------------------------------


def test_steps_follow_each_other_in_one_workspace(bench: Bench) -> None:
    setup = (("sh", "-c", "echo one | tee log"), ("sh", "-c", "echo two | tee -a log"))
    assert bench.judge(setup=setup, run=("grep", "two", "log")).verdict is Verdict.PASSED
    assert (bench.workspace / "log").read_text() == "one\ntwo\n"
    assert (bench.evidence / "setup.txt").read_text() == "one\ntwo\n"


def test_one_step_needs_no_list(bench: Bench) -> None:
    result = bench.judge(setup=("touch", "made"), run=("test", "-f", "made"))
    assert result.verdict is Verdict.PASSED


def test_a_step_that_fails_ends_it(bench: Bench) -> None:
    setup = (("sh", "-c", "echo syntax error >&2; exit 2"), ("touch", "later"))
    result = bench.judge(setup=setup, run=("touch", "later"))
    assert (result.verdict, result.score, result.summary) == (
        Verdict.FAILED,
        0.0,
        "no checks reached",
    )
    assert "exit 2" in result.reasons[0]
    assert "syntax error" in result.reasons[0]
    assert not (bench.workspace / "later").exists()


def test_a_step_that_never_ends_has_failed(bench: Bench, sleeper: Sleepers) -> None:
    bench.seconds = 0.7
    result = bench.judge(setup=tuple(sleeper.command), run=("true",))
    assert result.verdict is Verdict.FAILED
    assert "did not end in time" in result.reasons[0]


@pytest.mark.skipif(not HAS_GROUPS, reason="needs control groups")
def test_a_step_that_wants_too_much_memory(bench: Bench) -> None:
    result = bench.judge(setup=python("b'x' * (1 << 30)"), run=("true",))
    assert "out of memory" in result.reasons[0]


def test_a_build_that_leaves_a_hostile_tree_harms_nobody(bench: Bench) -> None:
    dig = """
        import os
        os.symlink("/etc/passwd", "link")
        os.mkfifo("fifo")
        for name in ("closed", "d"):
            os.mkdir(name)
        os.chmod("closed", 0)
        """
    result = bench.judge(setup=(python(dig), ("true",)), run=("test", "-p", "fifo"))
    remove(bench.workspace)
    assert result.verdict is Verdict.PASSED


# --- scripts ----------------------------------------------------------------------------------------------------------

WHOLE = """
    with script:
        script.plan(["answers", "serves its files", "ends"])
        app = serve(SLEEP)
        with script.check("answers"):
            assert get("/") == "up"
        with script.check("serves its files"):
            assert get("/hello.txt") == "hello"
        script.metric("answers", 2)
        (script.evidence / "shot.txt").write_text("kept")
        with script.check("ends"):
            assert app.stop() in (143, -15)  # with and without a jail around it
    """


def test_a_script_from_end_to_end_leaves_nothing(
    tmp_path: Path, sleeper: Sleepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir(mode=0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    before = memory_groups()
    sandbox = Bubblewrap()
    bench = Bench(tmp_path / "run", sandbox)
    bench.answer(server__py=SERVER, hello__txt="hello")
    script = bench.script(WHOLE.replace("SLEEP", repr(sleeper.seconds)))
    result = bench.judge(run=script)
    assert outcomes(result) == {
        "answers": "passed",
        "serves its files": "passed",
        "ends": "passed",
    }, result
    assert (result.verdict, result.score, result.summary) == (Verdict.PASSED, 1.0, "3/3")
    assert result.reasons == ()
    assert {metric.name: metric.value for metric in result.metrics}["answers"] == 2
    assert result.evidence == ("evidence/script.txt", "evidence/shot.txt")
    assert result.proof == "outside the subject's jail"
    assert sleeper.pids() == []
    sandbox.close()
    assert list((tmp_path / "temporary").iterdir()) == []
    assert memory_groups() == before


def test_it_works_without_a_sandbox_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench(tmp_path / "run", Unconfined())
    bench.answer(server__py=SERVER, hello__txt="hello")
    result = bench.judge(run=bench.script(WHOLE.replace("SLEEP", "")))
    assert result.verdict is Verdict.PASSED, result


def test_the_subject_sees_neither_script_nor_report_nor_its_processes(bench: Bench) -> None:
    bench.answer(
        spy__py="""
import os, sys
print(sorted(os.listdir("/tmp")), sorted(os.listdir("/work")), "root" in os.listdir("/"))
print(sum(name.isdigit() for name in os.listdir("/proc")))
print([name for name in os.environ if name.startswith("FIVEROUNDS")])
for path in sys.argv[1:]:
    print(os.path.exists(path))
"""
    )
    script = bench.script(
        """
        with script:
            with script.check("told"):
                paths = [str(script.report.parent), str(script.evidence), __file__]
                app = script.start(["python3", "spy.py", *paths])
                assert app.wait(10) == 0
                app.stop()
                (script.evidence / "seen.txt").write_bytes(app._tail)
        """
    )
    assert bench.judge(run=script).verdict is Verdict.PASSED
    seen = (bench.evidence / "seen.txt").read_text().splitlines()
    assert seen[0].startswith("[] ['spy.py'] ")
    assert seen[1] == "2"
    assert seen[2:] == ["[]", "False", "False", "False"]


def test_a_script_may_use_what_is_installed_for_the_runner(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path / "site-packages", {"helper_of_ours.py": b"ANSWER = 42"})
    monkeypatch.syspath_prepend(tmp_path / "site-packages")
    script = bench.script(
        """
        with script:
            with script.check("imports"):
                import helper_of_ours, ssl
                assert helper_of_ours.ANSWER == 42
        """
    )
    assert bench.judge(run=script).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        ('script.plan(["answers"])', {"answers": "failed"}),
        ("", {"subject": "failed"}),
    ],
    ids=["planned", "unplanned"],
)
def test_a_subject_that_never_listens_has_failed_with_the_cause(
    bench: Bench, plan: str, expected: dict[str, str]
) -> None:
    bench.answer(server__py="import sys; sys.exit('cannot open the database')")
    script = bench.script(
        f"""
        with script:
            {plan}
            serve()
            with script.check("answers"):
                assert get("/") == "up"
        """
    )
    result = bench.judge(run=script)
    assert outcomes(result) == expected
    assert (result.verdict, result.score) == (Verdict.FAILED, 0.0)
    assert "exited with code 1" in result.reasons[0]
    assert "cannot open the database" in result.reasons[0]


def test_a_subject_that_dies_half_way_has_failed(bench: Bench) -> None:
    bench.answer(server__py=SERVER)
    script = bench.script(
        """
        with script:
            serve()
            with script.check("answers"):
                assert get("/") == "up"
            with script.check("survives"):
                get("/die")
            serve()
        """
    )
    result = bench.judge(run=script)
    assert outcomes(result) == {"answers": "passed", "survives": "failed"}, result
    assert (result.verdict, result.score) == (Verdict.FAILED, 0.5)
    assert "exited with code 3" in result.reasons[0]


@pytest.mark.skipif(not HAS_GROUPS, reason="needs control groups")
def test_a_subject_that_eats_all_memory_has_failed_with_the_cause(bench: Bench) -> None:
    bench.limits = replace(LIMITS, memory_bytes=96 * MIB)
    bench.answer(server__py=SERVER)
    script = bench.script(
        """
        with script:
            serve()
            with script.check("is modest"):
                get("/eat")
        """
    )
    result = bench.judge(run=script)
    assert result.verdict is Verdict.FAILED
    assert result.reasons[0] == "the subject ran out of memory"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import no_such_module", "No module named 'no_such_module'"),
        ("with script:\n    script.plan(['a'])\n    raise KeyError('bench')", "KeyError: 'bench'"),
        ("with script:\n    with script.check('a'): pass\nimport sys; sys.exit(4)", "exit 4"),
        ("script.report.write_text('no report')", "the JSON report is not one"),
        ("with script:\n    pass", "holds no checks"),
    ],
)
def test_a_script_that_breaks_is_broken_not_failed(bench: Bench, body: str, said: str) -> None:
    with pytest.raises(AssertionBroken, match=r"^check\.py: ") as raised:
        bench.judge(run=bench.script(body))
    assert said in raised.value.message


def test_a_check_that_the_bench_broke_is_an_error(bench: Bench) -> None:
    script = bench.script(
        """
        with script:
            with script.check("a"):
                raise ScriptError("no browser here")
            with script.check("b"):
                assert False, "bad"
        """
    )
    result = bench.judge(run=script)
    assert (result.verdict, result.score) == (Verdict.ERROR, None)
    assert result.reasons == ("a: no browser here", "b: bad")


@pytest.mark.parametrize(
    ("body", "expected", "said"),
    [
        (
            "script.plan(['a', 'b'])\n    with script.check('a'): pass\n    hang()",
            {"a": "passed", "b": "failed"},
            "the script did not end in time",
        ),
        (
            "with script.check('a'): pass\n    hang()",
            {"a": "passed"},
            "the script did not end in time",
        ),
        ("hang()", {}, "timed out before the script reported anything"),
    ],
    ids=["planned", "unplanned", "nothing"],
)
def test_a_script_that_hangs_has_failed(
    bench: Bench, sleeper: Sleepers, body: str, expected: dict[str, str], said: str
) -> None:
    bench.seconds = 2.0
    hang = f"def hang(): script.start(['sleep', {sleeper.seconds!r}]).wait(60)"
    result = bench.judge(run=bench.script(f"{hang}\nwith script:\n    {body}\n"))
    assert result.verdict is Verdict.FAILED
    assert outcomes(result) == expected
    assert result.reasons[0] == said
