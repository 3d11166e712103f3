"""Selection options → selection, and how the log tells of them."""

from __future__ import annotations

from pathlib import Path

from fiverounds.cli.main import build_parser
from fiverounds.cli.selecting import described, selection


def test_options_become_a_selection() -> None:
    arguments = build_parser().parse_args(
        ["run", "b.yaml", "-p", "a*", "-p", "b", "-r", "r1", "-t", "local", "--limit", "3"]
    )
    chosen = selection(arguments, Path("_logs"))
    assert chosen.providers == ("a*", "b")
    assert chosen.rounds == ("r1",)
    assert chosen.tags == ("local",)
    assert chosen.limit == 3
    assert chosen.trial_ids is None
    assert described(arguments) == ("provider=a*", "provider=b", "round=r1", "tag=local", "limit=3")


def test_nothing_asked_is_everything() -> None:
    arguments = build_parser().parse_args(["run"])
    assert described(arguments) == ()
