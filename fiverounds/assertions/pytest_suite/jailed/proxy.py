"""The module that the tests import in place of the subject's: functions, exception classes, plain values."""

from __future__ import annotations

import builtins
from types import ModuleType
from typing import Any, NoReturn

from . import wire
from .subject import Subject

_MAXIMUM_CLASSES = 32
_UNCARRIED = "`isolation: process` carries functions, exceptions and plain values"


class NotCarried(BaseException):
    """Something that cannot cross between the tests and the subject's process.

    Not an Exception: no `pytest.raises` of a test may take it for the subject's answer.
    """


class SubjectModule(ModuleType):
    """Stands in sys.modules under the subject's name."""

    _subject: Subject
    _errors: Errors
    _functions: dict[str, RemoteFunction]

    def __init__(self, name: str, subject: Subject) -> None:
        super().__init__(name)
        self.__dict__.update(_subject=subject, _errors=Errors(name), _functions={})

    def __getattr__(self, name: str) -> Any:
        __tracebackhide__ = True
        if name.startswith("_") and name != "__version__":
            raise AttributeError(name)  # the import system and pytest look for names like these
        if name in self._functions:
            return self._functions[name]
        if name in self._errors.asked:
            return self._errors.asked[name]
        answer = self._subject.ask("kind", name=name)
        raise_if_told(answer, self._errors)
        match answer.get("kind"):
            case "function":
                return self._functions.setdefault(name, RemoteFunction(self, name))
            case "exception":
                return self._errors.asked.setdefault(name, self._errors.made(answer.get("classes")))
            case "value":
                return decoded(self._subject, answer.get("value"), f"{self.__name__}.{name}")
            case "missing":
                raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        what = str(answer.get("what"))[:100]
        raise refusal(self._subject, f"{self.__name__}.{name} is {what}")

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("__"):
            raise refusal(self._subject, f"{self.__name__}.{name} cannot be replaced")
        super().__setattr__(name, value)


class RemoteFunction:
    """A function of the subject's module; calling it asks the subject's process."""

    def __init__(self, module: SubjectModule, name: str) -> None:
        self.__name__ = self.__qualname__ = name
        self.__module__ = module.__name__
        self._module = module

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Ask, and give or raise what came of it."""
        __tracebackhide__ = True
        called = f"{self.__module__}.{self.__name__}"
        subject = self._module._subject
        try:
            fields = {"args": wire.encode(args), "kwargs": wire.encode(kwargs)}
        except wire.CannotCross as problem:
            raise refusal(subject, f"{called} was given {problem}") from None
        answer = subject.ask("call", name=self.__name__, **fields)
        raise_if_told(answer, self._module._errors)
        if "refused" in answer:
            raise refusal(subject, f"{called} returned {str(answer['refused'])[:200]}")
        return decoded(subject, answer.get("value"), called)


def refusal(subject: Subject, what: str) -> NotCarried:
    """What to raise; the running test fails, whatever it catches."""
    subject.cause = f"{what}; {_UNCARRIED}"
    return NotCarried(subject.cause)


def decoded(subject: Subject, data: object, origin: str) -> Any:
    """A value of the subject."""
    __tracebackhide__ = True
    try:
        return wire.decode(data)
    except (ValueError, wire.CannotCross, RecursionError) as problem:
        raise refusal(subject, f"{origin} gave {str(problem)[:200]}") from None


def raise_if_told(answer: dict[str, Any], errors: Errors) -> None:
    """Raise here what the subject raised there."""
    __tracebackhide__ = True
    told = answer.get("raised")
    if type(told) is dict:
        errors.throw(told)


class Errors:
    """Exception classes of the subject, made anew on the trusted side: same names, same ancestors, no code."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._made: dict[tuple[str, tuple[type, ...]], type[Exception]] = {}
        self.asked: dict[str, type[Exception]] = {}
        self.last_traceback = ""

    def made(self, described: object) -> type[Exception]:
        """The local class for a described one: a proper built-in, or a class derived from such."""
        if type(described) is not list or not 0 < len(described) <= _MAXIMUM_CLASSES:
            return Exception
        local: dict[int, type[Exception]] = {}
        # Ancestors come after what is derived from them.
        for place in reversed(range(len(described))):
            local[place] = self._class(described[place], local)
        return local[0]

    def throw(self, told: dict[str, Any]) -> NoReturn:
        """Raise the local twin of an exception."""
        __tracebackhide__ = True
        kind = self.made(told.get("classes"))
        self.last_traceback = str(told.get("traceback"))[: wire.MAXIMUM_BYTES]
        message = str(told.get("message"))
        try:
            args = wire.decode(told.get("args"))
            attributes = wire.decode(told.get("attributes"))
        except (ValueError, wire.CannotCross, RecursionError):
            args = attributes = None
        error = kind.__new__(kind)
        error.args = args if type(args) is tuple else (message,)
        if kind.__module__ == self._module:
            vars(error)["_told"] = message
        for name, value in attributes.items() if type(attributes) is dict else ():
            if (
                type(name) is str
                and name.isidentifier()
                and name[0] != "_"
                and not hasattr(BaseException, name)
            ):
                vars(error)[name] = value
        raise error

    def _class(self, described: object, local: dict[int, type[Exception]]) -> type[Exception]:
        if type(described) is not dict or type(described.get("name")) is not str:
            return Exception
        name = described["name"]
        if described.get("builtin") is True:
            return _builtin(name)
        given = described.get("bases")
        known = (
            [local[one] for one in given if type(one) is int and one in local]
            if type(given) is list
            else []
        )
        return self._derived(name, tuple(dict.fromkeys(known)) or (Exception,))

    def _derived(self, name: str, bases: tuple[type[Exception], ...]) -> type[Exception]:
        if (name, bases) not in self._made:
            namespace = {
                "__module__": self._module,
                "__str__": lambda self: vars(self).get("_told", ""),
            }
            try:
                made: type[Exception] = type(name, bases, namespace)
            except (TypeError, ValueError):  # bases that do not fit together, a null character
                made = type("SubjectError", bases[:1], namespace)
            self._made[name, bases] = made
        return self._made[name, bases]


def _builtin(name: str) -> type[Exception]:
    """A built-in Exception by name; those that end programs or take special arguments become Exception itself."""
    kind = getattr(builtins, name, None)
    if (
        isinstance(kind, type)
        and issubclass(kind, Exception)
        and not issubclass(kind, BaseExceptionGroup)
    ):
        return kind
    return Exception
