"""Lists, procedures that take procedures, and strings."""

import lisp


def test_lists() -> None:
    source = """
        (define xs '(1 2 3))
        (list (cons 0 xs) (car xs) (cdr xs) (cdr '(1)) (length xs) (reverse xs)
              (append xs '() '(4) xs) (append) xs)
    """
    assert lisp.run(source) == "((0 1 2 3) 1 (2 3) () 3 (3 2 1) (1 2 3 4 1 2 3) () (1 2 3))"


def test_types_and_equality() -> None:
    """In Python True equals 1 and is an int; a symbol may well be a str."""
    source = """
        (define (types x)
          (map (lambda (is?) (is? x))
               (list number? string? symbol? boolean? procedure? list? pair? null?)))
        (list (types 1) (types #t) (types "a") (types 'a) (types car) (types '()) (types '(1))
              (equal? '(1 ("a" b)) (list 1 (list "a" 'b)))
              (equal? '(1 2) '(1 2 3)) (equal? 1 #t) (equal? '(0) '(#f)) (equal? "a" 'a))
    """
    assert lisp.run(source) == (
        "((#t #f #f #f #f #f #f #f)"
        " (#f #f #f #t #f #f #f #f)"
        " (#f #t #f #f #f #f #f #f)"
        " (#f #f #t #f #f #f #f #f)"
        " (#f #f #f #f #t #f #f #f)"
        " (#f #f #f #f #f #t #f #t)"
        " (#f #f #f #f #f #t #t #f)"
        " #t #f #f #f #f)"
    )


def test_map_over_one_or_more_lists() -> None:
    source = """
        (list (map (lambda (x) (* x x)) '(1 2 3)) (map + '(1 2 3) '(10 20)) (map car '()))
    """
    assert lisp.run(source) == "((1 4 9) (11 22) ())"


def test_filter_keeps_what_lisp_holds_true() -> None:
    source = """
        (list (filter (lambda (x) (> x 2)) '(1 2 3 4))
              (filter (lambda (x) x) '(0 #f () "" #t)))
    """
    assert lisp.run(source) == '((3 4) (0 () "" #t))'


def test_reduce_and_apply() -> None:
    """The subtraction shows the direction of the fold, the list the order of arguments."""
    source = """
        (list (reduce - 10 '(1 2 3)) (reduce list 'z '(a b)) (reduce + 0 '())
              (apply + '(1 2 3)) (apply list 1 2 '(3 4)) (apply (lambda (x) x) '(only)))
    """
    assert lisp.run(source) == "(4 ((z a) b) 0 6 (1 2 3 4) only)"


def test_string_procedures() -> None:
    source = r"""
        (list (string-append) (string-append "a" "\n" "b") (string-length "a\"b\n")
              (substring "hello" 1 3) (substring "hello" 5 5)
              (number->string 2.50) (symbol->string 'sym) (string->symbol "a"))
    """
    assert lisp.run(source) == r'("" "a\nb" 4 "el" "" "2.5" "sym" a)'


def test_display_writes_strings_raw() -> None:
    """A value is returned as it would be read, but displayed for people."""
    source = r"""
        (display "a\tb") (newline) (display '("x" (y "z" 1.0) #t)) (display 'end) "a\tb"
    """
    assert lisp.run_with_output(source) == (r'"a\tb"', "a\tb\n(x (y z 1.0) #t)end")
