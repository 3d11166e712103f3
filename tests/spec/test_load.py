from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fiverounds.errors import SpecError
from fiverounds.spec.load import load
from tests.spec.helpers import ENVIRONMENT, GOOD, problems_in, problems_of
from tests.spec.test_gate_equals_models import EVERY_KEY, USES, mutate


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


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(good=st.sampled_from([EVERY_KEY, USES]), data=st.data())
def test_whatever_is_in_a_file_is_a_bench_or_a_list_of_problems(
    shared_folder: Path, good: object, data: st.DataObject
) -> None:
    document = copy.deepcopy(good)
    for _ in range(data.draw(st.integers(1, 4))):
        mutate(document, data)
    path = shared_folder / "mutated.yaml"
    path.write_text(json.dumps(document), "utf-8")
    try:
        load(path, ENVIRONMENT)
    except SpecError as error:
        assert error.problems
        assert not any("please report this" in problem.message for problem in error.problems)


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
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
