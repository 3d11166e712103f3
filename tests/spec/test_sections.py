from __future__ import annotations

from fiverounds.spec.models import BenchFile
from fiverounds.spec.nodes import Source
from fiverounds.spec.sections import parse_bench, read_sections
from fiverounds.spec.yaml_source import parse_yaml
from tests.spec.helpers import GOOD


def source_of(text: str) -> Source:
    root = parse_yaml(text, "f", "a bench").root
    assert root is not None
    return Source(root)


def test_what_is_well_formed_is_read_beside_what_is_not() -> None:
    second = "  - {id: two, prompt: brief, outptu: 1}\n  - {prompt: 3}\n"
    sections = read_sections(source_of(GOOD + second + "defaults: 3\n"))
    assert list(sections.rounds) == [0]
    assert sections.round_ids == {0: "one", 1: "two"}
    assert list(sections.providers) == [0]
    assert sections.prompt_ids == ("brief",)
    assert sections.defaults.repeats == 1


def test_a_part_with_a_broken_value_is_not_read() -> None:
    sections = read_sections(source_of(GOOD.replace("id: one", "id: one\n    title: *none")))
    assert not sections.rounds
    assert sections.round_ids == {0: "one"}


def test_nothing_at_all() -> None:
    sections = read_sections(source_of("providers: 1\nrounds: {a: b}\nprompts: []\n"))
    assert not sections.providers
    assert not sections.rounds
    assert not sections.prompts


def test_the_whole() -> None:
    assert isinstance(parse_bench(source_of(GOOD)), BenchFile)
    assert (
        parse_bench(source_of(GOOD.replace("fiverounds: 1", "fiverounds: 2")))
        == "fiverounds: literal_error"
    )
