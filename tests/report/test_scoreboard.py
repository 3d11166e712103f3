from __future__ import annotations

import pytest

from fiverounds.report.scoreboard import scoreboard
from fiverounds.report.style import Style
from fiverounds.report.summary import summarise
from fiverounds.report.terminal import columns_of
from fiverounds.report.words import ASCII
from fiverounds.store.reader import read_run
from fiverounds.store.redact import clean_terminal
from tests.golden.sample import PASSED, STORED, attempt, checks, trial
from tests.report.support import log_of


@pytest.mark.parametrize("columns", range(40, 200, 7))
def test_it_fits_and_shows_every_cell(columns: int) -> None:
    summary = summarise(read_run(STORED))
    text = scoreboard(summary, Style(columns))
    assert all(columns_of(line) <= columns for line in text.split("\n"))
    together = "".join(letter for letter in text if letter not in "│─├┤┼╭╮╰╯┬┴ \n")
    for column in ("r3-lisp", "r5-debug"):
        assert column in together


def test_wide_enough_it_is_one_compact_table() -> None:
    text = scoreboard(summarise(read_run(STORED)), Style(130))
    assert text.count("╭") == 1
    assert text.count("├") == 1
    assert "✘ 58.9 of 60 FPS" in text


def test_long_names_and_many_rounds() -> None:
    name = "p" * 64
    score = checks("1,234,567 of 1,234,568 assertions", PASSED, 1.0)
    trials = [
        trial(name, f"round-{'x' * 50}-{number}", PASSED, attempt(PASSED, score), prompt="q")
        for number in range(12)
    ]
    for columns in (40, 60, 100):
        text = scoreboard(summarise(log_of(*trials)), Style(columns, ASCII))
        assert all(columns_of(line) <= columns for line in text.split("\n"))
        assert text.isascii()


def test_colours_do_not_move_anything() -> None:
    summary = summarise(read_run(STORED))
    for columns in (60, 100, 130):
        plain = scoreboard(summary, Style(columns))
        painted = scoreboard(summary, Style(columns, colour=True))
        assert painted != plain
        assert clean_terminal(painted) == plain


def test_nothing_planned() -> None:
    assert scoreboard(summarise(log_of()), Style()) == ""
