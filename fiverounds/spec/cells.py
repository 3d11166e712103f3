"""The cells a plan will have, counted before anything is planned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from fiverounds.spec.models import Cell, DefaultsSpec, MatrixSpec, RoundSpec

MAX_TRIALS = 1_000_000


class TooManyTrials(Exception):
    """Nobody could run them; `round_id` is where the count went beyond the limit."""

    def __init__(self, round_id: str) -> None:
        super().__init__(round_id)
        self.round_id = round_id


def prompt_names(
    rounds: Iterable[RoundSpec], defaults: DefaultsSpec, providers: int
) -> dict[str, list[str]]:
    """Round id → the names its prompts have in the plan.

    A round that continues one with several prompts makes `first.second` of each pair, unless both list
    the same prompts: then each continues its own. Raises TooManyTrials.
    """
    by_id = {round_spec.id: round_spec for round_spec in rounds}
    names: dict[str, list[str]] = {}
    repeats: dict[str, int] = {}
    trials = 0
    for last in by_id.values():
        for round_spec in _chain(last, by_id, names):
            before = names.get(round_spec.after or "", [])
            own = as_tuple(round_spec.prompt)
            repeats[round_spec.id] = (
                repeats.get(round_spec.after or "") or round_spec.repeats or defaults.repeats
            )
            most = MAX_TRIALS // (repeats[round_spec.id] * providers)
            names[round_spec.id] = _names(own, before, most - trials)
            trials += len(names[round_spec.id])
            if trials > most:
                raise TooManyTrials(round_spec.id)
    return names


def _chain(
    last: RoundSpec, by_id: Mapping[str, RoundSpec], known: Mapping[str, object]
) -> list[RoundSpec]:
    """The rounds not known yet on the way to one, the first first."""
    way: list[RoundSpec] = []
    step: RoundSpec | None = last
    while step is not None and step.id not in known:
        way.append(step)
        step = by_id[step.after] if step.after else None
    return way[::-1]


def _names(own: tuple[str, ...], before: list[str], most: int) -> list[str]:
    if not before:
        return list(own)
    there = set(before)
    names: list[str] = []
    for prompt in own:
        if prompt in there or len(before) == 1:
            names.append(prompt)
        elif len(names) <= most:
            names += [f"{earlier}.{prompt}" for earlier in before]
    return names


def as_tuple(names: str | tuple[str, ...]) -> tuple[str, ...]:
    """One name or several, as several."""
    return (names,) if isinstance(names, str) else names


@dataclass(frozen=True, slots=True)
class Selector:
    """`include` and `exclude` of a matrix."""

    matrix: MatrixSpec

    def wants(self, provider: str, round_id: str, prompt: str) -> bool:
        """True for a cell that stays."""

        def matches(cell: Cell) -> bool:
            pairs = ((provider, cell.provider), (round_id, cell.round), (prompt, cell.prompt))
            return all(fnmatchcase(value, pattern) for value, pattern in pairs)

        included = self.matrix.include is None or any(map(matches, self.matrix.include))
        return included and not any(map(matches, self.matrix.exclude))
