from __future__ import annotations

from pathlib import Path

from fiverounds.errors import Problem
from fiverounds.spec.frame import Frames


def frame(tmp_path: Path, content: str | bytes, line: int, column: int) -> str:
    path = tmp_path / "f.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Frames().frame(Problem(str(path), line, column, "", "message"))


def test_three_lines_and_a_caret(tmp_path: Path) -> None:
    text = "".join(f"line {number}\n" for number in range(1, 101))
    assert frame(tmp_path, text, 10, 6) == (
        "   9 │ line 9\n  10 │ line 10\n     │      ^\n  11 │ line 11"
    )
    assert frame(tmp_path, text, 1, 1) == "  1 │ line 1\n    │ ^\n  2 │ line 2"
    assert frame(tmp_path, text, 100, 1) == "   99 │ line 99\n  100 │ line 100\n      │ ^"


def test_nothing_to_show(tmp_path: Path) -> None:
    assert frame(tmp_path, "a\n", 5, 1) == ""
    assert frame(tmp_path, "", 1, 1) == ""
    assert frame(tmp_path, b"\xff", 1, 1) == ""
    assert Frames().frame(Problem("none", 1, 1, "", "message")) == ""


def test_keys_are_not_shown(tmp_path: Path) -> None:
    text = "api_key: hunter2\nmodel: sk-proj-0123456789abcdef\nurl: https://u:secret@host\n"
    shown = frame(tmp_path, text, 2, 8)
    assert not any(secret in shown for secret in ("hunter2", "sk-proj", "secret"))
    assert "url: https://********@host" in shown


def test_nothing_moves_the_cursor(tmp_path: Path) -> None:
    shown = frame(tmp_path, "a: \x1b[31mred\u202e\tb\u200b\n", 1, 4)
    assert shown == "  1 │ a: ·[31mred· b·\n    │    ^"


def test_a_long_line_is_cut_around_the_caret(tmp_path: Path) -> None:
    line = "a: [" + ", ".join(f"n{number}" for number in range(300)) + "]"
    column = line.index("n200") + 1
    first, caret = frame(tmp_path, line + "\n", 1, column).split("\n")
    assert len(first) < 130
    assert first[caret.index("^") :].startswith("n200")
