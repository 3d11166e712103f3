from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiverounds.report.junit import render, xml_text
from fiverounds.results import AssertionResult, Item, TrialResult, Verdict
from fiverounds.store.reader import read_run
from tests.golden.sample import (
    ERROR,
    FAILED,
    LISP_TESTS,
    PASSED,
    SKIPPED,
    STORED,
    attempt,
    checks,
    lisp,
    trial,
)
from tests.report.support import log_of

# Jenkins' junit-10.xsd: element → (attributes: required?, children).
SHAPE: dict[str, tuple[dict[str, bool], set[str]]] = {
    "testsuites": (
        dict.fromkeys(["name", "time", "tests", "failures", "errors"], False),
        {"testsuite"},
    ),
    "testsuite": (
        {
            **dict.fromkeys(["name", "tests", "failures", "errors"], True),
            **dict.fromkeys(["time", "skipped", "timestamp"], False),
        },
        {"properties", "testcase"},
    ),
    "properties": ({}, {"property"}),
    "property": ({"name": True, "value": True}, set()),
    "testcase": (
        {"name": True, "time": False, "classname": False},
        {"skipped", "error", "failure"},
    ),
    "skipped": ({"type": False, "message": False}, set()),
    "error": ({"type": False, "message": False}, set()),
    "failure": ({"type": False, "message": False}, set()),
}


def parsed(*results: TrialResult, planned: tuple[str, ...] | None = None) -> ET.Element:
    root = ET.fromstring(render(log_of(*results, planned=planned)).encode())
    check(root)
    return root


def check(element: ET.Element) -> None:
    """The document is as the XSD wants it, and counts right."""
    attributes, children = SHAPE[element.tag]
    assert set(element.attrib) <= set(attributes)
    assert all(name in element.attrib for name, required in attributes.items() if required)
    assert {child.tag for child in element} <= children
    if "time" in element.attrib:
        assert re.fullmatch(r"[0-9]+(\.[0-9]*)?", element.attrib["time"])
    if element.tag == "testsuite":
        cases = element.findall("testcase")
        assert int(element.attrib["tests"]) == len(cases)
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.attrib[name]) == sum(case.find(tag) is not None for case in cases)
        assert all(len(case) <= 1 for case in cases)
    if element.tag == "testsuites":
        for name in ("tests", "failures", "errors"):
            assert int(element.attrib[name]) == sum(int(suite.attrib[name]) for suite in element)
    for child in element:
        check(child)


def counts(suite: ET.Element) -> tuple[int, ...]:
    return tuple(int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped"))


def test_the_stored_run_has_the_usual_shape() -> None:
    text = render(read_run(STORED))
    root = ET.fromstring(text.encode())
    check(root)
    assert root.attrib["failures"] == "13"
    assert root.attrib["errors"] == "2"
    names = [suite.attrib["name"] for suite in root]
    assert len(names) == len(set(names)) == 21
    assert text.startswith("<?xml version='1.0' encoding='utf-8'?>\n<testsuites ")


def test_items_are_cases() -> None:
    (suite,) = parsed(
        trial("a", "r3-lisp", FAILED, attempt(FAILED, lisp({LISP_TESTS[1]: "no\nway"})))
    )
    assert counts(suite) == (6, 1, 0, 0)
    case = suite.findall("testcase")[1]
    assert case.attrib["name"] == LISP_TESTS[1]
    assert case.attrib["classname"] == "a.r3-lisp"
    failure = case[0]
    assert failure.attrib == {"message": "no way", "type": "pytest"}
    assert failure.text == "no\nway"


def test_an_assertion_without_items_is_a_case() -> None:
    (suite,) = parsed(
        trial("a", "r4-notespeak", PASSED, attempt(PASSED, checks("24/24", PASSED, 1.0)))
    )
    assert counts(suite) == (1, 0, 0, 0)
    assert suite.find("testcase").attrib["name"] == "script"  # type: ignore[union-attr]


@pytest.mark.parametrize("verdict", [FAILED, ERROR, SKIPPED])
def test_a_verdict_nothing_else_shows_gets_a_case(verdict: Verdict) -> None:
    good = attempt(verdict, lisp({}))
    (suite,) = parsed(trial("a", "r3-lisp", verdict, good, reason="timed out"))
    number = (FAILED, ERROR, SKIPPED).index(verdict) + 1
    assert counts(suite)[0] == 7
    assert counts(suite)[number] == 1
    assert suite.findall("testcase")[-1][0].attrib["message"] == "timed out"
    (suite,) = parsed(trial("a", "r3-lisp", verdict))
    assert counts(suite)[number] == counts(suite)[0] == 1
    assert "verdict is" in suite.findall("testcase")[-1][0].attrib["message"]


def test_an_assertion_that_failed_though_its_items_passed_gets_a_case() -> None:
    judged = lisp({}).model_copy(
        update={"verdict": FAILED, "reasons": ("7 tests expected, 6 ran",)}
    )
    (suite,) = parsed(trial("a", "r3-lisp", FAILED, attempt(FAILED, judged)))
    assert counts(suite) == (7, 1, 0, 0)


def test_tolerated_failures_do_not_turn_ci_red() -> None:
    judged = lisp({LISP_TESTS[0]: "meh"}).model_copy(update={"verdict": PASSED})
    (suite,) = parsed(trial("a", "r3-lisp", PASSED, attempt(PASSED, judged)))
    assert counts(suite) == (6, 0, 0, 1)
    skipped = suite.findall("testcase")[0][0]
    assert skipped.attrib == {"message": "failed, but 5/6 is enough: meh", "type": "tolerated"}


def test_a_passed_trial_without_assertions_is_a_passed_case() -> None:
    (suite,) = parsed(trial("a", "r3-lisp", PASSED))
    assert counts(suite) == (1, 0, 0, 0)


def test_what_was_not_run_is_not_silently_green() -> None:
    first = trial("a", "r3-lisp", PASSED, attempt(PASSED, lisp({})))
    done, missing = parsed(first, planned=(first.trial_id, "a/r5-debug/debug/1"))
    assert counts(done) == (6, 0, 0, 0)
    assert counts(missing) == (1, 0, 0, 1)
    assert "timestamp" not in missing.attrib


def test_repeats_and_several_assertions_have_names_of_their_own() -> None:
    item = (Item(id="same", verdict=PASSED),)
    one = AssertionResult(assertion_id="one", type="t", verdict=PASSED, items=item)
    two = one.model_copy(update={"assertion_id": "two"})
    results = [trial("a", "r3-lisp", PASSED, attempt(PASSED, one, two), repeat=n) for n in (1, 2)]
    (suite,) = parsed(*results)
    names = [case.attrib["name"] for case in suite.findall("testcase")]
    assert names == [
        "one: same [repeat 1]",
        "two: same [repeat 1]",
        "one: same [repeat 2]",
        "two: same [repeat 2]",
    ]


def test_proof_and_tampering_are_properties() -> None:
    judged = lisp({}, tampered=("tests/test_x.py",))
    (suite,) = parsed(trial("a", "r3-lisp", PASSED, attempt(PASSED, judged)))
    properties = [(p.attrib["name"], p.attrib["value"]) for p in suite.iter("property")]
    assert ("proof.pytest", "in-process, guarded") in properties
    assert ("tampered", "tests/test_x.py") in properties
    assert ("score", "6/6") in properties


@given(st.text())
def test_any_text_gives_valid_xml(text: str) -> None:
    judged = lisp({LISP_TESTS[0]: text}, tampered=(text,)).model_copy(
        update={"assertion_id": text, "type": text, "proof": text, "summary": text}
    )
    broken = checks(text, ERROR, None, text)
    parsed(trial("a", "r3-lisp", FAILED, attempt(FAILED, judged, broken), reason=text))


def test_what_xml_cannot_hold_is_left_out() -> None:
    assert xml_text("a\x00\x0b\ufffe\ud800\x1b[31mb\x1b[0m\tc\n\U0001f600") == "ab\tc\n\U0001f600"
