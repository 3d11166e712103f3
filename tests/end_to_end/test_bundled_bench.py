"""The bundled bench judges its own recorded answers as the rounds' READMEs say. Real Chromium, real Go."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.end_to_end.support import REPO, fiverounds, leftovers

pytestmark = [pytest.mark.browser, pytest.mark.go]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """Trial → result of one run of the reference and the flawed answers."""
    folder = tmp_path_factory.mktemp("bundled")
    done = fiverounds(
        *("run", str(REPO / "bench.yaml"), "--json", "--logs", str(folder / "logs")),
        *("-t", "recorded"),
        cwd=folder,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr
    assert leftovers(folder) == []
    shutil.rmtree(folder / "logs")
    return {trial["trial_id"]: trial for trial in json.loads(done.stdout)["trials"]}


def summaries(result: dict[str, object]) -> list[str]:
    """What the table shows of a trial."""
    attempts = result["attempts"]
    assert isinstance(attempts, list)
    return [assertion["summary"] for assertion in attempts[-1]["assertions"]]


def test_the_reference_passes_every_round(results: dict[str, dict[str, object]]) -> None:
    mine = {name: result for name, result in results.items() if name.startswith("reference/")}
    assert len(mine) == 5
    for name, result in mine.items():
        assert result["verdict"] == "passed", (name, result["reason"])
    assert summaries(mine["reference/r3-lisp/lisp/1"]) == ["58/58"]
    assert summaries(mine["reference/r4-notespeak/notespeak/1"]) == ["32/32"]
    assert summaries(mine["reference/r5-debug/debug/1"]) == ["10/10 bugs", "35/35"]


def test_the_flawed_answers_fail_for_the_reasons_in_the_readmes(
    results: dict[str, dict[str, object]],
) -> None:
    mine = {name: result for name, result in results.items() if name.startswith("flawed/")}
    assert len(mine) == 5
    for name, result in mine.items():
        assert result["verdict"] == "failed", (name, result["reason"])
    assert summaries(mine["flawed/r3-lisp/lisp/1"]) == ["50/58"]
    assert summaries(mine["flawed/r4-notespeak/notespeak/1"]) == ["22/32"]
    bugs, tests = summaries(mine["flawed/r5-debug/debug/1"])
    assert bugs.startswith("5/10 bugs")
    assert tests == "34/35"
    debug = json.dumps(mine["flawed/r5-debug/debug/1"])
    assert "tests/test_directory.py" in debug, "the edited test is reported"
    frames = json.dumps(mine["flawed/r1-particles/particles/1"])
    assert "FPS" in frames
