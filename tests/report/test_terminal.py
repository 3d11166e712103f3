from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fiverounds.report.terminal import (
    columns_of,
    cut,
    fitting_table,
    framed_table,
    paragraph,
    table,
    wrap,
)

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)


def test_columns() -> None:
    assert columns_of("abc") == 3
    assert columns_of("日本") == 4
    assert columns_of("e\u0301") == 1
    assert columns_of("\x1b[31mred\x1b[0m") == 3
    assert columns_of("✔") == 1


def test_cut() -> None:
    assert cut("short", 5, "…") == "short"
    assert cut("longer", 5, "…") == "long…"
    assert cut("longer", 5, "...") == "lo..."
    assert cut("日本語", 5, "…") == "日本…"


def test_wrap() -> None:
    assert wrap("", 10) == []
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("a verylongword b", 5) == ["a", "veryl", "ongwo", "rd b"]
    assert wrap("日本語日本語", 5) == ["日本", "語日", "本語"]


@given(texts, st.integers(2, 30))
def test_wrapped_lines_fit_and_lose_nothing(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(columns_of(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(texts, st.integers(8, 40))
def test_paragraphs_are_short(text: str, columns: int) -> None:
    lines = paragraph(text, columns, "    ", 3, "…")
    assert len(lines) <= 3
    assert all(columns_of(line) <= columns for line in lines)
    if len(wrap(text, columns - 4)) > 3:
        assert lines[-1].endswith("…")


def test_tables_leave_texts_as_they_are() -> None:
    assert table([["a", "b"], ["1e3", "  x"]], "plain") == ["a    b", "1e3    x"]
    assert table([["a", "b"], ["x", "10"]], "plain", right=(1,)) == ["a   b", "x  10"]


def test_a_frame_has_a_line_below_the_header() -> None:
    assert framed_table(["a", "b"], [["1", "2"]], "rounded_") == [
        "╭───┬───╮",
        "│ a │ b │",
        "├───┼───┤",
        "│ 1 │ 2 │",
        "╰───┴───╯",
    ]
    lines = framed_table(["a\na", "b"], [["1", "2"]], "")
    assert lines == ["+---+---+", "| a | b |", "| a |   |", "+---+---+", "| 1 | 2 |", "+---+---+"]


def test_tall_cells_get_lines_between_rows() -> None:
    lines = framed_table(["a"], [["1\n2"], ["3"]], "")
    assert lines == ["+---+", "| a |", "+---+", "| 1 |", "| 2 |", "+---+", "| 3 |", "+---+"]


def test_columns_are_left_out_from_the_right() -> None:
    header, rows = ["name", "one", "two"], [["x", "12345", "y"]]
    lines, missing = fitting_table(header, rows, 15, 1, right=(1,))
    assert lines == ["name    one", "----  -----", "x     12345"]
    assert missing == ["two"]
    lines, missing = fitting_table(header, rows, 16, 1, right=(1,))
    assert missing == []
    assert columns_of(lines[1]) == 16
    assert fitting_table(header, rows, 3, 2, right=())[1] == ["two"]
