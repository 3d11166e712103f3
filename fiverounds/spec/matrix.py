"""Patterns that match nothing, an empty matrix, rounds cut off from their start, an empty gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from fiverounds.errors import Problem
from fiverounds.spec.cells import MAX_TRIALS, Selector, TooManyTrials, prompt_names
from fiverounds.spec.nodes import SpecPath
from fiverounds.spec.quoting import quoted
from fiverounds.spec.sections import Sections
from fiverounds.spec.suggest import hint, listed

_MOST_WILDCARDS = 8

Left = Mapping[str, Mapping[str, list[str]]]
"""Provider id → round id → names of the prompts that are left."""


def check_matrix(sections: Sections) -> Iterator[Problem]:
    """Problems of the matrix; call it only when every name in the bench is known to lead somewhere."""
    rounds = sections.rounds.values()
    try:
        names = prompt_names(rounds, sections.defaults, len(sections.providers))
    except TooManyTrials as error:
        yield _too_many(sections, error.round_id)
        return
    idle = list(_idle_patterns(sections, names))
    yield from idle
    if not idle:
        yield from _left_over(sections, _left(sections, names))


def _too_many(sections: Sections, round_id: str) -> Problem:
    index = next(i for i, round_spec in sections.rounds.items() if round_spec.id == round_id)
    path: SpecPath = ("rounds", index)
    if sections.rounds[index].repeats is not None:
        path = (*path, "repeats")
    elif sections.defaults.repeats > 1:
        path = ("defaults", "repeats")
    return sections.source.problem(path, f"more than {MAX_TRIALS:,} trials: nobody can run them")


def _idle_patterns(sections: Sections, names: Mapping[str, list[str]]) -> Iterator[Problem]:
    known = {
        "provider": sorted(sections.provider_ids.values()),
        "round": sorted(sections.round_ids.values()),
        "prompt": sorted(
            {*sections.prompt_ids, *(n for of_round in names.values() for n in of_round)}
        ),
    }
    for side in ("include", "exclude"):
        for index, cell in enumerate(getattr(sections.matrix, side) or ()):
            for what, there in known.items():
                path: SpecPath = ("matrix", side, index, what)
                pattern = getattr(cell, what)
                if pattern.count("*") > _MOST_WILDCARDS:  # fnmatch backtracks
                    message = f"a pattern takes at most {_MOST_WILDCARDS} `*`"
                    yield sections.source.problem(path, message)
                elif not any(fnmatchcase(name, pattern) for name in there):
                    message = f"no {what} matches {quoted(pattern)}"
                    yield sections.source.problem(path, message, hint(pattern, there))


def _left(sections: Sections, names: Mapping[str, list[str]]) -> Left:
    wants = Selector(sections.matrix).wants
    return {
        provider.id: {
            round_id: [name for name in of_round if wants(provider.id, round_id, name)]
            for round_id, of_round in names.items()
            if provider.rounds is None or round_id in provider.rounds
        }
        for provider in sections.providers.values()
    }


def _left_over(sections: Sections, left: Left) -> Iterator[Problem]:
    if not any(names for rounds in left.values() for names in rounds.values()):
        path: SpecPath = ("matrix",) if sections.source.node(("matrix",)) else ("providers",)
        yield sections.source.problem(path, "no cell of the matrix is left: nothing would be asked")
        return
    yield from _gate(sections, left)
    for index, provider in sections.providers.items():
        for round_spec in sections.rounds.values():
            of_provider, start = left[provider.id], round_spec.after
            if start and of_provider.get(round_spec.id) and not of_provider.get(start):
                yield _cut_off(sections, index, round_spec.id, start)


def _cut_off(sections: Sections, index: int, round_id: str, start: str) -> Problem:
    provider, (one, before) = sections.providers[index], map(quoted, (round_id, start))
    message = f"{one} starts from {before}, which is not asked of {quoted(provider.id)}"
    if provider.rounds is not None and start not in provider.rounds:
        path: SpecPath = ("providers", index, "rounds")
        return sections.source.problem(path, message, f"add {before} to its `rounds`")
    return sections.source.problem(("matrix",), message)


def _gate(sections: Sections, left: Left) -> Iterator[Problem]:
    gate = sections.gate
    if gate is None:
        return
    optional = {provider.id for provider in sections.providers.values() if provider.optional}
    for index, name in enumerate(gate.providers or ()):
        if name in optional:
            message = f"{quoted(name)} is optional: where it is skipped, the gate would have no say"
            mend = "remove `optional` there, or the name here"
            yield sections.source.problem(("gate", "providers", index), message, mend)
    providers = gate.providers or tuple(left)
    rounds = gate.rounds or tuple(sections.round_ids.values())
    if not any(left[provider].get(round_id) for provider in providers for round_id in rounds):
        message = f"the gate covers no trial: {listed(providers)} is asked none of its rounds"
        yield sections.source.problem(("gate",), message)
