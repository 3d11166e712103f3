"""The whole way from a file to a bench or to its problems.

Every file in `bad/` says in its first lines, exactly, what its author must be told; every file in
`good/` is a bench without problems.
"""

from __future__ import annotations

import copy
import json
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiverounds.errors import SpecError
from fiverounds.spec.load import load
from tests.spec.helpers import (
    ENVIRONMENT,
    FUZZED,
    GOOD,
    HERE,
    expected_of,
    problems_in,
    problems_of,
)
from tests.spec.mutations import EVERY_KEY, USES, mutate

BAD_SPECS = sorted((HERE / "bad").glob("*.yaml"))
GOOD_SPECS = sorted((HERE / "good").glob("*.yaml"))


def test_a_bench(folder: Path) -> None:
    (folder / "bench.yaml").write_text(GOOD)
    bench = load(folder / "bench.yaml", {})
    assert bench.file == folder / "bench.yaml"
    assert bench.root == folder
    assert (bench.name, bench.description) == ("good", "")
    assert [provider.id for provider in bench.providers] == ["ref"]
    assert bench.prompts == {"brief": "Write {{ round }} for {{ provider }}.\n"}
    assert [assertion.type for assertion in bench.rounds[0].assertions] == ["pytest"]
    assert bench.gate is None
    assert len(bench.digest) == 64
    assert load(folder, {}) == bench, "a folder means the bench.yaml in it"


def test_files_are_named_as_the_user_would(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "bench.yaml").write_text(GOOD.replace("brief.md", "misspelt.md"))
    monkeypatch.chdir(folder.parent)
    for path in (Path("bench/bench.yaml"), folder / "bench.yaml", Path("bench")):
        with pytest.raises(SpecError) as caught:
            load(path, {})
        assert {problem.file for problem in caught.value.problems} == {"bench/prompts/misspelt.md"}


def test_no_such_file(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path / "bench.yaml")
    assert problem.message == "cannot be read: there is no such file"


def test_a_large_file(tmp_path: Path) -> None:
    with (tmp_path / "bench.yaml").open("wb") as stream:
        stream.truncate(50 * 1024 * 1024)
    (problem,) = problems_of(tmp_path / "bench.yaml")
    assert "is too large: 52,428,800 bytes" in problem.message


def test_problems_of_every_floor_at_once_in_order(folder: Path) -> None:
    text = GOOD.replace("name: good", "name: good\nname: twice\ndefaults: {repeats: 0}")
    text = text.replace("brief.md", "misspelt.md").replace("prompt: brief", "prompt: breif")
    assert [problem.split(": ")[0] for problem in problems_in(folder, text)] == [
        "bench.yaml:3:1",
        "bench.yaml:4:21",
        "bench.yaml:11:13",
        "prompts/misspelt.md:2:8",
        "prompts/misspelt.md:2:25",
    ]


def test_no_more_than_can_be_mended(folder: Path) -> None:
    assert (
        len(problems_in(folder, GOOD + "".join(f"k{number}: 1\n" for number in range(5000)))) == 100
    )


def test_the_environment_is_an_argument(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIVEROUNDS_TEST_URL", "http://x")
    provider = "  - {id: c, kind: chat, model: m, base_url: '${FIVEROUNDS_TEST_URL}'}\nprompts:"
    (problem,) = problems_in(folder, GOOD.replace("prompts:", provider, 1), {})
    assert "is not set" in problem


@settings(FUZZED, max_examples=4000, derandomize=False)
@given(good=st.sampled_from([EVERY_KEY, USES]), data=st.data())
def test_whatever_is_in_a_file_is_a_bench_or_a_list_of_problems(
    shared_folder: Path, good: object, data: st.DataObject
) -> None:
    document = copy.deepcopy(good)
    for _ in range(data.draw(st.integers(1, 4))):
        mutate(document, data)
    path = shared_folder / "mutated.yaml"
    path.write_text(json.dumps(document), "utf-8")
    assert not any("please report this" in problem.message for problem in problems_of(path))


@settings(FUZZED, max_examples=4000, derandomize=False)
@given(data=st.data())
def test_whatever_bytes_are_in_a_file(shared_folder: Path, data: st.DataObject) -> None:
    content = bytearray(GOOD.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content)))
        content[place : place + data.draw(st.integers(0, 12))] = data.draw(
            st.one_of(
                st.binary(max_size=4),
                st.sampled_from(
                    [
                        b"*",
                        b"&a ",
                        b"!!x ",
                        b"{",
                        b"]",
                        b"\t",
                        b": ",
                        b"- ",
                        b"<<: ",
                        b'"',
                        b"|",
                        b"---",
                        b"%",
                        b"? ",
                    ]
                ),
            )
        )
    path = shared_folder / "bytes.yaml"
    path.write_bytes(content)
    assert isinstance(problems_of(path), tuple)


@pytest.mark.parametrize("spec", BAD_SPECS, ids=lambda path: path.stem)
def test_a_bad_spec_is_told_exactly_what_is_wrong(spec: Path, shared_folder: Path) -> None:
    expected = expected_of(spec)
    copy = Path(shutil.copy(spec, shared_folder))
    started = time.process_time()
    problems = problems_of(copy)
    seconds = time.process_time() - started

    assert expected, "says nothing to expect"
    found = [(problem.file, problem.line, problem.column, problem.path) for problem in problems]
    assert sorted(found) == sorted(one.place() for one in expected), problems
    for one in expected:
        same_place = [p for p in problems if (p.file, p.line, p.column, p.path) == one.place()]
        assert any(map(one.is_met_by, same_place)), (one.words, same_place)
    assert seconds < 1, f"{seconds:.1f} s"


def test_there_are_plenty_of_bad_specs() -> None:
    assert len(BAD_SPECS) >= 45


def test_no_message_shows_a_key_or_the_environment(shared_folder: Path) -> None:
    for spec in BAD_SPECS:
        copy = Path(shutil.copy(spec, shared_folder))
        said = "\n".join(f"{problem} {problem.hint}" for problem in problems_of(copy))
        for secret in ("canary", "sk-proj-", "AKIAIOS", "ghp_0123", "hunter2", "user:secret"):
            assert secret not in said, spec.name


@pytest.mark.parametrize("spec", GOOD_SPECS, ids=lambda path: path.stem)
def test_a_good_spec_has_no_problems(spec: Path, shared_folder: Path) -> None:
    copy = Path(shutil.copy(spec, shared_folder))
    assert problems_of(copy) == ()
    assert load(copy, ENVIRONMENT) == load(copy, ENVIRONMENT)


def test_there_are_some_good_specs() -> None:
    assert len(GOOD_SPECS) >= 10
