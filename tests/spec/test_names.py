from __future__ import annotations

from pathlib import Path

from tests.spec.helpers import GOOD, problems_in

ROUND = "  - " + GOOD.partition("rounds:\n  - ")[2]


def rounds(after: dict[str, str]) -> str:
    head = GOOD.partition("rounds:\n  - ")[0].replace("rounds/{round}/reference", "answers/one.md")
    head += "rounds:\n"
    return head + "".join(
        ROUND.replace("id: one", f"id: {name}\n    after: {start}") for name, start in after.items()
    )


def test_one_problem_for_each_circle(folder: Path) -> None:
    text = rounds({"a": "b", "b": "c", "c": "b", "d": "d", "e": "a", "one": "f", "f": "one"})
    said = [problem.partition("after: ")[2] for problem in problems_in(folder, text)]
    assert said == [
        "these rounds wait for each other: b → c → b",
        "a round cannot start from itself",
        "these rounds wait for each other: one → f → one",
    ]


def test_a_large_circle(folder: Path) -> None:
    text = rounds({f"r{number}": f"r{(number + 1) % 300}" for number in range(300)})
    (problem,) = problems_in(folder, text)
    assert problem.endswith("r0 → r1 → r2 → r3 → r4 → r5 → … → r0")


def test_a_missing_section_is_not_also_a_hundred_dangling_names(folder: Path) -> None:
    (problem,) = problems_in(
        folder,
        GOOD.replace("  brief: {file: prompts/brief.md}\n", "").replace("prompts:", "prompts: 1"),
    )
    assert "expected a mapping" in problem


def test_a_name_may_stand_for_a_part_that_is_wrong_itself(folder: Path) -> None:
    (problem,) = problems_in(
        folder, GOOD.replace("{file: prompts/brief.md}", "{fiel: prompts/brief.md}")
    )
    assert "did you mean `file`?" in problem
