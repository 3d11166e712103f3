"""Whatever is wrong with a program, it surfaces as a LispError.

Each case first runs a program that is right, then programs that are one step away from it. So
an interpreter that refuses everything, or lets Python's own exceptions through, fails.
"""

import lisp
import pytest


@pytest.mark.parametrize(
    ("right", "printed", "wrong"),
    [
        pytest.param(
            "(define x 1) (set! x 2) x",
            "2",
            ["(define x 1) y", "(set! x 2)", "x"],
            id="unbound-name",
        ),
        pytest.param(
            "((lambda () 1))",
            "1",
            ["(1)", '("car" 1)', "(#t)", "()", "((list car) 1)"],
            id="not-callable",
        ),
        pytest.param(
            "(define (f a b . c) a) (f 1 2)",
            "1",
            [
                "(define (f a b) a) (f 1)",
                "(define (f a b) a) (f 1 2 3)",
                "((lambda (a . b) a))",
                "(define-macro (m a) a) (m 1 2)",
            ],
            id="arity-of-procedures",
        ),
        pytest.param(
            "(cons 1 '(2))",
            "(1 2)",
            ["(cons 1)", "(cons 1 '(2) 3)", "(car '(1) '(2))", "(not)", "(-)", "(map car)"],
            id="arity-of-builtins",
        ),
        pytest.param(
            """(list "a" 'b)""",
            '("a" b)',
            ["(+ 1 2", "(+ 1 2))", ")", '"abc', r'"abc\"', r'"\q"', "'", "(list ')"],
            id="unbalanced-text",
        ),
        pytest.param(
            "(/ 0 4)",
            "0",
            ["(/ 4 0)", "(/ 0)", "(/ 1.5 0)", "(/ 1 0.0)", "(quotient 1 0)", "(modulo 1 0)"],
            id="division-by-zero",
        ),
        pytest.param(
            """(list (+ 1 2) (car '(3)) (substring "abc" 1 3))""",
            '(3 3 "bc")',
            [
                '(+ 1 "2")',
                '(+ "1" "2")',
                '(* 2 "ab")',
                "(+ 1 #t)",
                '(< "a" "b")',
                "(car 5)",
                "(car '())",
                "(cdr '())",
                '(car "abc")',
                "(cons 1 2)",
                "(length 5)",
                "(map 1 '(1))",
                "(apply + 1)",
                '(string-append "a" 1)',
                "(string-length 'abc)",
                '(substring "abc" 1 4)',
                '(substring "abc" -1 2)',
                "`(1 ,@2)",
            ],
            id="wrong-types",
        ),
        pytest.param(
            "(if #t (let ((x 1)) x))",
            "1",
            [
                "(if)",
                "(if 1 2 3 4)",
                "(quote)",
                "(lambda)",
                "(lambda (1) 1)",
                "(define)",
                "(define 5 1)",
                "(set! 5 1)",
                "(let ((x)) x)",
                "(let 5 1)",
                "(cond 5)",
            ],
            id="malformed-special-forms",
        ),
    ],
)
def test_lisp_error(right: str, printed: str, wrong: list[str]) -> None:
    assert lisp.run(right) == printed
    for source in wrong:
        with pytest.raises(lisp.LispError):
            pytest.fail(f"{source} should raise a LispError, but gave {lisp.run(source)!r}")
