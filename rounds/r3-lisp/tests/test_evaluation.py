"""Numbers, special forms, closures and state."""

import lisp
import pytest


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        pytest.param(
            "(list (+) (*) (+ 1 2 3) (* 2 3 0.5) (- 5) (- 10 1 2))",
            "(0 1 6 3.0 -5 7)",
            id="sums-and-products",
        ),
        pytest.param(
            "(list (/ 6 3) (/ 7 2) (/ 6.0 3) (/ 4) (/ 1) (/ 12 3 2))",
            "(2 3.5 2.0 0.25 1 2)",
            id="division",
        ),
        pytest.param(
            "(list (quotient -7 2) (remainder -7 2) (modulo -7 2) (modulo 7 -2))",
            "(-3 -1 1 -1)",
            id="integer-division",
        ),
        pytest.param(
            "(define big 123456789012345678901234567890)"
            "(list (* big 10) (/ big 10) (quotient (- big) 7))",
            "(1234567890123456789012345678900 12345678901234567890123456789"
            " -17636684144620811271604938270)",
            id="integers-stay-exact",
        ),
        pytest.param(
            "(list (< 1 2 3) (< 1 3 2) (<= 1 1 2) (>= 3 3 4) (> 3 2 1) (= 1 1.0 1) (= 1 1 2))",
            "(#t #f #t #f #t #t #f)",
            id="chained-comparisons",
        ),
    ],
)
def test_arithmetic(source: str, printed: str) -> None:
    assert lisp.run(source) == printed


def test_only_false_is_false() -> None:
    """Python thinks otherwise of zero, the empty string and the empty list."""
    source = """
        (define (truth x) (if x 'yes 'no))
        (list (truth 0) (truth 0.0) (truth "") (truth '()) (truth #t) (truth #f) (not 0))
    """
    assert lisp.run(source) == "(yes yes yes yes yes no #f)"


def test_define_values_and_procedures() -> None:
    source = """
        (define x 3)
        (define (area w h) (define a (* w h)) (+ a 0))
        (define twice (lambda (n) (* 2 n)))
        (list (area x 4) (twice x) ((lambda (n) n) 'called))
    """
    assert lisp.run(source) == "(12 6 called)"


def test_rest_parameters() -> None:
    source = """
        (define (f a . more) (list a more))
        (list (f 1) (f 1 2 3) ((lambda all all) 1 2) ((lambda all all)))
    """
    assert lisp.run(source) == "((1 ()) (1 (2 3)) (1 2) ())"


def test_set_changes_the_nearest_binding() -> None:
    source = """
        (define x 1) (define y 1)
        (define (f x) (set! x (+ x 10)) (set! y (+ y 10)) x)
        (list (f 5) x y)
    """
    assert lisp.run(source) == "(15 1 11)"


def test_let_is_parallel_and_let_star_sequential() -> None:
    source = """
        (define x 1)
        (list (let ((x 2) (y x)) (list x y))
              (let* ((x 2) (y x)) (list x y))
              x)
    """
    assert lisp.run(source) == "((2 1) (2 2) 1)"


def test_letrec_and_named_let() -> None:
    source = """
        (list (letrec ((even? (lambda (n) (if (= n 0) #t (odd? (- n 1)))))
                       (odd? (lambda (n) (if (= n 0) #f (even? (- n 1))))))
                (list (even? 10) (even? 7)))
              (let fact ((n 5) (acc 1)) (if (= n 0) acc (fact (- n 1) (* acc n)))))
    """
    assert lisp.run(source) == "((#t #f) 120)"


def test_define_is_local_to_its_body_but_not_to_begin() -> None:
    source = """
        (define x 'global) (define y 'global)
        (define (f) (define x 'local) x)
        (let () (define x 'let) x)
        (begin (define y 'begin))
        (list (f) x y)
    """
    assert lisp.run(source) == "(local global begin)"


def test_cond() -> None:
    source = """
        (define (kind n)
          (cond ((< n 0) 'negative) ((= n 0) (set! n 'x) 'zero) ((= n 1) #t) (else 'many)))
        (list (kind -1) (kind 0) (kind 1) (kind 2)
              (cond (#f 1) (42))
              (cond (#f 1)))
    """
    assert lisp.run(source) == "(negative zero #t many 42 #<void>)"


def test_and_or_give_the_deciding_value() -> None:
    """They also leave alone what comes after it: `nowhere` is unbound."""
    source = """
        (list (and) (or) (and 1 2) (and 1 #f nowhere) (or #f 3) (or 0 nowhere) (or #f #f))
    """
    assert lisp.run(source) == "(#t #f 2 #f 3 0 #f)"


def test_when_and_unless() -> None:
    source = """
        (list (when 0 1 2) (when #f nowhere) (unless #f 3 4) (unless '() nowhere))
    """
    assert lisp.run(source) == "(2 #<void> 4 #<void>)"


def test_evaluation_order_and_begin() -> None:
    source = """
        (define (say x) (display x) x)
        (list (say 1) (begin (say 2) (say 3)) (say 4))
    """
    assert lisp.run_with_output(source) == ("(1 3 4)", "1234")


def test_counters_are_independent() -> None:
    source = """
        (define (counter n) (lambda () (set! n (+ n 1)) n))
        (define a (counter 0))
        (define b (counter 10))
        (a) (b)
        (list (a) (b) (a))
    """
    assert lisp.run(source) == "(2 12 3)"


def test_closures_share_one_scope() -> None:
    source = """
        (define (account balance)
          (list (lambda (x) (set! balance (+ balance x)) balance)
                (lambda () balance)))
        (define mine (account 100))
        (define yours (account 0))
        ((car mine) 20) ((car mine) 3)
        (list ((car (cdr mine))) ((car (cdr yours))))
    """
    assert lisp.run(source) == "(123 0)"


def test_scope_is_lexical() -> None:
    """A free name means what it meant where the procedure was written."""
    source = """
        (define x 'lexical)
        (define (f) x)
        (define (g x) (f))
        (define (adders) (map (lambda (n) (lambda (m) (+ n m))) '(1 2 3)))
        (list (g 'dynamic)
              (let ((x 'dynamic)) (f))
              (map (lambda (add) (add 10)) (adders)))
    """
    assert lisp.run(source) == "(lexical lexical (11 12 13))"


def test_every_run_starts_afresh() -> None:
    """Builtins can be shadowed and redefined, but only for the rest of the same run."""
    source = "(define (f list) (car list)) (define cdr car) (list (f '(1 2)) (cdr '(3 4)))"
    assert lisp.run(source) == "(1 3)"
    assert lisp.run("(cdr '(3 4))") == "(4)"
    with pytest.raises(lisp.LispError):
        lisp.run("(f '(1 2))")
