"""Ids that clash and names that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fiverounds.errors import Problem
from fiverounds.spec.models import Feedback, RoundSpec, UntilPass
from fiverounds.spec.nodes import SpecPath
from fiverounds.spec.quoting import quoted
from fiverounds.spec.sections import Sections
from fiverounds.spec.suggest import hint


def check_names(sections: Sections) -> Iterator[Problem]:
    """Duplicate ids, dangling references, and rounds that wait for each other."""
    yield from _duplicates(sections)
    yield from _dangling(sections)
    yield from _circles(sections)


def _duplicates(sections: Sections) -> Iterator[Problem]:
    for what, ids in (("provider", sections.provider_ids), ("round", sections.round_ids)):
        paths = ((f"{what}s", index, "id") for index in ids)
        yield from _repeated(
            sections, zip(paths, ids.values(), strict=True), f"two {what}s are called"
        )
    for index, round_spec in sections.rounds.items():
        path: SpecPath = ("rounds", index)
        if isinstance(round_spec.prompt, tuple):
            yield from _repeated(sections, _numbered((*path, "prompt"), round_spec.prompt), "twice")
        yield from _same_assertions(sections, path, round_spec)
    for path, names in _lists(sections):
        yield from _repeated(sections, _numbered(path, names), "twice")


def _lists(sections: Sections) -> Iterator[tuple[SpecPath, tuple[str, ...]]]:
    for index, provider in sections.providers.items():
        yield ("providers", index, "rounds"), provider.rounds or ()
    if sections.gate is not None:
        yield ("gate", "providers"), sections.gate.providers or ()
        yield ("gate", "rounds"), sections.gate.rounds or ()


def _numbered(path: SpecPath, names: Iterable[str]) -> Iterator[tuple[SpecPath, str]]:
    for index, name in enumerate(names):
        yield (*path, index), name


def _repeated(
    sections: Sections, named: Iterable[tuple[SpecPath, str]], words: str
) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for path, name in named:
        if name in seen:
            message = f"{quoted(name)} {words}" if words == "twice" else f"{words} {quoted(name)}"
            yield sections.source.problem(path, f"{message}; the first is on line {seen[name]}")
        seen.setdefault(name, sections.source.value_mark(path).line)


def _same_assertions(
    sections: Sections, path: SpecPath, round_spec: RoundSpec
) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, assertion in enumerate(round_spec.assertions):
        name = assertion.id or assertion.type
        here = (*path, "assert", index)
        if name in seen and assertion.id is None:
            message = f"a second {quoted(assertion.type)} assertion in this round needs an `id`"
            yield sections.source.problem((*here, "type"), message)
        elif name in seen:
            message = f"two assertions of this round are called {quoted(name)}"
            yield sections.source.problem((*here, "id"), message)
        seen.add(name)


def _dangling(sections: Sections) -> Iterator[Problem]:
    known = {
        "provider": set(sections.provider_ids.values()),
        "round": set(sections.round_ids.values()),
        "prompt": set(sections.prompt_ids),
    }
    for path, what, name in _references(sections):
        if (
            known[what] and name not in known[what]
        ):  # none at all: that is the problem, and reported
            message = f"no {what} is called {quoted(name)}"
            yield sections.source.problem(path, message, hint(name, sorted(known[what])))


def _references(sections: Sections) -> Iterator[tuple[SpecPath, str, str]]:
    """Every name that stands for something else: its place, what it should be, the name."""
    for path, names in _lists(sections):
        what = "provider" if path[-1] == "providers" else "round"
        yield from ((here, what, name) for here, name in _numbered(path, names))
    for index, round_spec in sections.rounds.items():
        path = ("rounds", index)
        if isinstance(round_spec.prompt, str):
            yield (*path, "prompt"), "prompt", round_spec.prompt
        else:
            numbered = _numbered((*path, "prompt"), round_spec.prompt)
            yield from ((here, "prompt", name) for here, name in numbered)
        if round_spec.after is not None:
            yield (*path, "after"), "round", round_spec.after
        if isinstance(round_spec.iterate, Feedback | UntilPass):
            yield (*path, "iterate", "prompt"), "prompt", round_spec.iterate.prompt


def _circles(sections: Sections) -> Iterator[Problem]:
    after = {spec.id: spec.after for spec in sections.rounds.values() if spec.after}
    reported: set[str] = set()
    for index, round_spec in sections.rounds.items():
        circle = _circle(round_spec.id, after)
        if not circle or round_spec.id in reported:
            continue
        reported.update(circle)
        path = ("rounds", index, "after")
        if len(circle) == 1:
            yield sections.source.problem(path, "a round cannot start from itself")
        else:
            way = " → ".join([*circle[:6], *(["…"] if len(circle) > 6 else []), circle[0]])
            yield sections.source.problem(path, f"these rounds wait for each other: {way}")


def _circle(start: str, after: dict[str, str]) -> list[str]:
    """The rounds one passes on the way from a round back to itself; empty when there is no way."""
    way = dict.fromkeys([start])
    step = after.get(start)
    while step is not None and step not in way:
        way[step] = None
        step = after.get(step)
    return list(way) if step == start else []
