"""The REPL: a session whose state outlives its errors."""

import lisp


def test_answers_every_form_but_void() -> None:
    transcript = lisp.repl('(define x 2) (* x 21)\n(set! x "a\\nb")\nx \'(1\n2)')
    assert transcript == '42\n"a\\nb"\n(1 2)\n'


def test_goes_on_after_an_error() -> None:
    """What the failing form did before it failed stays done."""
    transcript = lisp.repl("""
        (define n 1)
        (begin (set! n 2) (car '()))
        nowhere
        n
        (n)
        (+ n 1)
    """)
    answers = ["error" if line.startswith("error: ") else line for line in transcript.splitlines()]
    assert answers == ["error", "error", "2", "error", "3"], transcript


def test_output_and_messages_appear_in_place() -> None:
    transcript = lisp.repl("""
        (display "no newline")
        (begin (display "one") (newline) 2)
        (begin (display "before") (error "bad value:" '(1 "x") 'y))
        "after"
    """)
    assert transcript == 'no newline\none\n2\nbefore\nerror: bad value: (1 x) y\n"after"\n'


def test_reading_error_drops_the_rest() -> None:
    """There is no telling where the next form would start."""
    for text in ("(+ 1 2) (list 4 5", "(+ 1 2) ) (list 4 5)", '(+ 1 2) "open (list 4 5)'):
        lines = lisp.repl(text).splitlines()
        assert len(lines) == 2, f"{text} gave {lines}"
        assert lines[0] == "3"
        assert lines[1].startswith("error: ")
