"""`fiverounds run` from the outside: exit codes, reports, logs, and what hostile answers come to."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

from tests.end_to_end.support import (
    BENCH,
    answer,
    environment,
    fiverounds,
    leftovers,
    processes,
    write_bench,
)


def results_of(folder: Path) -> dict[str, dict[str, object]]:
    """Trial id → result of the latest run, as `report --format json` says."""
    done = fiverounds("report", "--format", "json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return {trial["trial_id"]: trial for trial in json.loads(done.stdout)["trials"]}


def test_a_run_judges_reports_and_holds_the_gate(tmp_path: Path) -> None:
    write_bench(tmp_path)
    done = fiverounds("run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "3/3" in done.stdout
    assert "gate held" in done.stdout
    assert "start the server" in done.stdout, "a skipped provider names its mend"
    results = results_of(tmp_path)
    assert results["good/calc/calc/1"]["verdict"] == "passed"
    assert results["bad/calc/calc/1"]["verdict"] == "failed"
    assert results["absent/calc/calc/1"]["verdict"] == "skipped"
    scores = (tmp_path / "_logs" / "SCORES.txt").read_text()
    assert "3/3" in scores
    assert "0/3" in scores
    (run,) = [path for path in (tmp_path / "_logs").iterdir() if path.is_dir()]
    for name in (
        "run.json",
        "plan.json",
        "journal.jsonl",
        "results.json",
        "report.md",
        "junit.xml",
    ):
        assert (run / name).stat().st_size > 0, name
    suites = ElementTree.parse(run / "junit.xml").getroot()
    assert len(list(suites.iter("testcase"))) >= 6
    attempt = run / "trials" / "bad" / "calc" / "calc" / "1" / "attempt-1"
    assert (attempt / "files" / "calc.py").exists()
    assert "Write calc.py" in (attempt / "prompt.md").read_text()
    assert leftovers(tmp_path) == []


def test_a_broken_gate_exits_1(tmp_path: Path) -> None:
    write_bench(tmp_path, BENCH.replace("providers: [good]", "providers: [bad]"))
    assert fiverounds("run", "-q", cwd=tmp_path).returncode == 1


def test_an_unreachable_provider_that_is_not_optional_exits_3(tmp_path: Path) -> None:
    write_bench(tmp_path, BENCH.replace(", optional: true", "").replace("[good]", "[good, absent]"))
    done = fiverounds("run", cwd=tmp_path)
    assert done.returncode == 3
    assert "error" in done.stdout


def test_selecting_nothing_exits_5(tmp_path: Path) -> None:
    write_bench(tmp_path)
    done = fiverounds("run", "-p", "nobody", cwd=tmp_path)
    assert done.returncode == 5
    assert "good, bad, absent" in done.stderr
    assert not (tmp_path / "_logs").exists()


def test_wrong_specs_and_usage_exit_4_without_traceback(tmp_path: Path) -> None:
    write_bench(tmp_path, BENCH.replace("providers:\n", "providerz:\n", 1))
    for arguments in (
        ("run",),
        ("run", "--jobs", "zero"),
        ("run", "missing.yaml"),
        ("frobnicate",),
    ):
        done = fiverounds(*arguments, cwd=tmp_path)
        assert done.returncode == 4, (arguments, done.stdout, done.stderr)
        assert "Traceback" not in done.stdout + done.stderr
    assert "bench.yaml:" in fiverounds("run", cwd=tmp_path).stderr


def test_json_alone_on_stdout(tmp_path: Path) -> None:
    write_bench(tmp_path)
    done = fiverounds("run", "--json", "-p", "good", cwd=tmp_path)
    assert json.loads(done.stdout)["trials"][0]["verdict"] == "passed"


def test_only_what_failed(tmp_path: Path) -> None:
    write_bench(tmp_path)
    fiverounds("run", "-q", cwd=tmp_path)
    done = fiverounds("plan", "--json", "--failed", "latest", cwd=tmp_path)
    assert [trial["trial_id"] for trial in json.loads(done.stdout)] == ["bad/calc/calc/1"]


def test_hostile_answers_fail_with_their_cause_and_others_go_on(tmp_path: Path) -> None:
    write_bench(tmp_path)
    hostile = {
        "exits": "import os\nos._exit(0)\n",
        "exits-late": "import os\ndef add(a, b):\n    os._exit(0)\n",
        "hangs": "while True: pass\n",
        "no-such-name": "x = 1\n",
        "syntax": "def add(:\n",
        "forks": "import os\nwhile True:\n    os.fork()\n",
    }
    providers = ""
    for name, code in hostile.items():
        answer(tmp_path, "calc", name, {"calc.py": code})
        providers += f'  - {{id: {name}, kind: replay, answers: "answers/{{round}}/{name}"}}\n'
    (tmp_path / "escape.md").write_text("Here:\n\n```python ../../etc/x\nprint(1)\n```\n")
    (tmp_path / "empty.md").write_text("I would rather not.\n")
    providers += "  - {id: escape, kind: replay, answers: escape.md}\n"
    providers += "  - {id: empty, kind: replay, answers: empty.md}\n"
    text = BENCH.replace("prompts:\n", providers + "prompts:\n").replace("30s}}", "15s}}")
    text = text.replace("test_timeout: 5s", "test_timeout: 1s")
    (tmp_path / "bench.yaml").write_text(text.replace("{file: calc.py}", "{files: true}"))
    done = fiverounds("run", "-j", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    results = results_of(tmp_path)
    for name in (*hostile, "escape", "empty"):
        result = results[f"{name}/calc/calc/1"]
        assert result["verdict"] == "failed", (name, result)
        assert result["reason"], name
    assert "../../etc/x" in str(results["escape/calc/calc/1"]["reason"])
    assert "no answer" in str(results["empty/calc/calc/1"]["reason"])
    assert results["good/calc/calc/1"]["verdict"] == "passed"
    assert leftovers(tmp_path) == []


def test_feedback_and_continuation(tmp_path: Path) -> None:
    write_bench(tmp_path)
    for number, code in enumerate(("def add(a, b):\n    return 0\n", None), start=1):
        source = code or (tmp_path / "answers" / "calc" / "good" / "calc.py").read_text()
        answer(tmp_path, "calc", f"learns-{number}", {"calc.py": source})
    text = BENCH.replace(
        "prompts:\n",
        '  - {id: learns, kind: replay, answers: "answers/{round}/learns-{attempt}"}\nprompts:\n'
        '  again: {text: "You got {{ previous.assertions[0].summary }}. Attempt {{ attempt }}."}\n',
    ).replace(
        "    assert:\n",
        "    iterate: {policy: until-pass, max_attempts: 3, prompt: again}\n    assert:\n",
    )
    (tmp_path / "bench.yaml").write_text(text)
    done = fiverounds("run", "-p", "learns", "-p", "bad", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    results = results_of(tmp_path)
    verdicts = [attempt["verdict"] for attempt in results["learns/calc/calc/1"]["attempts"]]
    assert verdicts == ["failed", "passed"]
    assert len(results["bad/calc/calc/1"]["attempts"]) == 3
    (prompt,) = (tmp_path / "_logs").glob("*/trials/learns/calc/calc/1/attempt-2/prompt.md")
    assert prompt.read_text().strip() == "You got 0/3. Attempt 2."


def test_interrupting_keeps_what_is_finished_and_leaves_nothing(tmp_path: Path) -> None:
    write_bench(tmp_path)
    answer(tmp_path, "calc", "slow", {"calc.py": "import time\ntime.sleep(60)\n"})
    slow = '  - {id: slow, kind: replay, answers: "answers/{round}/slow"}\nprompts:\n'
    (tmp_path / "bench.yaml").write_text(
        BENCH.replace("prompts:\n", slow).replace("test_timeout: 5s", "test_timeout: 25s")
    )
    run = subprocess.Popen(
        [sys.executable, "-m", "fiverounds", "run"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stderr is not None
    for line in run.stderr:
        if "absent/calc" in line:
            break
    time.sleep(0.5)  # well into the slow trial; nothing depends on how far
    run.send_signal(signal.SIGINT)
    stdout, stderr = run.communicate(timeout=20)
    assert run.returncode == 2, stdout + stderr
    assert "Traceback" not in stdout + stderr
    results = results_of(tmp_path)
    assert results["good/calc/calc/1"]["verdict"] == "passed"
    assert leftovers(tmp_path) == []


def test_killed_run_leaves_a_readable_log_and_no_process(tmp_path: Path) -> None:
    write_bench(tmp_path)
    answer(tmp_path, "calc", "slow", {"calc.py": "import time\ntime.sleep(60)\n"})
    slow = '  - {id: slow, kind: replay, answers: "answers/{round}/slow"}\nprompts:\n'
    (tmp_path / "bench.yaml").write_text(
        BENCH.replace("prompts:\n", slow).replace("test_timeout: 5s", "test_timeout: 25s")
    )
    run = subprocess.Popen(
        [sys.executable, "-m", "fiverounds", "run"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stderr is not None
    for line in run.stderr:
        if "absent/calc" in line:
            break
    run.kill()
    run.wait()
    run.stderr.close()
    deadline = time.monotonic() + 10
    while processes(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes(tmp_path) == []
    assert results_of(tmp_path)["good/calc/calc/1"]["verdict"] == "passed"


def test_the_exit_code_does_not_depend_on_who_listens(tmp_path: Path) -> None:
    write_bench(tmp_path, BENCH.replace("providers: [good]", "providers: [bad]"))
    command = f"{sys.executable} -m fiverounds run -p bad"
    for shell in (
        f"{command} >&-",
        f"{command} > /dev/full",
        f"{command} | true; exit ${{PIPESTATUS[0]}}",
    ):
        done = subprocess.run(
            ["bash", "-c", shell],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, (shell, done.stderr)
        assert "internal error" not in done.stderr, shell


def test_a_further_attempt_nobody_recorded_takes_nothing_back(tmp_path: Path) -> None:
    write_bench(tmp_path)
    answer(tmp_path, "calc", "once-1", {"calc.py": "def add(a, b):\n    return 0\n"})
    once = '  - {id: once, kind: replay, answers: "answers/{round}/once-{attempt}"}\nprompts:\n'
    again = '  again: {text: "Again: {{ previous.verdict }}"}\n'
    policy = "    iterate: {policy: until-pass, max_attempts: 3, prompt: again}\n    assert:\n"
    text = BENCH.replace("prompts:\n", once + again).replace("    assert:\n", policy)
    (tmp_path / "bench.yaml").write_text(text)
    fiverounds("run", "-p", "once", cwd=tmp_path)
    result = results_of(tmp_path)["once/calc/calc/1"]
    assert result["verdict"] == "failed"
    assert len(result["attempts"]) == 1
