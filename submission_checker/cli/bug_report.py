"""``submission-checker bug-report``: a bundle that a maintainer can act on."""

from __future__ import annotations

import json
import platform
import sys
import traceback
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import click

from submission_checker import __version__
from submission_checker.check import check
from submission_checker.cli import completion
from submission_checker.cli.outputs import try_file, unwritable
from submission_checker.engine.judge import without_paths
from submission_checker.engine.near_paths import did_you_mean_path
from submission_checker.engine.selection import Selection
from submission_checker.model.errors import WrongUse
from submission_checker.model.files import Kind
from submission_checker.model.report import Report
from submission_checker.options import Options
from submission_checker.render.anonymous import anonymous
from submission_checker.render.escape import printable
from submission_checker.rounds.loader import UnknownRound
from submission_checker.sources.base import Source, SourceError, SourceProblem
from submission_checker.sources.opening import open_source

LIBRARIES = ("click", "numpy", "pandas", "jsonschema", "PyYAML", "GitPython", "rich",
             "mlcommons-loadgen")
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Every entry has this time, so that equal input gives an equal bundle."""
README = """\
Bundle for a bug report about submission-checker.

about.json    the program, the platform, the options
report.json   what was judged; names of submitters and systems are replaced, nothing is quoted
crashes.txt   tracebacks, if a rule or the program crashed
files/        files of the submission, only those that were asked for with --with-file
"""


@click.command("bug-report", help="""Write a bundle for a bug report about the judgement of PATH.

It holds version, platform, options, the report with names replaced, and tracebacks. No file of the
submission is in it unless named with --with-file. Look at it before you send it.""")
@click.argument("path", type=click.Path())
@click.option("--round", "round_name", metavar="ROUND", shell_complete=completion.rounds,
              help="Round to judge by.")
@click.option("--select", multiple=True, metavar="RULE", shell_complete=completion.rules,
              help="Only this rule or family; may be repeated.")
@click.option("--with-file", "wanted", multiple=True, metavar="FILE",
              help="Add this file of the submission, by its path in it; may be repeated.")
@click.option("-o", "--output", default="submission-checker-bug.zip", show_default=True,
              type=click.Path(), help="The bundle; must not exist.")
@click.option("--dry-run", is_flag=True, help="List the content, write nothing.")
def command(path: str, output: str, dry_run: bool, **given: Any) -> None:
    """Judge, collect, write."""
    target = Path(output)
    if target.exists() and not dry_run:
        raise click.UsageError(f"{output} exists already")
    if not dry_run:
        try_file(target)
    try:
        source = open_source(path)
        known = {entry.path for entry in source.walk() if entry.kind is Kind.FILE} if (
            given["wanted"]) else set()
        files = {f"files/{name}": _read(source, name, known) for name in given["wanted"]}
    except SourceError as error:
        raise click.UsageError(str(error)) from None
    bundle = content(source, given) | files
    for name, data in sorted(bundle.items()):
        click.echo(f"{len(data):>9} bytes  {printable(name)}")
    if dry_run:
        click.echo(f"dry run: {output} was not written")
        return
    try:
        write_zip(target, bundle)
    except OSError as error:
        raise unwritable(target, error) from None
    click.echo(f"written: {output}; look at it before you send it")


def content(source: Source, given: dict[str, Any]) -> dict[str, bytes]:
    """Return the files of the bundle by name; a crash of the whole program is one of them."""
    options = Options(round=given["round_name"], selection=Selection(given["select"]), jobs=1)
    about = {
        "program": __version__, "python": sys.version.split()[0],
        "implementation": platform.python_implementation(), "system": platform.system(),
        "release": platform.release(), "machine": platform.machine(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "options": {"round": given["round_name"], "select": list(given["select"])},
    }
    bundle = {"README.txt": README.encode(), "about.json": _json(about)}
    try:
        report = check(source, options=options)
    except (WrongUse, UnknownRound, SourceError) as error:
        raise click.UsageError(str(error)) from None
    except Exception as error:  # what this command is for: the crash itself is the report
        lines = without_paths("".join(traceback.format_exception(error)).splitlines())
        return bundle | {"crashes.txt": _text(lines)}
    data, names = anonymous(report)
    click.echo(f"{names} names are replaced in the report")
    bundle["report.json"] = _json(data)
    if crashes := _crashes(data, report):
        bundle["crashes.txt"] = _text(crashes)
    return bundle


def _crashes(data: dict[str, Any], report: Report) -> list[str]:
    if not report.crashed:
        return []
    return [line for finding in data["findings"] if finding["subcode"] == "crashed"
            for line in (f"{finding['rule']} {finding['found']}", *finding["evidence"], "")]


def _read(source: Source, name: str, known: set[str]) -> bytes:
    """Return a file of the submission; only what is listed in it is ever opened."""
    if name not in known:
        raise click.UsageError(printable(f"no file {name} in the submission"
                                         f"{did_you_mean_path(name, known)}"))
    try:
        return source.read(name)
    except SourceProblem as error:
        raise click.UsageError(f"cannot read {printable(name)}: {printable(str(error))}") from None


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _json(data: Any) -> bytes:
    return (json.dumps(data, indent=1, sort_keys=True) + "\n").encode()


def _text(lines: Any) -> bytes:
    return ("\n".join(printable(line) for line in lines) + "\n").encode()


def write_zip(target: Path, bundle: dict[str, bytes]) -> None:
    """Write a bundle; the same content gives the same bytes."""
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(bundle):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, bundle[name])
