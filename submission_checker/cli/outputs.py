"""Where ``check`` writes: the options --format and -o, tried before the work begins."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click

from submission_checker.engine.selection import did_you_mean
from submission_checker.model.report import Report
from submission_checker.render.formats import FORMATS, disagreement, formats_of, renderer

STANDARD_OUTPUT = "-"
Output = tuple[str, str]
"""(format, file or ``-``)."""


def outputs(form: str | None, beside: Sequence[str]) -> tuple[str, list[Output]]:
    """Return the format on standard output and the files; raises on wrong use.

    ``form`` is None where --format was not given: then ``-o FORMAT:-`` takes the place of the
    text. Standard output and every file take one format only.
    """
    wanted = [_output(text) for text in beside]
    if form is not None:
        known_format(form)
        wanted.append((form, STANDARD_OUTPUT))
    places = [_place(file) for _, file in wanted]
    for (_, file), place in zip(wanted, places, strict=True):
        if places.count(place) > 1:
            name = "standard output" if file == STANDARD_OUTPUT else file
            raise click.UsageError(f"two outputs go to {name}; give each a file of its own")
    files = [output for output in wanted if output[1] != STANDARD_OUTPUT]
    for _, file in files:
        try_file(Path(file))
    return next((name for name, file in wanted if file == STANDARD_OUTPUT), "text"), files


def known_format(name: str) -> str:
    """Return the name of a format, or raise with the nearest one."""
    if name not in FORMATS:
        raise click.UsageError(f"no format {name!r}{did_you_mean(name, FORMATS)}")
    return name


def completed_format(
    context: click.Context, option: click.Parameter, incomplete: str
) -> list[str]:
    """Return the formats that a shell proposes."""
    return [name for name in FORMATS if name.startswith(incomplete)]


def _output(text: str) -> Output:
    """Return format and file of ``FORMAT:FILE``, or of a file whose suffix names its format."""
    named = form_in(text, FORMATS)
    if named is None:
        promised = formats_of(text)
        if not promised:
            raise click.UsageError(f"-o wants FORMAT:FILE, or a FILE whose suffix tells the "
                                   f"format, not {text!r}; formats: {', '.join(FORMATS)}")
        return promised[0], text
    say_disagreement(*named)
    return named


def form_in(text: str, known: Collection[str]) -> Output | None:
    """Return format and file of ``FORMAT:FILE``, None for a file alone (also one on a drive)."""
    form, colon, file = text.partition(":")
    if not colon or (len(form) == 1 and file[:1] in ("/", "\\")):
        return None
    if form not in known:
        raise click.UsageError(f"-o {text}: no format {form!r}{did_you_mean(form, known)}")
    if not file:
        raise click.UsageError(f"-o wants FORMAT:FILE, not {text!r}; the file is missing")
    return form, file


def say_disagreement(form: str, file: str) -> None:
    """Say on standard error that a file's name promises another format than it gets."""
    if words := disagreement(form, file):
        click.echo(f"note: {words}", err=True)


def _place(file: str) -> str:
    return file if file == STANDARD_OUTPUT else os.path.realpath(file)


def try_file(file: Path) -> None:
    """Find out now, not after the work, that a file cannot be written; leave nothing behind."""
    try:
        if file.exists() and not file.is_file():
            if file.is_dir() or not os.access(file, os.W_OK):
                raise OSError(None, "it is a folder" if file.is_dir() else "not writable")
            return
        new = not file.exists()
        with file.open("ab"):
            pass
        if new:
            file.unlink()
    except (OSError, ValueError) as error:
        raise unwritable(file, error) from None


def unwritable(file: Path, error: Exception) -> click.UsageError:
    """Return the error of a file that cannot be written."""
    return click.UsageError(f"cannot write {file}: {getattr(error, 'strerror', None) or error}")


def write(file: Path, text: str) -> None:
    """Write an output file."""
    try:
        file.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")
    except OSError as error:
        raise unwritable(file, error) from None


def deliver(
    report: Report, path: str, form: str, files: Sequence[Output], given: dict[str, Any],
    instead: str | None = None,
) -> None:
    """Write the files, the step summary of a GitHub workflow, and standard output.

    ``instead`` takes the place of the report on standard output.
    """
    base = below_repository(path)
    for name, file in files:
        write(Path(file), rendered(report, name, given, base, to_terminal=False))
    if "github" in (form, *(name for name, _ in files)):
        _step_summary(report)
    text = instead if instead is not None else rendered(
        report, form, given, base, to_terminal=True)
    to_standard_output(text, form)


def to_standard_output(text: str, form: str) -> None:
    """Write to standard output; formats for programs are UTF-8 there as in files."""
    if form != "text" and isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        click.echo(text, nl=False, color=True)
    except BrokenPipeError:  # the exit code stays that of the judgement
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _step_summary(report: Report) -> None:
    """Add the Markdown summary to the file that a workflow step names, if it names one."""
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if not file:
        return
    from submission_checker.render.markdown import summary

    try:
        with open(file, "a", encoding="utf-8", newline="") as out:
            out.write(summary(report))
    except OSError as error:
        raise unwritable(Path(file), error) from None


def below_repository(path: str) -> str:
    """Return the path of a folder below the root of the repository around it, ``""`` for none."""
    folder = Path(path)
    if not folder.is_dir():
        return ""
    here = folder.resolve()
    for root in (here, *here.parents):
        if os.path.exists(root / ".git"):
            return here.relative_to(root).as_posix() if here != root else ""
    return ""


def rendered(
    report: Report, form: str, given: dict[str, Any], base: str, *, to_terminal: bool
) -> str:
    """Return a report in a format; the text looks at the options for width, colour and level."""
    if form != "text":
        return renderer(form, base)(report)
    from submission_checker.cli import terminal

    return terminal.text_of(report, given, to_terminal=to_terminal)
