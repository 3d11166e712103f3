from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fiverounds.assertions.script.reports import Report, parse
from fiverounds.results import Verdict


def parsed(data: bytes | str, kind: str = "auto") -> Report:
    report = parse(data.encode() if isinstance(data, str) else data, kind)
    assert isinstance(report, Report), report
    return report


def refused(data: bytes | str, kind: str = "auto") -> str:
    report = parse(data.encode() if isinstance(data, str) else data, kind)
    assert isinstance(report, str)
    return report


def a_json_report(*checks: dict[str, Any], **more: Any) -> str:
    return json.dumps({"checks": checks, **more})


# --- JSON -------------------------------------------------------------------------------------------------------------


def test_checks_and_metrics_are_read() -> None:
    report = parsed(
        a_json_report(
            {"name": "starts", "outcome": "passed", "seconds": 0.5},
            {"name": "searches", "outcome": "failed", "message": "no hits"},
            {"name": "speaks", "outcome": "error"},
            {"name": "sings", "outcome": "skipped"},
            metrics={"startup": 1.5, "hits": 3, "unknown": None},
        )
    )
    assert [(item.id, item.verdict, item.message) for item in report.items] == [
        ("starts", Verdict.PASSED, ""),
        ("searches", Verdict.FAILED, "no hits"),
        ("speaks", Verdict.ERROR, ""),
        ("sings", Verdict.SKIPPED, ""),
    ]
    assert report.items[0].duration_seconds == 0.5
    assert {metric.name: metric.value for metric in report.metrics} == {
        "startup": 1.5,
        "hits": 3.0,
        "unknown": None,
    }


@pytest.mark.parametrize(
    "data",
    [
        "",
        "nothing",
        "[]",
        "{}",
        "null",
        '{"checks": null}',
        '{"checks": {"name": "a"}}',
        '{"checks": "ab"}',
        '{"checks": [1]}',
        '{"checks": [{"name": "a"}]}',
        '{"checks": [{"outcome": "passed"}]}',
        '{"checks": [{"name": "a", "outcome": "PASSED"}]}',
        '{"checks": [{"name": "a", "outcome": ["passed"]}]}',
        '{"checks": [{"name": "a", "outcome": "passed"}], "metrics": 7}',
        "[" * 100_000,
        '{"checks": ' + "9" * 5000 + "}",
    ],
    ids=lambda data: data[:40],
)
def test_what_is_no_json_report_is_told_in_a_sentence(data: str) -> None:
    assert refused(data, "json").startswith("the JSON report")


def test_a_report_without_checks_says_nothing() -> None:
    assert refused('{"checks": []}') == "the JSON report holds no checks"


def test_a_report_too_long_is_refused_rather_than_cut() -> None:
    passing = [{"name": f"n{number}", "outcome": "passed"} for number in range(5000)]
    assert len(parsed(a_json_report(*passing)).items) == 5000
    failing = {"name": "the one that fails", "outcome": "failed"}
    assert "more than 5000" in refused(a_json_report(*passing, failing))


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "1e999", "1" + "0" * 400, "true", '"x"', "null"]
)
def test_what_is_no_number_is_unknown(number: str) -> None:
    report = parsed(
        f'{{"checks": [{{"name": "a", "outcome": "passed", "seconds": {number}}}], '
        f'"metrics": {{"m": {number}}}}}'
    )
    assert report.items[0].duration_seconds is None
    assert report.metrics[0].value is None


def test_long_texts_are_cut() -> None:
    report = parsed(
        a_json_report(
            {"name": "n" * 9000, "outcome": "failed", "message": "m" * 9000},
            metrics={f"{'k' * 900}{number}": 1 for number in range(900)},
        )
    )
    assert len(report.items[0].id) == 200
    assert len(report.items[0].message) == 2000
    assert len(report.metrics) == 200


def test_what_no_file_could_hold_as_text_is_replaced() -> None:
    report = parsed(b'{"checks": [{"name": "\xff", "outcome": "passed", "message": "\\ud800"}]}')
    assert report.items[0].id == "\N{REPLACEMENT CHARACTER}"
    assert report.items[0].message == "?"


# --- JUnit ------------------------------------------------------------------------------------------------------------

JUNIT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="a"><properties/>
  <testcase classname="tests.test_it" name="test_one" time="0.25"/>
  <testcase classname="tests.test_it" name="test_two"><failure message="1 != 2">Traceback</failure></testcase>
  <testcase name="test_three"><error>fixture broke</error></testcase>
  <testsuite><testcase classname="c"><skipped/><system-out>hi</system-out></testcase></testsuite>
  <testcase/>
</testsuite></testsuites>
"""


@pytest.mark.parametrize("start", ["", "\ufeff", "\n\n"])
def test_junit_is_read(start: str) -> None:
    report = parsed(start + (JUNIT if start != "\n\n" else JUNIT.split("\n", 1)[1]))
    assert [(item.id, item.verdict, item.message) for item in report.items] == [
        ("tests.test_it::test_one", Verdict.PASSED, ""),
        ("tests.test_it::test_two", Verdict.FAILED, "1 != 2"),
        ("test_three", Verdict.FAILED, "fixture broke"),
        ("c", Verdict.SKIPPED, ""),
        ("unnamed", Verdict.PASSED, ""),
    ]
    assert report.items[0].duration_seconds == 0.25
    assert report.metrics == ()


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + "]><testsuite><testcase name='&j;'/></testsuite>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&a;"/></testsuite>'


@pytest.mark.parametrize("data", [LAUGHS, OUTSIDE, "<!DOCTYPE x SYSTEM 'http://127.0.0.1/'><x/>"])
def test_entities_are_refused(data: str) -> None:
    assert "refused" in refused(data)
    assert "refused" in refused(f"<?xml version='1.0'?>\n<!-- --> {data}", "junit")


def test_entities_in_another_encoding_are_no_xml() -> None:
    assert "not XML" in refused(OUTSIDE.encode("utf-16"), "junit")
    in_disguise = b"<?xml version='1.0' encoding='utf-7'?>+ADwAIQ-DOCTYPE x+AD4 <x/>"
    assert "not XML" in refused(in_disguise, "junit")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("<testsuite>", "not XML"),
        ("<testsuite/>", "no test cases"),
        ("<a>" * 300_000 + "</a>" * 300_000, "no test cases"),
        ("<t>" + "<testcase/>" * 5001 + "</t>", "more than 5000"),
        ("<t a='" + "x" * 1_000_000, "not XML"),
    ],
    ids=["open", "empty", "deep", "many", "long"],
)
def test_what_is_no_junit_report_is_told_in_a_sentence(data: str, said: str) -> None:
    assert said in refused(data)


# --- anything ---------------------------------------------------------------------------------------------------------

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from(["auto", "json", "junit"]), st.binary())
@example("junit", b"<t><testcase name='\xed\xa0\x80'/></t>")
def test_no_bytes_whatever_raise(kind: str, data: bytes) -> None:
    assert isinstance(parse(data, kind), Report | str)


@settings(deadline=None, max_examples=50)
@given(ANY_JSON, ANY_JSON, ANY_JSON)
def test_no_json_whatever_raises(name: Any, seconds: Any, metrics: Any) -> None:
    document = {
        "checks": [{"name": name, "outcome": "passed", "message": name, "seconds": seconds}],
        "metrics": metrics,
    }
    assert isinstance(parse(json.dumps(document).encode(), "json"), Report | str)
