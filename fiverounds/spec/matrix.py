"""Which cells there will be: patterns that match nothing, an empty matrix, rounds cut from their start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from fiverounds.errors import Problem
from fiverounds.spec.models import Cell, RoundSpec
from fiverounds.spec.nodes import SpecPath
from fiverounds.spec.quoting import quoted
from fiverounds.spec.sections import Sections
from fiverounds.spec.suggest import hint, listed

MAX_TRIALS = 1_000_000
_MOST_WILDCARDS = 8


@dataclass(frozen=True, slots=True)
class _Cells:
    """What is left for each provider: round → prompts."""

    sections: Sections

    def of(self, provider: str, allowed: tuple[str, ...] | None) -> dict[str, list[str]]:
        left: dict[str, list[str]] = {}
        for round_spec in self.sections.rounds.values():
            if allowed is None or round_spec.id in allowed:
                names = self.prompts(round_spec)
                left[round_spec.id] = [n for n in names if self._wanted(provider, round_spec.id, n)]
        return left

    def prompts(self, round_spec: RoundSpec) -> list[str]:
        """The names the prompts of a round can have in the plan.

        A round that continues one with several prompts makes `first.second` of each pair.
        """
        own = _tuple(round_spec.prompt)
        rounds = {other.id: other for other in self.sections.rounds.values()}
        earlier = rounds.get(round_spec.after or "")
        before = _tuple(earlier.prompt) if earlier else ()
        if len(before) < 2:
            return list(own)
        pairs = [f"{one}.{two}" for one in before for two in own if one != two]
        return [name for name in own if name in before] + pairs

    def _wanted(self, provider: str, round_id: str, prompt: str) -> bool:
        def matches(cell: Cell) -> bool:
            pairs = ((provider, cell.provider), (round_id, cell.round), (prompt, cell.prompt))
            return all(fnmatchcase(value, pattern) for value, pattern in pairs)

        matrix = self.sections.matrix
        included = matrix.include is None or any(map(matches, matrix.include))
        return included and not any(map(matches, matrix.exclude))


def check_matrix(sections: Sections) -> Iterator[Problem]:
    """Problems of the matrix; call it only when every name in the bench is known to lead somewhere."""
    patterns = list(_idle_patterns(sections))
    yield from patterns
    too_many = _too_many(sections)
    if too_many is not None:
        yield too_many
    elif not patterns:
        yield from _left_over(sections)


def _too_many(sections: Sections) -> Problem | None:
    default = sections.defaults.repeats
    each = sum(len(_tuple(r.prompt)) * (r.repeats or default) for r in sections.rounds.values())
    if each * len(sections.providers) <= MAX_TRIALS:
        return None
    where: SpecPath = ("defaults", "repeats") if default > 1 else ("rounds",)
    most = max(sections.rounds, key=lambda index: sections.rounds[index].repeats or 0)
    if (sections.rounds[most].repeats or 0) > 1:
        where = ("rounds", most, "repeats")
    return sections.source.problem(
        where, f"more than {MAX_TRIALS:,} trials: that is no bench to run"
    )


def _idle_patterns(sections: Sections) -> Iterator[Problem]:
    cells = _Cells(sections)
    known = {
        "provider": sorted(sections.provider_ids.values()),
        "round": sorted(sections.round_ids.values()),
        "prompt": sorted({name for r in sections.rounds.values() for name in cells.prompts(r)}),
    }
    for side in ("include", "exclude"):
        for index, cell in enumerate(getattr(sections.matrix, side) or ()):
            for what, names in known.items():
                path = ("matrix", side, index, what)
                pattern = getattr(cell, what)
                if pattern.count("*") > _MOST_WILDCARDS:  # fnmatch backtracks
                    message = f"a pattern takes at most {_MOST_WILDCARDS} `*`"
                    yield sections.source.problem(path, message)
                elif not any(fnmatchcase(name, pattern) for name in names):
                    message = f"no {what} matches {quoted(pattern)}"
                    yield sections.source.problem(path, message, hint(pattern, names))


def _left_over(sections: Sections) -> Iterator[Problem]:
    cells = _Cells(sections)
    left = {p.id: cells.of(p.id, p.rounds) for p in sections.providers.values()}
    if not any(prompts for rounds in left.values() for prompts in rounds.values()):
        path: SpecPath = ("matrix",) if sections.source.node(("matrix",)) else ("providers",)
        yield sections.source.problem(path, "no cell of the matrix is left: nothing would be asked")
        return
    yield from _gate(sections, left)
    for index, provider in sections.providers.items():
        for round_spec in sections.rounds.values():
            start = round_spec.after
            if start is None or not left[provider.id].get(round_spec.id):
                continue
            if not left[provider.id].get(start):
                yield _cut_off(sections, index, round_spec.id, start)


def _cut_off(sections: Sections, index: int, round_id: str, start: str) -> Problem:
    provider = sections.providers[index]
    message = f"{quoted(round_id)} starts from {quoted(start)}, which is not asked of {quoted(provider.id)}"
    if provider.rounds is not None and start not in provider.rounds:
        path: SpecPath = ("providers", index, "rounds")
        return sections.source.problem(path, message, f"add {quoted(start)} to its `rounds`")
    return sections.source.problem(("matrix",), message)


def _gate(sections: Sections, left: dict[str, dict[str, list[str]]]) -> Iterator[Problem]:
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


def _tuple(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names
