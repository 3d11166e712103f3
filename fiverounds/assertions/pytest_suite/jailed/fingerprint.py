"""A picture of pytest's own code, taken before a subject's code runs and compared afterwards."""

from __future__ import annotations

import builtins
import sys
from types import CodeType, FunctionType, ModuleType
from typing import Any

_WATCHED = ("_pytest", "pytest", "pluggy", "jailed")
_NATIVE = {
    "os": ("_exit", "write", "getpid"),
    "json": ("dumps",),
    "faulthandler": ("dump_traceback_later",),
}
_CODE = (FunctionType, staticmethod, classmethod, property, type)

Entry = tuple[object, CodeType | None, object]
Picture = dict[tuple[str, str], Entry]


def take() -> Picture:
    """Functions and classes of the watched modules, and what stands behind each name."""
    picture: Picture = {}
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in _WATCHED:
            _look_at_module(name, module, picture)
    for name, value in vars(builtins).items():
        if callable(value):
            picture["builtins", name] = (value, None, None)
    for name, attributes in _NATIVE.items():
        for attribute in attributes:
            picture[name, attribute] = (getattr(sys.modules.get(name), attribute, None), None, None)
    return picture


def differences(before: Picture, after: Picture) -> list[str]:
    """Names that no longer stand for what they did."""
    return sorted(
        f"{module}.{name}"
        for (module, name), entry in before.items()
        if not _same(entry, after.get((module, name)))
    )


def _same(before: Entry, after: Entry | None) -> bool:
    return after is not None and all(old is new for old, new in zip(before, after, strict=True))


def _look_at_module(name: str, module: ModuleType, picture: Picture) -> None:
    for attribute, value in list(vars(module).items()):
        if isinstance(value, FunctionType | type):
            picture[name, attribute] = _entry(value)
        if isinstance(value, type) and value.__module__ == name:
            for inner, content in list(vars(value).items()):
                if isinstance(content, _CODE):
                    _look_at_member(name, f"{attribute}.{inner}", content, picture)


def _look_at_member(module: str, name: str, content: Any, picture: Picture) -> None:
    picture[module, name] = _entry(content)
    behind = getattr(content, "__func__", None) or getattr(content, "fget", None)
    if isinstance(behind, FunctionType):
        picture[module, f"{name} (function)"] = _entry(behind)


def _entry(value: object) -> Entry:
    if isinstance(value, FunctionType):
        return value, value.__code__, value.__defaults__
    return value, None, None
