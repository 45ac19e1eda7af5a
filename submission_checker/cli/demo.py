"""``submission-checker demo``: the bundled submission, checked."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from submission_checker.check import check
from submission_checker.formats.resources import demo_submission
from submission_checker.model.findings import Level
from submission_checker.render import csv_table, json_v1, text

ROUND = "demo"


@click.command("demo", help="Check the bundled submission and write its report.")
@click.option("--out", type=click.Path(file_okay=False), default="submission-checker-demo",
              show_default=True, help="Folder for the report; made where it does not exist.")
def command(out: str) -> None:
    """Check, print, write."""
    folder = demo_submission()
    report = check(str(folder), round=ROUND)
    click.echo(text.render(report, text.Style(colour=sys.stdout.isatty())), nl=False)
    target = Path(out)
    try:
        target.mkdir(parents=True, exist_ok=True)
        (target / "report.json").write_text(json_v1.render(report), encoding="utf-8")
        (target / "results.csv").write_text(csv_table.render(report), encoding="utf-8")
        (target / "report.txt").write_text(text.render(report), encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"cannot write the report to {target}: {error.strerror}") from None
    click.echo(f"submission: {folder}\nreport: {target.resolve()}")
    click.echo("next: submission-checker check YOUR_SUBMISSION")
    sys.exit(1 if report.levels()[Level.ERROR] else 0)
