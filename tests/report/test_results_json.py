from __future__ import annotations

import hashlib
import json

import jsonschema

from fiverounds.report.results_json import ResultsDocument, document, render, schema
from fiverounds.store.files import json_text
from fiverounds.store.header import RunStatus
from fiverounds.store.reader import read_run
from tests.golden.sample import PASSED as P
from tests.golden.sample import STORED, trial
from tests.report.support import log_of


def test_it_fits_its_schema_and_its_model() -> None:
    text = render(read_run(STORED))
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(json.loads(text), schema())
    assert ResultsDocument.model_validate_json(text) == document(read_run(STORED))


def test_what_it_says() -> None:
    log = read_run(STORED)
    made = json.loads(render(log))
    assert made["format_version"] == 1
    assert made["status"] == "finished"
    assert made["exit_code"] == 0
    assert made["gate"]["state"] == "held"
    assert made["not_run"] == ["qwen3-coder-30b/r5-debug/debug/1"]
    assert len(made["trials"]) == 20
    assert made["totals"][2]["error"] == 2
    assert made["totals"][2]["output_tokens"] == {"value": 3072, "partial": True}
    canonical = json_text(log.header.model_dump(mode="json")).encode()
    assert made["header_sha256"] == hashlib.sha256(canonical).hexdigest()


def test_a_run_without_an_end() -> None:
    made = document(log_of(trial("a", "r3-lisp", P), status=None))
    assert made.status is RunStatus.STARTED
    assert made.finished_at is None
    assert made.exit_code == 2
    assert made.gate.asked is None
