"""RunLog in, `Summary` out: everything the reports say, before any of it is formatted. Pure.

`failed` and `error` are counted apart everywhere. A mean score is taken over trials that were
judged, and says how many errors it leaves out. An unknown number of tokens stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean

from fiverounds.report.gate import exit_code, judge
from fiverounds.report.model import Amount, Counts, Row, Summary, Tokens, Total
from fiverounds.results import AssertionResult, Attempt, Item, TrialResult, Verdict
from fiverounds.store.runlog import RunLog
from fiverounds.store.scores import one_line, score_text

Cell = tuple[str, str, str]
"""Provider, round, prompt."""


def summarise(log: RunLog) -> Summary:
    """Everything the reports say about a run; rows in the order of the plan."""
    results = {result.trial_id: result for result in log.results}
    cells: dict[Cell, list[str]] = {}
    for trial_id in dict.fromkeys([*log.planned, *results]):
        provider, round_id, prompt, _ = trial_id.split("/")
        cells.setdefault((provider, round_id, prompt), []).append(trial_id)
    titles = _titles(cells)
    rows = tuple(
        _row(log, cell, titles[cell[1:]], trial_ids, results) for cell, trial_ids in cells.items()
    )
    providers = tuple(dict.fromkeys(row.provider for row in rows))
    outcome = judge(log)
    return Summary(
        log=log,
        providers=providers,
        columns=tuple(dict.fromkeys(titles.values())),
        rows=rows,
        board={(row.provider, row.column): row for row in rows},
        totals=tuple(_total(log, provider, rows) for provider in providers),
        proofs=tuple(dict.fromkeys(_proofs(rows))),
        gate=outcome,
        exit_code=exit_code(log, outcome),
    )


def last_assertions(result: TrialResult) -> tuple[AssertionResult, ...]:
    """Those of the attempt that decided the trial: the last."""
    return result.attempts[-1].assertions if result.attempts else ()


def named_items(result: TrialResult) -> Iterator[tuple[str, Item]]:
    """Each test, check or bug of a trial with a name that is unique in it."""
    assertions = last_assertions(result)
    for assertion in assertions:
        prefix = f"{assertion.assertion_id}: " if len(assertions) > 1 else ""
        for item in assertion.items:
            yield one_line(prefix + item.id), item


def several_attempts(summary: Summary) -> Iterator[TrialResult]:
    """Trials that took more than one attempt."""
    return (result for row in summary.rows for result in row.results if len(result.attempts) > 1)


def skipped_together(
    summary: Summary,
) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...], str]]:
    """Provider, columns, reasons, mending command: rows skipped for the same reason as one."""
    groups: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for row in summary.rows:
        if row.counts.skipped:
            groups.setdefault((row.provider, row.reasons, row.mend), []).append(row.column)
    for (provider, reasons, mend), columns in groups.items():
        yield provider, tuple(columns), reasons, mend


def _titles(cells: Iterable[Cell]) -> dict[tuple[str, str], str]:
    prompts: dict[str, set[str]] = {}
    for _, round_id, prompt in cells:
        prompts.setdefault(round_id, set()).add(prompt)
    return {
        (round_id, prompt): round_id if len(prompts[round_id]) == 1 else f"{round_id}/{prompt}"
        for _, round_id, prompt in cells
    }


def _row(
    log: RunLog,
    cell: Cell,
    column: str,
    trial_ids: Sequence[str],
    by_id: dict[str, TrialResult],
) -> Row:
    results = tuple(by_id[trial_id] for trial_id in trial_ids if trial_id in by_id)
    counts = _count(results, not_run=len(trial_ids) - len(results))
    repeated = counts.planned > 1
    score = (
        f"{counts.passed} of {counts.planned}" if repeated else "".join(map(score_text, results))
    )
    mend = log.fact(f"provider:{cell[0]}", "mend") if counts.skipped or counts.error else None
    return Row(
        provider=cell[0],
        column=column,
        counts=counts,
        score=score,
        attempts=tuple(tuple(one.verdict for one in result.attempts) for result in results),
        wall_clock_seconds=sum(result.wall_clock_seconds for result in results),
        tokens=_tokens(attempt for result in results for attempt in result.attempts),
        reasons=tuple(dict.fromkeys(_reasons(results, repeated=repeated))),
        failing=tuple(dict.fromkeys(_failing(results))),
        tampered=tuple(dict.fromkeys(_tampered(results))),
        mend=one_line(str(mend or "")),
        results=results,
    )


def _total(log: RunLog, provider: str, all_rows: Sequence[Row]) -> Total:
    rows = [row for row in all_rows if row.provider == provider]
    results = [result for row in rows for result in row.results]
    scores = [score for result in results if (score := _score(result)) is not None]
    counts = _count(results, not_run=sum(row.counts.not_run for row in rows))
    return Total(
        provider=provider,
        label=one_line(str(log.fact(f"provider:{provider}", "label") or "")),
        counts=counts,
        mean_score=fmean(scores) if scores else None,
        left_out=counts.error,
        wall_clock_seconds=sum(result.wall_clock_seconds for result in results),
        tokens=_tokens(attempt for result in results for attempt in result.attempts),
    )


def _count(results: Sequence[TrialResult], not_run: int) -> Counts:
    def ended(verdict: Verdict) -> int:
        return sum(result.verdict is verdict for result in results)

    return Counts(
        passed=ended(Verdict.PASSED),
        failed=ended(Verdict.FAILED),
        error=ended(Verdict.ERROR),
        skipped=ended(Verdict.SKIPPED),
        not_run=not_run,
    )


def _score(result: TrialResult) -> float | None:
    if result.verdict in (Verdict.ERROR, Verdict.SKIPPED):
        return None
    if result.score is not None:
        return result.score
    return 1.0 if result.verdict is Verdict.PASSED else 0.0


def _tokens(attempts: Iterable[Attempt]) -> Tokens:
    made = list(attempts)
    return Tokens(
        prompt=_sum([attempt.usage.prompt_tokens for attempt in made]),
        output=_sum([attempt.usage.output_tokens for attempt in made]),
        per_second=_speed(made),
    )


def _sum(parts: Sequence[int | None]) -> Amount:
    known = [part for part in parts if part is not None]
    return Amount(sum(known), len(known) < len(parts)) if known else Amount(None)


def _speed(attempts: Sequence[Attempt]) -> float | None:
    """Output tokens over the time they took; attempts of unknown length or speed say nothing."""
    known = [
        (tokens, speed)
        for attempt in attempts
        if (tokens := attempt.usage.output_tokens) and (speed := attempt.timing.tokens_per_second)
    ]
    seconds = sum(tokens / speed for tokens, speed in known)
    return sum(tokens for tokens, _ in known) / seconds if seconds else None


def _reasons(results: Sequence[TrialResult], *, repeated: bool) -> Iterator[str]:
    for result in results:
        if result.verdict is Verdict.PASSED:
            continue
        prefix = f"repeat {result.repeat}: " if repeated else ""
        for reason in dict.fromkeys(filter(None, map(one_line, _reasons_of(result)))):
            yield prefix + reason


def _reasons_of(result: TrialResult) -> Iterator[str]:
    yield result.reason
    if result.attempts:
        yield result.attempts[-1].reason
    assertions = last_assertions(result)
    for assertion in assertions:
        if assertion.verdict is not Verdict.PASSED:
            prefix = f"{assertion.assertion_id}: " if len(assertions) > 1 else ""
            yield from (prefix + reason for reason in assertion.reasons)


def _failing(results: Iterable[TrialResult]) -> Iterator[str]:
    for result in results:
        for name, item in named_items(result):
            if item.verdict in (Verdict.FAILED, Verdict.ERROR):
                yield name


def _tampered(results: Iterable[TrialResult]) -> Iterator[str]:
    for result in results:
        for attempt in result.attempts:
            for assertion in attempt.assertions:
                yield from map(one_line, assertion.tampered)


def _proofs(rows: Iterable[Row]) -> Iterator[tuple[str, str, str]]:
    for row in rows:
        for result in row.results:
            for assertion in last_assertions(result):
                if assertion.proof:
                    yield row.column, one_line(assertion.assertion_id), one_line(assertion.proof)
