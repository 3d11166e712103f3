"""Answers the bench has never seen, judged right: another Lisp, lying and hanging pages, a silent server."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from tests.end_to_end.support import REPO, fiverounds, leftovers

pytestmark = [pytest.mark.browser, pytest.mark.go]

FIXTURES = REPO / "tests" / "fixtures"
SILENT = {
    "go.mod": "module silent\n\ngo 1.27\n",
    "main.go": 'package main\n\nimport "time"\n\nfunc main() { time.Sleep(time.Hour) }\n',
}
BENCH = """\
fiverounds: 1
name: third-party
defaults: {limits: {attempt: 30s, assertion: 90s}}
gate: {providers: [nobody-must-pass], pass_rate: 0}
providers:
  - {id: nobody-must-pass, kind: replay, answers: "answers/{round}"}
  - {id: prints-60, kind: replay, answers: answers/prints-60, rounds: [page]}
  - {id: hangs, kind: replay, answers: answers/hangs, rounds: [page]}
prompts:
  any: {text: "Do it."}
rounds:
  - id: lisp
    prompt: any
    output: {file: lisp.py}
    assert:
      - {type: pytest, suite: rounds/r3-lisp/tests, expect_tests: 58, isolation: process, module: lisp}
  - id: page
    prompt: any
    output: {file: index.html}
    assert: [{type: fps, min_fps: 60, duration: 2s}]
  - id: silent
    prompt: any
    output: {files: true}
    toolchain: [go]
    assert:
      - type: script
        run: rounds/r4-notespeak/integration.py
        setup: [go, build, -o, notespeak, .]
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Trial → result."""
    folder = tmp_path_factory.mktemp("third-party")
    for round_id in ("r3-lisp", "r4-notespeak"):
        shutil.copytree(REPO / "rounds" / round_id, folder / "rounds" / round_id)
    shutil.copytree(FIXTURES / "other-lisp", folder / "answers" / "lisp")
    for name, page in (("prints-60", "prints-60.html"), ("hangs", "hang-at-load.html")):
        (folder / "answers" / name).mkdir()
        shutil.copy(FIXTURES / "pages" / page, folder / "answers" / name / "index.html")
        shutil.copy(FIXTURES / "pages" / "stage.js", folder / "answers" / name / "stage.js")
    (folder / "answers" / "silent").mkdir()
    for name, text in SILENT.items():
        (folder / "answers" / "silent" / name).write_text(text)
    (folder / "bench.yaml").write_text(BENCH)
    done = fiverounds("run", "--json", cwd=folder, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    assert leftovers(folder) == []
    return {trial["trial_id"]: trial for trial in json.loads(done.stdout)["trials"]}


def assertion(result: dict[str, Any]) -> dict[str, Any]:
    """The one assertion of the last attempt."""
    found: dict[str, Any] = result["attempts"][-1]["assertions"][0]
    return found


def test_another_lisp_gets_its_own_table(results: dict[str, dict[str, Any]]) -> None:
    expected = json.loads((FIXTURES / "other-lisp" / "expected.json").read_text())
    items = assertion(results["nobody-must-pass/lisp/any/1"])["items"]
    for verdict in ("passed", "failed"):
        found = {item["id"] for item in items if item["verdict"] == verdict}
        assert found == set(expected[verdict])


def test_a_page_that_prints_60_and_presents_25_gets_25(results: dict[str, dict[str, Any]]) -> None:
    result = results["prints-60/page/any/1"]
    assert result["verdict"] == "failed"
    metrics = {metric["name"]: metric["value"] for metric in assertion(result)["metrics"]}
    assert metrics["presented_fps"] == pytest.approx(25, abs=3)


def test_a_page_that_hangs_fails_with_the_cause(results: dict[str, dict[str, Any]]) -> None:
    result = results["hangs/page/any/1"]
    assert result["verdict"] == "failed"
    assert "hang" in result["reason"]


def test_a_server_that_never_listens_fails_with_the_cause(
    results: dict[str, dict[str, Any]],
) -> None:
    result = results["nobody-must-pass/silent/any/1"]
    assert result["verdict"] == "failed"
    assert "never answered" in result["reason"]


def test_a_round_without_a_recorded_answer_is_skipped(results: dict[str, dict[str, Any]]) -> None:
    result = results["nobody-must-pass/page/any/1"]
    assert result["verdict"] == "skipped"
    assert "answers/page" in result["reason"]
