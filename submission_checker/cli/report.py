"""``submission-checker report``: the tables of a round for reviewers and readers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from submission_checker.check import check
from submission_checker.cli.check import (
    EXIT_CRASH,
    EXIT_NOTHING,
    exceptions_name,
    exceptions_of,
    jobs_of,
    today,
)
from submission_checker.cli.filters import ROUND, filters
from submission_checker.cli.outputs import (
    STANDARD_OUTPUT,
    form_in,
    say_disagreement,
    to_standard_output,
    try_file,
    write,
)
from submission_checker.cli.tuning import tune
from submission_checker.engine.selection import FILTERS, Selection, did_you_mean
from submission_checker.model.errors import WrongUse
from submission_checker.model.report import Report
from submission_checker.model.tables import Table
from submission_checker.options import Options
from submission_checker.render.formats import formats_of
from submission_checker.review.tables import NAMES, tables_of
from submission_checker.rounds.loader import UnknownRound
from submission_checker.sources.base import SourceError
from submission_checker.sources.opening import open_source

FORMATS = ("text", "csv", "json", "html")
ONE_TABLE = "csv"
"""The format that holds one table only."""
WIDEST = 400
"""Rows of a table are read along their line, so a wide terminal is used."""


@click.command("report", help=f"""
Judge the submission in PATH and write tables of its results: as a round publishes them, ranked,
counted, and beside each other.

Tables: {', '.join(NAMES)}.

Exit codes: 0 written, 2 wrong use, 3 nothing to judge or input unreadable in part, 4 a rule or the
program crashed.""")
@click.argument("path", type=click.Path())
@ROUND
@click.option("--table", "tables", multiple=True, metavar="NAME",
              help="Only this table; may be repeated.  [default: all]")
@click.option("--format", "form", type=click.Choice(FORMATS),
              help="Format; csv holds one table.  [default: by the suffix of FILE, else text]")
@click.option("-o", "--output", type=click.Path(), metavar="[FORMAT:]FILE",
              help="Write into a file instead of standard output.")
@click.option("--all-results", is_flag=True,
              help="Count results that are not valid, too, if they have a number.")
@filters
@click.option("--exceptions", type=click.Path(), metavar="FILE",
              help="Exceptions file; default: submission-exceptions.toml in PATH.")
@click.option("--no-exceptions", is_flag=True, help="Judge without the exceptions file.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), hidden=True)
@click.option("-j", "--jobs", default="auto", show_default=True, metavar="N",
              help="Worker processes: a number, or auto (by the size of the input).")
def command(path: str, **given: Any) -> None:
    """Judge, make the tables, write them, exit."""
    tune()
    form, file = _output(given["form"], given["output"])
    names = _names(given["tables"], form)
    if file is not None:
        try_file(file)
    report = _judged(path, given)
    text = _rendered(report, tables_of(report, names, everything=given["all_results"]), form)
    if file is not None:
        write(file, text)
    else:
        to_standard_output(text, form)
    if report.crashed:
        sys.exit(EXIT_CRASH)
    sys.exit(EXIT_NOTHING if report.unreadable or not report.results else 0)


def _output(form: str | None, output: str | None) -> tuple[str, Path | None]:
    """Return format and file; ``-o FORMAT:FILE`` is read as ``check`` reads it."""
    named = form_in(output or "", FORMATS)
    if named is not None:
        if form not in (None, named[0]):
            raise click.UsageError(f"--format {form} and -o {output} name two formats")
        form, output = named
    if output is None or output == STANDARD_OUTPUT:
        return form or "text", None
    if form is None:
        promised = formats_of(output)
        form = next((name for name in promised if name in FORMATS), "text")
        if Path(output).suffix and form not in promised:
            raise click.UsageError(
                f"no format of {output}: its suffix is none of {', '.join(FORMATS)}; name one with "
                "--format")
    say_disagreement(form, output)
    return form, Path(output)


def _names(given: tuple[str, ...], form: str) -> tuple[str, ...]:
    """Return the names of the tables that are wanted."""
    for name in given:
        if name not in NAMES:
            raise click.UsageError(f"no table {name!r}{did_you_mean(name, NAMES)}")
    if form == ONE_TABLE and len(given) != 1:
        raise click.UsageError(f"{form} holds one table; name it with --table")
    return tuple(dict.fromkeys(given)) or NAMES


def _judged(path: str, given: dict[str, Any]) -> Report:
    try:
        source = open_source(path)
        exceptions = exceptions_of(source, {**given, "profile": "submit"})
        options = Options(
            round=given["round_name"], jobs=jobs_of(given["jobs"]), exceptions=exceptions,
            exceptions_file=exceptions_name(given["exceptions"]),
            today=today(given["today"]),
            selection=Selection((), (), *(given[name] for name in FILTERS)))
        return check(source, options=options)
    except (WrongUse, UnknownRound) as error:
        raise click.UsageError(str(error)) from None
    except SourceError as error:
        click.echo(f"submission-checker: {error}", err=True)
        sys.exit(EXIT_NOTHING)


def _rendered(report: Report, tables: tuple[Table, ...], form: str) -> str:
    """Return the tables in a format; its module is loaded now."""
    if form == "csv":
        from submission_checker.render.tables import csv_file

        return csv_file.render(report, tables[0])
    if form == "json":
        from submission_checker.render.tables import json_file

        return json_file.render(report, tables)
    if form == "html":
        from submission_checker.render.tables import page

        return page.render(report, tables)
    from submission_checker.cli import terminal
    from submission_checker.render.style import Style
    from submission_checker.render.tables import text

    style = Style(width=terminal.width(WIDEST), colour=terminal.colour(None))
    return text.render(report, tables, style)
