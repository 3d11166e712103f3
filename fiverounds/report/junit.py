"""A run as JUnit XML for CI: a suite for each provider and round, a case for each test. Pure.

What a suite counts agrees with the verdicts: a trial that failed (or broke) shows at least one
failure (or error), even if each of its tests passed; and a test that failed in an assertion that
passed all the same (`min_passed`) is shown as skipped, so that CI is not red where the bench is
content. Of several attempts the last is shown. Elements and attributes are those of Jenkins'
junit-10.xsd.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from fiverounds.report.model import Row, Summary
from fiverounds.report.summary import last_assertions, summarise
from fiverounds.results import AssertionResult, Item, TrialResult, Verdict
from fiverounds.store.redact import clean_terminal
from fiverounds.store.runlog import RunLog
from fiverounds.store.scores import one_line

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST_MESSAGE = 500
_COUNTED = {"failures": Verdict.FAILED, "errors": Verdict.ERROR, "skipped": Verdict.SKIPPED}
_TAGS = {Verdict.FAILED: "failure", Verdict.ERROR: "error", Verdict.SKIPPED: "skipped"}


@dataclass(frozen=True, slots=True)
class Case:
    """One `testcase`."""

    name: str
    verdict: Verdict
    text: str = ""
    seconds: float = 0.0
    kind: str = ""


def render(log: RunLog) -> str:
    """The XML document, newline at the end."""
    summary = summarise(log)
    root = ET.Element("testsuites", {"name": xml_text(log.header.run_id)})
    root.extend(_suite(summary, row) for row in summary.rows)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    root.set("time", _time(sum(row.wall_clock_seconds for row in summary.rows)))
    ET.indent(root)
    return "<?xml version='1.0' encoding='utf-8'?>\n" + ET.tostring(root, encoding="unicode") + "\n"


def xml_text(text: str) -> str:
    """Text that XML 1.0 can hold and that drives no terminal."""
    return _ILLEGAL.sub("", clean_terminal(text))


def _suite(summary: Summary, row: Row) -> ET.Element:
    repeated = row.counts.planned > 1
    cases = [case for result in row.results for case in _cases(result, repeated=repeated)]
    not_run = Case("trial", Verdict.SKIPPED, "not run: the run ended before it", kind="not run")
    cases += [not_run] * row.counts.not_run
    suite = ET.Element("testsuite", {"name": xml_text(f"{row.provider}/{row.column}")})
    suite.set("tests", str(len(cases)))
    for name, verdict in _COUNTED.items():
        suite.set(name, str(sum(case.verdict is verdict for case in cases)))
    suite.set("time", _time(row.wall_clock_seconds))
    if row.results:
        suite.set("timestamp", xml_text(min(result.started_at for result in row.results)))
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(summary, row):
        ET.SubElement(properties, "property", {"name": xml_text(name), "value": xml_text(value)})
    for case in cases:
        suite.append(_testcase(case, f"{row.provider}.{row.column.replace('/', '.')}"))
    return suite


def _properties(summary: Summary, row: Row) -> Iterator[tuple[str, str]]:
    yield "run", summary.log.header.run_id
    yield "bench", summary.log.header.bench.digest
    if row.score:
        yield "score", row.score
    assertions = (one for result in row.results for one in last_assertions(result) if one.proof)
    proofs = {assertion.assertion_id: assertion.proof for assertion in assertions}
    yield from ((f"proof.{name}", proof or "") for name, proof in proofs.items())
    for tampered in row.tampered:
        yield "tampered", tampered


def _cases(result: TrialResult, *, repeated: bool) -> Iterator[Case]:
    assertions = last_assertions(result)
    suffix = f" [repeat {result.repeat}]" if repeated else ""
    shown: set[Verdict] = set()
    for assertion in assertions:
        for case in _cases_of(assertion, several=len(assertions) > 1):
            shown.add(case.verdict)
            yield Case(case.name + suffix, case.verdict, case.text, case.seconds, case.kind)
    # Nothing above says so when the provider broke, ran out of time or was skipped.
    if result.verdict not in shown and (result.verdict is not Verdict.PASSED or not assertions):
        text = result.reason or f"the trial's verdict is {result.verdict.value}"
        yield Case(f"trial{suffix}", result.verdict, text, result.wall_clock_seconds, "trial")


def _cases_of(assertion: AssertionResult, *, several: bool) -> Iterator[Case]:
    prefix = f"{assertion.assertion_id}: " if several else ""
    cases = [_case(assertion, item, prefix) for item in assertion.items]
    yield from cases
    if not cases or (
        assertion.verdict is not Verdict.PASSED
        and all(case.verdict is not assertion.verdict for case in cases)
    ):
        text = "\n".join(assertion.reasons) or assertion.summary
        seconds = 0.0 if cases else assertion.duration_seconds
        yield Case(assertion.assertion_id, assertion.verdict, text, seconds, assertion.type)


def _case(assertion: AssertionResult, item: Item, prefix: str) -> Case:
    tolerated = assertion.verdict is Verdict.PASSED and item.verdict is Verdict.FAILED
    if tolerated:
        text = (
            f"failed, but {assertion.summary or assertion.assertion_id} is enough: {item.message}"
        )
        return Case(
            prefix + item.id, Verdict.SKIPPED, text, item.duration_seconds or 0.0, "tolerated"
        )
    return Case(
        prefix + item.id, item.verdict, item.message, item.duration_seconds or 0.0, assertion.type
    )


def _testcase(case: Case, classname: str) -> ET.Element:
    element = ET.Element("testcase", {"name": xml_text(one_line(case.name))})
    element.set("classname", classname)
    element.set("time", _time(case.seconds))
    if case.verdict in _TAGS:
        message = one_line(case.text)[:_LONGEST_MESSAGE]
        outcome = ET.SubElement(element, _TAGS[case.verdict], {"message": xml_text(message)})
        outcome.set("type", xml_text(one_line(case.kind)))
        outcome.text = xml_text(case.text)
    return element


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"
