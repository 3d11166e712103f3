"""Text in, text out: what the reader accepts and how values are printed."""

import lisp
import pytest


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        pytest.param("(list +42 -7 007 .5 -2.50 1e3)", "(42 -7 7 0.5 -2.5 1000.0)", id="numbers"),
        pytest.param(
            "(list 'Foo 'foo '+ 'set-x! '<=? '...)", "(Foo foo + set-x! <=? ...)", id="symbols"
        ),
        pytest.param(
            r'(list "a\tb" "say \"hi\"" "back\\slash" "")',
            r'("a\tb" "say \"hi\"" "back\\slash" "")',
            id="strings",
        ),
        pytest.param(
            "(list #t #f car (lambda (x) x) (if #f #f))",
            "(#t #f #<procedure> #<procedure> #<void>)",
            id="constants",
        ),
        pytest.param("'( 1(2\t(3)\n)() )", "(1 (2 (3)) ())", id="nested-lists"),
        pytest.param(
            "'('a `b ,c ,@d)",
            "((quote a) (quasiquote b) (unquote c) (unquote-splicing d))",
            id="quote-marks",
        ),
    ],
)
def test_reads_and_prints(source: str, printed: str) -> None:
    assert lisp.run(source) == printed


def test_words_that_only_python_takes_for_numbers() -> None:
    """`int` and `float` accept more than the brief does; these words are plain symbols."""
    source = """
        (define nan 1) (define inf 2) (define infinity 3) (define 1_000 4) (define 1+ 5)
        (list nan inf infinity 1_000 1+)
    """
    assert lisp.run(source) == "(1 2 3 4 5)"


def test_comments_and_delimiters_inside_strings() -> None:
    source = """
        ; (this is "ignored
        (list 1 ; so is this )
              "(a ; b)" "'")
        ; and this"""
    assert lisp.run(source) == """(1 "(a ; b)" "'")"""
    assert lisp.run("; nothing but a comment") == "#<void>"
