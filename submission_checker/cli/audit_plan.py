"""``audit plan``: what is required, what is there, what is missing, how long it takes."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

from compliance_tests.runner.specs import Target, estimate_s
from submission_checker.cli.audit_tree import Due, of_tree, rows_by
from submission_checker.render.escape import printable
from submission_checker.render.style import shell_word
from submission_checker.rounds.types import Round
from submission_checker.rules.texts import counted

HOUR_S = 3600


@click.command("plan", help="List which audits each result of PATH needs, which are there, and how "
                            "long the missing ones take.")
@of_tree
def command(path: str, round_name: str | None, form: str, **wanted: tuple[str, ...]) -> None:
    """Print one row per result and test."""
    tree, rows = rows_by(path, round_name, wanted, lambda due, tree: rows_of(due, tree.round))
    if form == "json":
        click.echo(json.dumps({"round": tree.round.name, "audits": rows}, indent=2))
    else:
        _print(rows, tree.round, path)
    sys.exit(0 if rows else 3)


def rows_of(due: Due, round_: Round) -> list[dict[str, Any]]:
    """Return a row per required test of a result."""
    target = Target(round_, due.model, due.scenario)
    rows = []
    for test in due.tests:
        audit = due.result.audits.get(test)
        spec = round_.audits.get(test)
        missing = [] if audit is None or spec is None else [
            name for name in spec.files_required if name not in audit.files]
        state = "missing" if audit is None else "incomplete" if missing else "present"
        rows.append({
            "result": due.result.path, "test": test, "state": state, "lacks": missing,
            "about_s": estimate_s(target, test, due.result.run) if spec is not None else None,
            "purpose": spec.purpose if spec is not None else "",
            "benchmark": due.result.subject.benchmark, "scenario": due.scenario,
        })
    return rows


def _print(rows: list[dict[str, Any]], round_: Round, path: str) -> None:
    if not rows:
        click.echo(f"no result needs an audit in {round_.name}")
        return
    last = None
    for row in rows:
        if row["result"] != last:
            last = row["result"]
            click.echo(printable(str(last)))
        lacks = f", lacks {', '.join(row['lacks'])}" if row["lacks"] else ""
        about = "" if row["about_s"] is None else f"  {shown(row['about_s'])}"
        click.echo(f"  {row['test']:<9} {row['state']}{printable(lacks)}{about}")
    todo = [row for row in rows if row["state"] != "present"]
    hours = sum(row["about_s"] or 0 for row in todo)
    unknown = sum(row["about_s"] is None for row in todo)
    click.echo(f"\n{counted(len(rows), 'audit')} required, {len(rows) - len(todo)} present, "
               f"{len(todo)} to be run: about {shown(hours)}"
               f"{f', {unknown} of unknown length' if unknown else ''}")
    if todo:
        click.echo(_next(todo[0], round_, path))


def _next(row: dict[str, Any], round_: Round, path: str) -> str:
    """Return how the first audit is run, and what is to be filled in."""
    on_disk = os.path.isdir(path)
    folder = f"{path.rstrip('/')}/{row['result']}" if on_disk else "FOLDER"
    told = "" if on_disk else "FOLDER is the result, unpacked.\n"
    words = f"{shell_word(row['benchmark'])} --scenario {shell_word(row['scenario'])}"
    return (f"next, for the first result:\n"
            f"  submission-checker audit run --round {round_.name} --benchmark {words} \\\n"
            f"      --result {shell_word(folder) if on_disk else folder} -- COMMAND {{outdir}}\n"
            f"{told}COMMAND is how you run the benchmark; {{outdir}} stays as it is, and becomes\n"
            "the folder that its logs go to (docs/audits.md)")


def shown(seconds: float) -> str:
    """Return a duration as people say it."""
    if seconds >= HOUR_S:
        return f"{seconds / HOUR_S:.1f} h"
    if seconds >= 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds:.0f} s" if seconds >= 1 or not seconds else "under 1 s"
