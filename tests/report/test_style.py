from __future__ import annotations

from fiverounds.report.style import Style
from fiverounds.results import Verdict


def test_without_colour_nothing_is_added() -> None:
    assert Style().paint("a\nb", Verdict.FAILED) == "a\nb"
    assert Style().heading("a") == "a"


def test_with_colour_each_line_is_closed() -> None:
    painted = Style(colour=True).paint("a\nb", Verdict.PASSED)
    assert painted == "\x1b[32ma\x1b[0m\n\x1b[32mb\x1b[0m"
    assert Style(colour=True).heading("a") == "\x1b[1ma\x1b[0m"


def test_every_verdict_can_be_painted() -> None:
    style = Style(colour=True)
    assert all(style.paint("x", verdict) for verdict in (*Verdict, None))
