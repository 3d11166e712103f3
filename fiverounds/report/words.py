"""Numbers and verdicts as the few characters that stand in tables. Pure.

A verdict is always told by a symbol or word; colour may only repeat it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fiverounds.report.model import Amount, Row, Total
from fiverounds.results import Attempt, Verdict
from fiverounds.store.runlog import RunLog
from fiverounds.store.scores import attempt_score, one_line

UNKNOWN = "-"
_MINUTE = 60
_HOUR = 3600
_SHORT_DIGEST = 12


@dataclass(frozen=True, slots=True)
class Signs:
    """The characters to write with."""

    verdicts: Mapping[Verdict | None, str]
    ellipsis: str
    at_least: str
    dot: str


UNICODE = Signs(
    {
        Verdict.PASSED: "✔",
        Verdict.FAILED: "✘",
        Verdict.ERROR: "!",
        Verdict.SKIPPED: "\N{EN DASH}",
        None: "·",
    },
    ellipsis="…",
    at_least="≥ ",
    dot=" · ",
)
ASCII = Signs(
    {
        Verdict.PASSED: "+",
        Verdict.FAILED: "x",
        Verdict.ERROR: "!",
        Verdict.SKIPPED: "-",
        None: ".",
    },
    ellipsis="...",
    at_least=">= ",
    dot=" | ",
)


def word(verdict: Verdict | None) -> str:
    """`passed`, …, `not run`."""
    return verdict.value if verdict else "not run"


def verdict_text(verdict: Verdict | None, signs: Signs) -> str:
    """`✔ passed`."""
    return f"{signs.verdicts[verdict]} {word(verdict)}"


def cell(row: Row, signs: Signs) -> str:
    """A place of the scoreboard: `✔ 58/58`, `✘ 51/58`, `! error`, `✘ 1 of 3, 1 error`."""
    counts = row.counts
    if counts.planned == 1:
        judged = row.verdict in (Verdict.PASSED, Verdict.FAILED)
        return f"{signs.verdicts[row.verdict]} {(judged and row.score) or word(row.verdict)}"
    others = ((counts.error, "error"), (counts.skipped, "skipped"), (counts.not_run, "not run"))
    for number, name in others:
        if number == counts.planned:
            return f"{signs.verdicts[row.verdict]} {name}"
    parts = [row.score, *(f"{number} {name}" for number, name in others if number)]
    return f"{signs.verdicts[row.verdict]} {', '.join(parts)}"


def attempts_text(row: Row, signs: Signs) -> str:
    """One sign an attempt, repeats apart: `✘✔ ✔`."""
    return " ".join("".join(signs.verdicts[one] for one in made) for made in row.attempts if made)


def attempt_text(attempt: Attempt, signs: Signs) -> str:
    """`✔ 58/58`."""
    score = attempt_score(attempt) or word(attempt.verdict)
    return f"{signs.verdicts[attempt.verdict]} {score}"


def seconds_text(seconds: float) -> str:
    """`0.4 s`, `12.3 s`, `2 min 05 s`, `1 h 02 min`."""
    if seconds < _MINUTE:
        # Rounded first: 59.96 s is a minute, not 60.0 s.
        tenths = round(seconds, 1)
        if tenths < _MINUTE:
            return f"{tenths:.1f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02} s"
    minutes = round(seconds / _MINUTE)
    return f"{minutes // _MINUTE} h {minutes % _MINUTE:02} min"


def amount_text(amount: Amount, signs: Signs) -> str:
    """`1,204`, `≥ 1,204` when parts are unknown, `-` when all are."""
    if amount.value is None:
        return UNKNOWN
    return f"{signs.at_least if amount.partial else ''}{amount.value:,}"


def speed_text(tokens_per_second: float | None) -> str:
    """`41.3`, or `-`."""
    return UNKNOWN if tokens_per_second is None else f"{tokens_per_second:,.1f}"


def mean_text(total: Total) -> str:
    """`0.933`, or `-` when nothing was judged."""
    return UNKNOWN if total.mean_score is None else f"{total.mean_score:.3f}"


def left_out_text(total: Total) -> str:
    """The sentence that goes with a mean score that leaves something out."""
    trials = "1 trial" if total.left_out == 1 else f"{total.left_out} trials"
    return f"The mean score of {total.provider} leaves out {trials} that ended in error."


def run_facts(log: RunLog) -> list[str]:
    """The header in a few words each: bench, versions, machine, what was selected."""
    header = log.header
    facts = [
        f"bench {header.bench.file} ({header.bench.digest[:_SHORT_DIGEST]})",
        f"fiverounds {header.fiverounds_version}",
        f"Python {header.python}",
        header.platform,
    ]
    if header.cpu_count is not None:
        facts.append(f"{header.cpu_count} CPUs")
    if header.memory_bytes is not None:
        facts.append(f"{header.memory_bytes / 2**30:.1f} GiB")
    facts.append(f"sandbox {header.sandbox}")
    if header.git is not None:
        facts.append(f"git {header.git.commit[:_SHORT_DIGEST]}{', dirty' * header.git.dirty}")
    facts += [f"only {choice}" for choice in header.selection]
    facts += [f"{fact.name} {fact.value}" for fact in log.facts if fact.about == "host"]
    return [one_line(fact) for fact in facts]


def provider_facts(log: RunLog, provider: str) -> list[str]:
    """What was found out about a provider, but for what reports show elsewhere."""
    return [
        one_line(f"{fact.name} {fact.value}")
        for fact in log.facts
        if fact.about == f"provider:{provider}" and fact.name not in {"mend", "label"}
    ]
