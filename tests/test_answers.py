"""Chat text → files: what counts as an answer, what does not, and that nothing escapes."""

from __future__ import annotations

import pytest

from fiverounds.answers import MAX_BYTES, MAX_LINES, Answer, NoAnswer, extract
from fiverounds.results import StopReason
from fiverounds.spec.models import OutputFile, OutputFiles, OutputSpec, OutputWorkspace

FILES = OutputFiles(files=True)
FINISHED = StopReason.FINISHED
CUT = StopReason.MAX_TOKENS


def one(path: str) -> OutputFile:
    return OutputFile(file=path)


def files(
    text: str, output: OutputSpec = FILES, stop: StopReason = FINISHED, reasoning: str = ""
) -> dict[str, str]:
    answer = extract(text, output, stop, reasoning)
    assert isinstance(answer, Answer), answer
    return {path: content.decode() for path, content in answer.files.items()}


def reason(
    text: str, output: OutputSpec = FILES, stop: StopReason = FINISHED, reasoning: str = ""
) -> str:
    answer = extract(text, output, stop, reasoning)
    assert isinstance(answer, NoAnswer), answer
    return answer.reason


# One file


def test_longest_block_is_the_file() -> None:
    text = "Try:\n\n```\nshort\n```\n\nand\n\n```python\nx = 1\ny = 2\n```\nBye."
    assert files(text, one("a.py")) == {"a.py": "x = 1\ny = 2\n"}


def test_language_breaks_ties() -> None:
    text = "```text\nx = 1\n```\n```python\ny = 2\n```\n"
    assert files(text, one("a.py")) == {"a.py": "y = 2\n"}
    assert files(text, one("a.txt")) == {"a.txt": "x = 1\n"}


@pytest.mark.parametrize(
    "opening",
    ["```python a.py", "```a.py", "```python:src/a.py", '```python title="a.py"', "**a.py**\n```"],
)
def test_block_that_names_the_file_beats_a_longer_one(opening: str) -> None:
    text = (
        f"{opening}\nx = 1\n```\n\nTests:\n\n```python test_a.py\nimport a\nassert a.x == 1\n```\n"
    )
    assert files(text, one("src/a.py")) == {"src/a.py": "x = 1\n"}


def test_unnamed_block_beats_a_longer_one_with_another_name() -> None:
    text = "```python\nx = 1\n```\n\n```python test_a.py\nimport a\nassert a.x == 1\n```\n"
    assert files(text, one("a.py")) == {"a.py": "x = 1\n"}


def test_only_block_is_taken_whatever_its_name() -> None:
    assert files("```python other.py\nx = 1\n```", one("a.py")) == {"a.py": "x = 1\n"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("index.html", "<!DOCTYPE html>\n<html><body>hi</body></html>"),
        ("index.html", "\n\n<html><body>hi</body></html>\n"),
        ("a.py", "def f():\n    return 1"),
        ("main.go", "// notes\npackage main\n\nfunc main() {}"),
        ("data.json", '{"a": [1, 2]}'),
        ("logo.svg", "<svg></svg>"),
    ],
)
def test_reply_without_a_fence_that_is_the_file(path: str, text: str) -> None:
    assert files(text, one(path)) == {path: text.strip("\n") + "\n"}
    assert reason(text, one(path), CUT).startswith("cut off by max_tokens")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "Sure"),
        ("a.py", "I cannot do that."),
        ("a.py", '"yes"'),
        ("index.html", "Here is <!DOCTYPE html>"),
        ("data.json", "{not json"),
        ("main.go", "package delivery is late today"),
        ("style.css", "body { color: red }"),
    ],
)
def test_prose_is_not_a_file(path: str, text: str) -> None:
    assert reason(text, one(path)) == "no code block in the reply"


def test_forgotten_closing_fence_of_a_finished_reply_is_forgiven() -> None:
    assert files("```python\nx = 1\n", one("a.py")) == {"a.py": "x = 1\n"}


# Cut off


@pytest.mark.parametrize("stop", [CUT, StopReason.CONTEXT_FULL, StopReason.TIMED_OUT])
def test_half_a_program_is_no_answer(stop: StopReason) -> None:
    assert "before a code block was complete" in reason("Ok:\n```python\nx = 1", one("a.py"), stop)
    assert "before a code block was complete" in reason("Let me th", one("a.py"), stop)


def test_cut_block_that_would_not_be_taken_does_no_harm() -> None:
    text = "```python\nx = 1\ny = 2\n```\nRun it:\n```bash\npyth"
    assert files(text, one("a.py"), CUT) == {"a.py": "x = 1\ny = 2\n"}
    text = "```python\nx = 1\n```\nBetter:\n```python\nx = 1\ny = 2\nz = "
    assert (
        reason(text, one("a.py"), CUT) == "cut off by max_tokens before a code block was complete"
    )


def test_cut_block_in_list_and_quote_is_seen() -> None:
    assert "cut off" in reason("1. a\n   ```python\n   x = 1", one("a.py"), CUT)
    assert "cut off" in reason("> ```python\n> x = 1\n", one("a.py"), CUT)
    assert files("1. a\n   ```python\n   x = 1\n   ```", one("a.py"), CUT) == {"a.py": "x = 1\n"}
    assert files("> ```python\n> x = 1\n> ```", one("a.py"), CUT) == {"a.py": "x = 1\n"}


def test_several_files_cut_inside_one_of_them() -> None:
    text = "```go main.go\npackage main\n```\n```go db.go\npackage"
    assert reason(text, stop=CUT) == "cut off by max_tokens inside db.go"
    text = "```go main.go\npackage main\n```\nRun:\n```bash\ngo ru"
    assert files(text, stop=CUT) == {"main.go": "package main\n"}


# Silence


def test_silence_is_told_apart() -> None:
    assert reason("", reasoning="hm") == "only reasoning, no answer"
    assert reason("<think>hm</think>\n") == "only reasoning, no answer"
    assert reason("<think>\nhm ```python\nx = 1\n```", one("a.py")) == "only reasoning, no answer"
    assert reason("<think>hm", stop=CUT) == "cut off by max_tokens while reasoning, no answer"
    assert reason("", stop=CUT) == "cut off by max_tokens before an answer began"
    assert reason(" \n") == "empty reply"
    assert reason("```python\nx\n```", stop=StopReason.REFUSED) == "refused"
    assert reason("```\n\n```", one("a.py")) == "only empty code blocks"


@pytest.mark.parametrize(
    "thoughts",
    [
        "<think>\nMaybe\n```python\nx = 'a much longer draft'\n```\n</think>\n",
        "maybe\n```python\nx = 'a much longer draft'\n```\n</think>\n\n",
        "<think></think>\n<think>\n```python\nx = 'a much longer draft'\n```</think>\n",
        "[THINK]```python\nx = 'a much longer draft'\n```[/THINK]\n",
    ],
)
def test_thoughts_are_not_the_answer(thoughts: str) -> None:
    assert files(thoughts + "```python\nx = 1\n```", one("a.py")) == {"a.py": "x = 1\n"}


# Several files


@pytest.mark.parametrize(
    "block",
    [
        "```go cmd/x.go\nA\n```",
        "```go:cmd/x.go\nA\n```",
        '```go title="cmd/x.go"\nA\n```',
        "```go path=cmd/x.go\nA\n```",
        "```go filename='cmd/x.go'\nA\n```",
        "```go {file=cmd/x.go}\nA\n```",
        "```cmd/x.go\nA\n```",
        "```go ./cmd//x.go\nA\n```",
        "~~~go cmd/x.go\nA\n~~~",
        "`````go cmd/x.go\nA\n`````",
        "### cmd/x.go\n\n```go\nA\n```",
        "### 2. `cmd/x.go`\n\n```go\nA\n```",
        "**cmd/x.go**\n```go\nA\n```",
        "**`cmd/x.go`**:\n\n```go\nA\n```",
        "cmd/x.go:\n\n```go\nA\n```",
        "File: `cmd/x.go`\n```go\nA\n```",
        "#### File: cmd/x.go (new)\n```go\nA\n```",
        "cmd/x.go — the command\n```go\nA\n```",
        "Create `cmd/x.go` with this:\n\n```go\nA\n```",
        "The handler belongs into **cmd/x.go**.\n```go\nA\n```",
        "1. `cmd/x.go`\n\n   ```go\n   A\n   ```",
        "- `cmd/x.go`:\n```go\nA\n```",
        "- cmd/x.go\n\n      ```go\n      A\n      ```",
        "```go cmd/x.go\r\nA\r\n```\r\n",
        "<details>\n```go cmd/x.go\nA\n```\n</details>",
    ],
)
def test_ways_to_name_a_file(block: str) -> None:
    text = block if "\r" in block else f"Some words.\n\n{block}\n\nDone.\n"
    assert files(text) == {"cmd/x.go": "A\n"}


@pytest.mark.parametrize(
    ("first_line", "path"),
    [
        ("// file: main.go", "main.go"),
        ("// main.go", "main.go"),
        ("# path: app/x.py", "app/x.py"),
        ("<!-- index.html -->", "index.html"),
        ("/* style.css */", "style.css"),
        ("-- schema.sql", "schema.sql"),
        (";;; lisp.lisp --- an interpreter", None),
        (";; File: l.lisp", "l.lisp"),
        ("#!/usr/bin/env python3", None),
        ("# not a path", None),
    ],
)
def test_first_line_comment(first_line: str, path: str | None) -> None:
    text = f"```\n{first_line}\nA\n```"
    if path is None:
        assert reason(text) == "no code block carries a path"
    else:
        assert files(text) == {path: f"{first_line}\nA\n"}


def test_last_of_the_same_path_wins() -> None:
    text = "```go main.go\nold\n```\nBetter:\n```go ./main.go\nnew\n```"
    assert files(text) == {"main.go": "new\n"}


def test_a_mention_never_overrules_a_name() -> None:
    text = (
        "```go main.go\nwhole file\n```\n"
        "The important part of `main.go` is this one:\n```go\nsnippet\n```\n"
        "Now run `main.go`:\n```bash\ngo run main.go\n```\n"
    )
    assert files(text) == {"main.go": "whole file\n"}


def test_terminal_sessions_are_not_the_file_above_them() -> None:
    assert reason("Run `main.go`:\n```bash\ngo run main.go\n```") == "no code block carries a path"
    assert files("`run.sh`\n```bash\ngo run main.go\n```") == {"run.sh": "go run main.go\n"}


def test_sentence_with_two_files_names_none() -> None:
    assert "carries a path" in reason("Move `a.go` to `b.go`:\n```go\nA\n```")


def test_functions_and_urls_are_not_files() -> None:
    assert "carries a path" in reason("Call `fmt.Println` like this:\n```go\nA\n```")
    assert "carries a path" in reason("### GET /api/notes\n```json\n{}\n```")
    assert "carries a path" in reason("### /api/notes\n```json\n{}\n```")
    assert "carries a path" in reason("http://x.io/a.go\n```\nA\n```")
    assert "carries a path" in reason("```python3.11 copy showLineNumbers\nA\n```")


def test_empty_file_is_a_file() -> None:
    assert files("```python pkg/__init__.py\n```\n```python pkg/a.py\nx\n```") == {
        "pkg/__init__.py": "",
        "pkg/a.py": "x\n",
    }


def test_readme_with_fences_of_its_own() -> None:
    text = (
        "```markdown README.md\n# App\n\n```bash\ngo run .\n```\n\nEnd.\n```\n\n"
        "```go main.go\npackage main\n```\n"
    )
    assert files(text) == {
        "README.md": "# App\n\n```bash\ngo run .\n```\n\nEnd.\n",
        "main.go": "package main\n",
    }


def test_longer_outer_fence_and_indented_inner_fence() -> None:
    text = '````python a.py\n"""\n```\nx\n```\n"""\n````\n'
    assert files(text) == {"a.py": '"""\n```\nx\n```\n"""\n'}
    text = '```python a.py\ndef f():\n    """\n    ```\n    x\n    ```\n    """\n```\n'
    assert files(text) == {"a.py": 'def f():\n    """\n    ```\n    x\n    ```\n    """\n'}


def test_a_workspace_is_answered_by_files_with_paths() -> None:
    assert files("```py a.py\nx\n```", OutputWorkspace(workspace=True)) == {"a.py": "x\n"}


# What must never be written


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../../etc/x", "path leaves the workspace: ../../etc/x"),
        ("a/../../x.py", "path leaves the workspace: a/../../x.py"),
        ("/etc/passwd", "path is absolute: /etc/passwd"),
        ("C:/x.py", "path is absolute: C:/x.py"),
        ("./C:/x.py", "path is absolute: ./C:/x.py"),
        ("src\\x.py", "path with a backslash: src\\x.py"),
        (".git/hooks/pre-commit", "path inside .git: .git/hooks/pre-commit"),
        ("a/.GIT/x.py", "path inside .git: a/.GIT/x.py"),
        ("src/", "path of a folder, not of a file: src/"),
        ("a\x07b/x.py", "path with a control or invisible character: 'a\\x07b/x.py'"),
        ("a\u202eyp.exe/x.py", "path with a control or invisible character: 'a\\u202eyp.exe/x.py'"),
    ],
)
def test_one_bad_path_and_nothing_is_written(path: str, why: str) -> None:
    text = f"```py good.py\nx\n```\n```py path={path}\nx\n```"
    assert reason(text) == why


def test_long_names() -> None:
    assert files(f"```py {'a' * 252}.py\nx\n```")
    assert reason(f"```py {'a' * 253}.py\nx\n```").startswith("path too long: aaa")
    assert reason(f"```py {'ä' * 127}.py\nx\n```").startswith("path too long")
    assert reason("```py " + "a/" * 520 + "x.py\nx\n```").startswith("path too long")


def test_file_and_folder_at_once() -> None:
    assert reason("```x.d\nA\n```\n```x.d/y.py\nA\n```") == "both a file and a folder: x.d"


def test_bounds() -> None:
    many = "\n".join(f"```py f{number}.py\nx\n```" for number in range(501))
    assert reason(many) == "too many files: 501 (limit 500)"
    assert reason("x" * (MAX_BYTES + 1)).startswith("reply too long")
    assert reason("\n" * (MAX_LINES + 1)).startswith("reply too long")
    wide = "ä" * (MAX_BYTES // 2 + 10)
    assert reason(f"```py a.py\n{wide}\n```").startswith("answer too big")


def test_lone_surrogates_do_not_raise() -> None:
    assert files("```py a.py\nx = '\ud800'\n```") == {"a.py": "x = '?'\n"}
