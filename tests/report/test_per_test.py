from __future__ import annotations

from fiverounds.report.per_test import every_test
from fiverounds.report.summary import summarise
from fiverounds.results import TrialResult
from tests.golden.sample import ERROR, FAILED, LISP_TESTS, PASSED, attempt, fps, lisp, trial
from tests.report.support import log_of


def shown(*results: TrialResult) -> str:
    return every_test(summarise(log_of(*results)))


def test_tests_by_provider() -> None:
    failing = lisp({LISP_TESTS[0]: "no <b>"})
    text = shown(
        trial("good", "r3-lisp", PASSED, attempt(PASSED, lisp({}))),
        trial("bad", "r3-lisp", FAILED, attempt(FAILED, failing)),
        trial("down", "r3-lisp", ERROR, reason="no answer"),
    )
    lines = text.split("\n")
    assert lines[:2] == ["<details>", "<summary>r3-lisp</summary>"]
    header = [cell.strip() for cell in lines[3].split("|")[1:-1]]
    assert header == ["test", "good", "bad"]
    first = [cell.strip() for cell in lines[5].split("|")[1:-1]]
    assert first[1:] == ["✔", "✘"]
    assert "- bad, test\\_arithmetic.py::test\\_add: no &lt;b&gt;" in lines


def test_repeats_are_counted() -> None:
    text = shown(
        trial("a", "r3-lisp", PASSED, attempt(PASSED, lisp({}))),
        trial("a", "r3-lisp", FAILED, attempt(FAILED, lisp({LISP_TESTS[0]: ""})), repeat=2),
    )
    assert "1 of 2" in text
    assert text.count("2 of 2") == len(LISP_TESTS) - 1


def test_evidence_is_linked_relative_to_the_report() -> None:
    made = attempt(PASSED, fps(PASSED, 60.0), number=2)
    text = shown(trial("a", "r1-particles", PASSED, attempt(FAILED), made))
    folder = "trials/a/r1-particles/particles/1/"
    assert f"[a/r1-particles/particles/1]({folder})" in text
    assert f"![screenshot 1.png]({folder}attempt-2/evidence/screenshot%201.png)" in text
    assert f", [frames.json]({folder}attempt-2/evidence/frames.json)" in text


def test_evidence_that_leads_out_of_the_log_is_not_linked() -> None:
    names = ("/etc/passwd", "../../x.png", "a/../../x", "", "javascript:alert(1)", "a)b](c.png")
    judged = fps(PASSED, 60.0).model_copy(update={"evidence": names})
    text = shown(trial("a", "r1-particles", PASSED, attempt(PASSED, judged)))
    assert "passwd" not in text
    assert ".." not in text
    assert "(trials/a/r1-particles/particles/1/attempt-1/javascript%3Aalert%281%29)" in text
    assert "![a)b\\](c.png](trials/a/r1-particles/particles/1/attempt-1/a%29b%5D%28c.png)" in text


def test_nothing_judged() -> None:
    assert shown(trial("a", "r3-lisp", ERROR, reason="down")) == ""
