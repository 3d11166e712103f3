"""Quasi-quotation, and macros that make use of it."""

import lisp


def test_unquote_at_any_depth() -> None:
    source = """
        (define x 5) (define name 'y)
        (list `x `,x `(x ,x (,name (deep ,(+ x 1))) "s" ()))
    """
    assert lisp.run(source) == '(x 5 (x 5 (y (deep 6)) "s" ()))'


def test_unquote_splicing_at_any_place() -> None:
    source = """
        (define xs '(1 2)) (define none '())
        (list `(,@xs 3) `(0 ,@xs 3) `(0 ,@xs) `(a (,@(map - xs)) ,@none ,xs))
    """
    assert lisp.run(source) == "((1 2 3) (0 1 2 3) (0 1 2) (a (-1 -2) (1 2)))"


def test_macro_gets_its_operands_unevaluated() -> None:
    """A procedure could do neither: show the form it was given, or skip the unbound name."""
    source = """
        (define-macro (form-of x) (list 'quote x))
        (define-macro (first-of a b) a)
        (list (form-of (+ 1 nowhere)) (first-of (+ 1 2) nowhere))
    """
    assert lisp.run(source) == "((+ 1 nowhere) 3)"


def test_macro_expands_in_the_scope_of_the_caller() -> None:
    source = """
        (define-macro (swap! a b)
          `(let ((saved ,a)) (set! ,a ,b) (set! ,b saved)))
        (define (flip x y) (swap! x y) (list x y))
        (flip 1 2)
    """
    assert lisp.run(source) == "(2 1)"


def test_macro_makes_a_new_control_structure() -> None:
    """`while` needs a rest parameter and splicing; its expansion uses another macro."""
    source = """
        (define-macro (increment! name) `(set! ,name (+ ,name 1)))
        (define-macro (while test . body)
          `(let repeat () (when ,test ,@body (repeat))))
        (define i 0) (define sum 0)
        (while (< i 10) (increment! i) (set! sum (+ sum i)))
        (list i sum)
    """
    assert lisp.run(source) == "(10 55)"
