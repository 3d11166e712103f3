"""The command line: arguments in, exit code out. Commands are imported when asked for, so `--version` stays instant."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from fiverounds import __version__
from fiverounds.errors import ExitCode, FiveroundsError, SpecError, UsageError

_EPILOG = """exit codes:
  0  the gate holds (without a gate: no trial failed)
  1  the gate is broken
  2  interrupted
  3  errors in trials, or inside fiverounds
  4  the bench or the command line is wrong, or something is missing on this machine
  5  nothing selected"""


class _Parser(argparse.ArgumentParser):
    """Usage errors exit with 4, as wrong specs do."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(ExitCode.USAGE, f"{self.prog}: error: {message}\n")


def build_parser() -> argparse.ArgumentParser:
    """All commands and options."""
    parser = _Parser(
        prog="fiverounds",
        description="A declarative benchmark runner for coding models and coding agents.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"fiverounds {__version__}")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=_Parser
    )

    run = commands.add_parser("run", help="run a bench and report")
    _bench(run)
    _selection(run)
    run.add_argument(
        "-j", "--jobs", type=_positive, default=1, metavar="N", help="trials at a time (default: 1)"
    )
    run.add_argument(
        "--logs", metavar="DIR", help="where logs go (default: _logs beside the bench)"
    )
    run.add_argument("-q", "--quiet", action="store_true", help="only the final verdict")
    run.add_argument("--json", action="store_true", help="print results.json instead of tables")

    validate = commands.add_parser("validate", help="check benches without running them")
    validate.add_argument(
        "benches", nargs="*", default=["bench.yaml"], metavar="BENCH", help="default: bench.yaml"
    )
    validate.add_argument("--format", choices=("text", "json", "github"), default="text")

    plan = commands.add_parser("plan", help="print the run matrix")
    _bench(plan)
    _selection(plan)
    plan.add_argument("--json", action="store_true")

    report = commands.add_parser("report", help="report on a run, from its log alone")
    report.add_argument(
        "run",
        nargs="?",
        default="latest",
        metavar="RUN",
        help="a run's id, a prefix of it, or `latest`",
    )
    report.add_argument("--format", choices=("text", "markdown", "json", "junit"), default="text")
    report.add_argument(
        "-o", "--output", metavar="FILE", help="write there instead of the terminal"
    )
    report.add_argument("--logs", default="_logs", metavar="DIR")

    listing = commands.add_parser("ls", help="list runs, newest first")
    listing.add_argument("--logs", default="_logs", metavar="DIR")
    listing.add_argument("--json", action="store_true")

    schema = commands.add_parser("schema", help="print or write the JSON Schemas")
    schema.add_argument("name", nargs="?", choices=("bench", "provider"), default="bench")
    schema.add_argument("--write", action="store_true", help="write all of them into --folder")
    schema.add_argument(
        "--check", action="store_true", help="exit 4 if those in --folder are out of date"
    )
    schema.add_argument("--folder", default="schema", metavar="DIR")

    doctor = commands.add_parser(
        "doctor", help="what is missing on this machine, and the command that mends it"
    )
    doctor.add_argument(
        "bench", nargs="?", metavar="BENCH", help="look only at what this bench needs"
    )
    doctor.add_argument(
        "--prepare", action="store_true", help="also fill the build caches that rounds start from"
    )
    doctor.add_argument("--json", action="store_true")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; every error ends in a message and an exit code, never in a traceback."""
    os.umask(0o022)  # jails run as another user, who must be able to read what we make
    # Closed by the caller (`>&-`): what would be said goes nowhere, the exit code remains.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    arguments = build_parser().parse_args(argv)
    try:
        _check_folder()
        command = import_module(f"fiverounds.cli.{arguments.command}_command")
        return int(command.main(arguments))
    except SpecError as error:
        from fiverounds.spec.render import render_text

        print(render_text(error.problems), file=sys.stderr, end="")
        return error.exit_code
    except FiveroundsError as error:
        print(f"error: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  to mend it: {error.hint}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output left (`| head`); anything more would fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except Exception as error:
        return _unforeseen(error)


def _check_folder() -> None:
    try:
        os.getcwd()
    except FileNotFoundError:
        raise UsageError("the current folder no longer exists", "cd somewhere else") from None


def _unforeseen(error: Exception) -> int:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="fiverounds-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write("".join(traceback.format_exception(error)))
    print(f"internal error: {type(error).__name__}: {error}", file=sys.stderr)
    print(f"  this is a bug in fiverounds; details for a report: {file.name}", file=sys.stderr)
    return ExitCode.ERRORS


def _bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "bench", nargs="?", default="bench.yaml", metavar="BENCH", help="default: bench.yaml"
    )


def _selection(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "selection (patterns may hold * and ?; each may be given several times)"
    )
    group.add_argument("-p", "--provider", action="append", default=[], metavar="PATTERN")
    group.add_argument("-r", "--round", action="append", default=[], metavar="PATTERN")
    group.add_argument("--prompt", action="append", default=[], metavar="PATTERN")
    group.add_argument("-t", "--tag", action="append", default=[], metavar="PATTERN")
    group.add_argument("--limit", type=_positive, metavar="N", help="only the first N trials")
    group.add_argument("--repeats", type=_positive, metavar="N", help="instead of the bench's")
    group.add_argument("--failed", metavar="RUN", help="only what failed or broke in that run")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return int(text)
