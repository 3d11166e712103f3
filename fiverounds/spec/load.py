"""The way in: a path → a bench that is ready to be planned, or every problem it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from fiverounds.errors import Problem, SpecError
from fiverounds.spec.bench import Bench
from fiverounds.spec.consistency import check_consistency
from fiverounds.spec.digest import digest_of
from fiverounds.spec.files import check_files
from fiverounds.spec.folder import Folder, open_folder
from fiverounds.spec.gate import gate
from fiverounds.spec.keys import check_keys
from fiverounds.spec.matrix import check_matrix
from fiverounds.spec.merge import Merger
from fiverounds.spec.models import BenchFile, UseProvider
from fiverounds.spec.named_files import named_files
from fiverounds.spec.names import check_names
from fiverounds.spec.nodes import Source
from fiverounds.spec.schema import bench_schema
from fiverounds.spec.sections import Sections, parse_bench, read_sections
from fiverounds.spec.templates import read_templates
from fiverounds.spec.yaml_source import read_yaml

MAX_PROBLEMS = 100


def load(path: Path, environment: Mapping[str, str]) -> Bench:
    """Read a bench and everything it names.

    Args:
        path: `bench.yaml`, or the folder it stands in.
        environment: where `${VAR}` in providers comes from.

    Raises:
        SpecError: with all problems at once, sorted by file and line.
    """
    folder = open_folder(path)
    document = read_yaml(folder.file, folder.shown_file, "a bench")
    if document.root is None:
        raise SpecError(document.problems)
    merger = Merger(folder, environment)
    source = merger.merged(Source(document.root))
    sections = read_sections(source)
    prompts, in_templates = read_templates(sections, folder)
    found = [*document.problems, *merger.problems, *_in_shape(source)]
    found += _first([*in_templates, *_in_meaning(sections, folder)])
    if not found:
        found += check_matrix(sections)
    bench = parse_bench(source)
    if found or isinstance(bench, str):
        raise SpecError(_ordered(found or [_disagreement(folder, str(bench))], folder))
    own = (folder.file.name, *merger.files)
    return _bench(bench, folder, prompts, digest_of(folder.root, named_files(bench, own)))


def _in_shape(source: Source) -> list[Problem]:
    shape = _first(gate(source, bench_schema()))
    places = {(problem.file, problem.line, problem.column) for problem in shape}
    keys = check_keys(source)
    return shape + [key for key in keys if (key.file, key.line, key.column) not in places]


def _in_meaning(sections: Sections, folder: Folder) -> Iterator[Problem]:
    yield from check_names(sections)
    yield from check_consistency(sections)
    yield from check_files(sections, folder)


def _first(problems: Iterable[Problem]) -> list[Problem]:
    # Nobody mends more at once; finding them all can take minutes in a hostile file.
    return list(islice(problems, MAX_PROBLEMS))


def _disagreement(folder: Folder, where: str) -> Problem:
    message = f"the schema takes what the models refuse ({where}): please report this"
    return Problem(folder.shown_file, 1, 1, "", message)


def _ordered(problems: Iterable[Problem], folder: Folder) -> tuple[Problem, ...]:
    """Each problem once: those of bench.yaml first, then by file; from top to bottom."""
    unique = dict.fromkeys(problems)
    return tuple(
        sorted(unique, key=lambda p: (p.file != folder.shown_file, p.file, p.line, p.column))
    )


def _bench(bench: BenchFile, folder: Folder, prompts: Mapping[str, str], digest: str) -> Bench:
    return Bench(
        file=folder.file,
        root=folder.root,
        name=bench.name,
        description=bench.description or "",
        defaults=bench.defaults,
        gate=bench.gate,
        matrix=bench.matrix,
        providers=tuple(p for p in bench.providers if not isinstance(p, UseProvider)),
        prompts=prompts,
        rounds=bench.rounds,
        digest=digest,
    )
