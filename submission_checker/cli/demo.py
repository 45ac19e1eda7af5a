"""``submission-checker demo``: a small submission, made live where possible, and checked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from submission_checker.check import check
from submission_checker.cli import terminal
from submission_checker.cli.audit_demo import Live, possible
from submission_checker.formats.resources import demo_submission
from submission_checker.model.findings import Level
from submission_checker.model.report import Report
from submission_checker.render import csv_table, json_v1, text
from submission_checker.render.formats import renderer

ROUND = "demo"
PAGE = "report.html"


@click.command("demo", help="""Make a small submission with the real LoadGen, audit it, check it.

Without LoadGen the bundled submission is checked.""")
@click.option("--out", type=click.Path(file_okay=False), default="submission-checker-demo",
              show_default=True, help="Folder for submission and report.")
@click.option("--bundled", is_flag=True, help="Check the bundled submission, run nothing.")
def command(out: str, bundled: bool) -> None:
    """Make or take a submission, check, print, write."""
    target = Path(out).resolve()
    try:
        target.mkdir(parents=True, exist_ok=True)
        folder = _submission(target, bundled)
        report = check(str(folder), round=ROUND)
        click.echo(text.render(report, text.Style(
            width=terminal.width(), colour=terminal.colour(None), path=str(folder))), nl=False)
        _write(report, target)
    except OSError as error:
        raise click.UsageError(f"cannot write to {target}: {error.strerror}") from None
    click.echo(f"submission: {folder}\nreport: {(target / PAGE).resolve()}")
    click.echo("next: submission-checker check YOUR_SUBMISSION")
    sys.exit(1 if report.levels()[Level.ERROR] else 0)


def _submission(target: Path, bundled: bool) -> Path:
    """Return the folder of the submission that is checked."""
    reason = None if bundled else possible()
    if reason is not None:
        click.echo(f"{reason}; the bundled submission is checked instead")
    if bundled or reason is not None:
        return demo_submission()
    click.echo("Runs of one second with LoadGen, each result audited, about half a minute:")
    try:
        return Live(target, ROUND, click.echo).make().resolve()
    except (ValueError, subprocess.CalledProcessError) as error:
        click.echo(f"the live demonstration failed: {error}", err=True)
        sys.exit(3)


def _write(report: Report, target: Path) -> None:
    (target / "report.json").write_text(json_v1.render(report), encoding="utf-8")
    (target / "results.csv").write_text(csv_table.render(report), encoding="utf-8")
    (target / "report.txt").write_text(text.render(report), encoding="utf-8")
    (target / PAGE).write_text(renderer("html")(report), encoding="utf-8")
