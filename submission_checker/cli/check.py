"""``submission-checker check``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import click

from submission_checker.check import check, fails
from submission_checker.cli import completion
from submission_checker.cli.config import ConfiguredCommand, shown
from submission_checker.cli.filters import ROUND, filters
from submission_checker.cli.outputs import Output, completed_format, deliver, outputs
from submission_checker.cli.terminal import can_write_over
from submission_checker.cli.tuning import tune
from submission_checker.engine.exceptions import FILE_NAME as EXCEPTIONS_FILE
from submission_checker.engine.selection import FILTERS, Selection
from submission_checker.judging import Memory
from submission_checker.model.errors import WrongUse
from submission_checker.model.files import FileTable
from submission_checker.model.findings import LEVEL_BY_NAME, Level
from submission_checker.model.report import Report
from submission_checker.options import Options
from submission_checker.render.formats import FORMATS
from submission_checker.rounds.loader import UnknownRound
from submission_checker.sources.base import Source, SourceError, Unreadable
from submission_checker.sources.opening import before, open_source

PROFILES = ("submit", "self-check", "review", "gate")
LEVELS = tuple(LEVEL_BY_NAME)

QUIET_SECONDS = 2.0
"""Progress is shown of what takes longer."""
EXIT_FINDINGS, EXIT_NOTHING, EXIT_CRASH = 1, 3, 4


@click.command("check", cls=ConfiguredCommand, help="""
Judge the submission in PATH by the rules of its round.

PATH is the folder that holds closed/, open/ or network/, an archive with it (.tar, .tar.gz,
.tar.xz, .tar.zst, .zip; ARCHIVE/FOLDER where it lies deeper), or git:REPO@REV, also with :FOLDER.

Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 wrong use, 3 nothing to judge or input
unreadable in part, 4 a rule or the program crashed.""")
@click.argument("path", type=click.Path())
@ROUND
@click.option("--profile", type=click.Choice(PROFILES), default="submit", show_default=True,
              help="Who asks: self-check shows what is absent as a to-do list, review applies no "
                   "exceptions, gate takes no selection and no settings.")
@click.option("--select", multiple=True, metavar="RULE", shell_complete=completion.rules,
              help="Only this rule or family; may be repeated.")
@click.option("--ignore", multiple=True, metavar="RULE", shell_complete=completion.rules,
              help="Not this rule or family; may be repeated.")
@filters
@click.option("--format", "form", metavar="FORMAT", shell_complete=completed_format,
              help=f"Format on standard output: {', '.join(FORMATS)}.  [default: text]")
@click.option("-o", "--output", multiple=True, metavar="[FORMAT:]FILE",
              help="Write a format into a file (- is standard output), by its suffix where FORMAT "
                   "is not given; may be repeated.")
@click.option("--junit-passes", is_flag=True,
              help="A case in JUnit also for each rule that passed, per result; large.")
@click.option("--fail-on", type=click.Choice(LEVELS), default="error", show_default=True,
              help="Lowest level that makes the exit code 1.")
@click.option("--level", type=click.Choice(LEVELS), default="warning", show_default=True,
              help="Lowest level shown in the text.")
@click.option("--show", type=click.Choice(["some", "all"]), default="some", show_default=True,
              help="Places shown per rule in the text.")
@click.option("--statistics", is_flag=True,
              help="Show in the text how often each rule passed, failed or was skipped.")
@click.option("--timing", is_flag=True,
              help="Say on standard error how long each part of the work took.")
@click.option("--exceptions", type=click.Path(), metavar="FILE",
              help="Exceptions file; default: submission-exceptions.toml in PATH.")
@click.option("--since", metavar="REV",
              help="Judge what changed since REV; PATH is git:REPO@REV then.")
@click.option("--previous", type=click.Path(), metavar="PATH",
              help="Tree of the round before (as PATH), for rules about two rounds.")
@click.option("--previous-round", metavar="ROUND", shell_complete=completion.rounds,
              help="Its round; found out from the tree where it is not given.")
@click.option("--published", type=click.Path(), metavar="FILE",
              help="Table of published numbers (JSON or CSV); default: that at the root.")
@click.option("--deep", is_flag=True,
              help="Replay every run exactly, however long; says first how long it takes.")
@click.option("--no-exceptions", is_flag=True, help="Judge without the exceptions file.")
@click.option("--strict", is_flag=True,
              help="An exception that matches nothing is an error, not a warning.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), hidden=True)
@click.option("--watch", is_flag=True,
              help="Stay, and judge again when a run lands in PATH (a folder).")
@click.option("--looks", type=click.IntRange(0), hidden=True)
@click.option("-j", "--jobs", default="auto", show_default=True, metavar="N",
              help="Worker processes: a number, or auto (by the size of the input).")
@click.option("--colour/--no-colour", default=None, help="Colours; default: on a terminal.")
@click.option("--explain-difference", "their_log", type=click.Path(), metavar="LOG",
              help="Say of every line of the community checker's LOG who is right, and why.")
@click.option("--show-config", is_flag=True,
              help="Show every setting and where it comes from, judge nothing.")
def command(path: str, **given: Any) -> None:
    """Parse, run, write, exit."""
    if given.pop("show_config"):
        click.echo(shown(click.get_current_context()), nl=False)
        return
    tune()
    given["path"] = path
    form, files = outputs(given["form"], given["output"])
    if given["their_log"] is not None and form != "text":
        raise click.UsageError("--explain-difference writes text; give other formats with -o")
    try:
        source = open_source(path)
        exceptions = exceptions_of(source, given)
    except WrongUse as error:
        raise click.UsageError(str(error)) from None
    except SourceError as error:
        click.echo(f"submission-checker: {error}", err=True)
        sys.exit(EXIT_NOTHING)
    if given["their_log"] is not None:
        readable(given["their_log"])
    passes = _passes(given["junit_passes"], form, files)
    options = _options(given, exceptions, passes=passes)
    if given["deep"]:
        announce(source)

    clock = Clock()

    def judge() -> Report:
        return check(source, options=options, progress=_progress(), stage=clock.done)

    def show(report: Report) -> None:
        deliver(report, path, form, files, given, explained(report, given))

    try:
        report = _watched(path, source, options, given, show) if given["watch"] else judge()
    except (WrongUse, UnknownRound) as error:
        raise click.UsageError(str(error)) from None
    except SourceError as error:
        click.echo(f"submission-checker: {error}", err=True)
        sys.exit(EXIT_NOTHING)
    if not given["watch"]:
        show(report)
        clock.done("output")
    if given["timing"] and clock.parts:
        click.echo(clock.told(), err=True)
    sys.exit(exit_code(report, LEVEL_BY_NAME[given["fail_on"]]))


def _options(given: dict[str, Any], exceptions: str | None, *, passes: bool) -> Options:
    """Return what the command line asks for; ``exceptions`` is the text of their file."""
    return Options(
        round=given["round_name"],
        profile=given["profile"],
        selection=Selection(given["select"], given["ignore"],
                            *(given[name] for name in FILTERS)),
        jobs=jobs_of(given["jobs"]),
        exceptions=exceptions,
        exceptions_file=exceptions_name(given["exceptions"]),
        today=today(given["today"]),
        since=given["since"],
        previous=given["previous"],
        previous_round=given["previous_round"],
        **_published(given["published"]),
        deep=given["deep"],
        strict=given["strict"],
        passes=passes,
    )


class Clock:
    """Seconds of each part of the work, in order."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, float]] = []
        self._last = monotonic()

    def done(self, part: str) -> None:
        """Note that a part is done."""
        now = monotonic()
        self.parts.append((part, now - self._last))
        self._last = now

    def told(self) -> str:
        """Return the parts in words, the sum last."""
        parts = [*self.parts, ("all", sum(seconds for _, seconds in self.parts))]
        return "timing: " + ", ".join(f"{part} {seconds:.2f} s" for part, seconds in parts)


def announce(source: Source) -> None:
    """Say on standard error what ``--deep`` will take."""
    from submission_checker.intake.deep import deep_work

    click.echo(deep_work(source, FileTable.build(source.walk())).sentence(), err=True)


def _watched(
    path: str, source: Source, options: Options, given: dict[str, Any],
    show: Callable[[Report], None],
) -> Report:
    """Judge at every change of the folder; returns the last report once the looks are used up.

    The exceptions file is read anew each time, as it may be what changed.
    """
    from submission_checker.cli.watch import Snapshot, on_screen, watch

    memory, shown = Memory(), False

    def judge(stamps: Snapshot) -> Report:
        memory.begin(stamps)
        now = replace(options, exceptions=exceptions_of(source, given))
        return check(source, options=now, progress=_progress(), memory=memory)

    def again(report: Report, changed: list[str]) -> None:
        nonlocal shown
        on_screen(path, changed, memory, again=shown, write=lambda: show(report))
        shown = True

    last = watch(path, judge, again, given["looks"])
    if last is None:
        raise SourceError(path, "nothing to judge came")
    return last


def explained(report: Report, given: dict[str, Any]) -> str | None:
    """Return what is written instead of the report where another program's log is explained."""
    if given["their_log"] is None:
        return None
    from submission_checker.cli.difference import difference_text

    return difference_text(given["their_log"], report, everything=given["show"] == "all")


def exit_code(report: Report, fail_on: Level) -> int:
    """Return the exit code of a report; crashes weigh more than unreadable input."""
    if report.crashed:
        return EXIT_CRASH
    if report.unreadable or not report.results:
        return EXIT_NOTHING
    return EXIT_FINDINGS if fails(report, fail_on) else 0


def _passes(asked: bool, form: str, files: Sequence[Output]) -> bool:
    """Return whether passes are kept; only JUnit tells them."""
    if asked and not any(name.startswith("junit") for name in (form, *(f for f, _ in files))):
        raise click.UsageError("--junit-passes is about JUnit; give --format or -o with junit")
    return asked


def jobs_of(text: str) -> int:
    """Return the number of worker processes, 0 for auto."""
    if text in ("auto", "0"):
        return 0
    if text.isdecimal() and len(text) < 5 and 0 < int(text) <= 1024:
        return int(text)
    raise click.UsageError(f"--jobs is a number or auto, not {text!r}; numbers go up to 1024")


def today(given: datetime | None) -> date:
    """Return the day by which exceptions expire: the one given, or this one."""
    return given.date() if given is not None else datetime.now().astimezone().date()


def exceptions_of(source: Source, given: dict[str, Any]) -> str | None:
    """Return the text of the exceptions file that applies, None where there is none.

    The gate takes it from the base revision or from the file named on the command line, never from
    what it judges.
    """
    if given["no_exceptions"]:
        return None
    if given["profile"] == "gate" and not given["exceptions"]:
        if given["since"] is None:
            return None
        base = before(source, given["since"])
        return None if base is None else exceptions_in(base)
    return exceptions_given(source, given["exceptions"])


def exceptions_given(source: Source, file: str | None) -> str | None:
    """Return the text of the file that was named, else of that in the submission."""
    return _text_of(Path(file)) if file else exceptions_in(source)


def exceptions_name(given: str | None) -> str:
    """Return the name by which findings about entries name their file; never a path of a host."""
    return Path(given).name if given else EXCEPTIONS_FILE


def exceptions_in(source: Source) -> str | None:
    """Return the text of the exceptions file of a submission, None where there is none."""
    try:
        return source.read(EXCEPTIONS_FILE).decode("utf-8")
    except Unreadable as error:
        if error.reason.startswith("no such file"):
            return None
        raise click.UsageError(f"cannot read the exceptions file {error}") from None
    except UnicodeDecodeError as error:
        raise unreadable(EXCEPTIONS_FILE, error) from None


def _published(name: str | None) -> dict[str, Any]:
    """Return the options about a published table that is named on the command line."""
    if name is None:
        return {}
    try:
        return {"published": Path(name).read_bytes(), "published_file": Path(name).name}
    except OSError as error:
        raise unreadable(f"the published table {name}", error) from None


def readable(file: str) -> None:
    """Find out now, not after the work, that a file cannot be read."""
    try:
        with open(file, "rb") as opened:
            opened.read(1)
    except OSError as error:
        raise unreadable(file, error) from None


def unreadable(what: str, error: Exception) -> click.UsageError:
    """Return the error of a named file that cannot be read, without the number of the error."""
    reason = getattr(error, "strerror", None) or error
    if isinstance(error, UnicodeDecodeError):
        reason = f"byte {error.start + 1} makes it no text in UTF-8"
    return click.UsageError(f"cannot read {what}: {reason}")


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(f"the exceptions file {file}", error) from None

def _progress() -> Any:
    """Return a progress callback where somebody watches, else None."""
    if not can_write_over():
        return None

    began = monotonic()

    def show(done: int, total: int) -> None:
        if monotonic() - began < QUIET_SECONDS:
            return
        end = "\r" if done < total else "\r\x1b[K"
        print(f"judged {done} of {total} results", end=end, file=sys.stderr, flush=True)

    return show
