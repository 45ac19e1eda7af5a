"""``submission-checker rules``."""

from __future__ import annotations

import json

import click

from submission_checker.cli import completion
from submission_checker.engine.judge import level_in_force
from submission_checker.rounds.loader import UnknownRound, load_round
from submission_checker.rules.registry import all_rules


@click.command("rules", help="List the rules with their levels.")
@click.option("--round", "round_name", metavar="ROUND", shell_complete=completion.rounds,
              help="Levels in this round.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(round_name: str | None, as_json: bool) -> None:
    """Print the catalogue."""
    try:
        round_ = load_round(round_name) if round_name else None
    except UnknownRound as error:
        raise click.UsageError(str(error)) from None
    rows = []
    for rule in all_rules():
        closed, opened = rule.usual_level("closed"), rule.usual_level("open")
        if round_ is not None:
            closed, opened = (level_in_force(rule, round_, d) for d in ("closed", "open"))
        rows.append({
            "id": rule.id, "name": rule.name, "title": rule.title,
            "closed": closed.label if closed else "off",
            "open": opened.label if opened else "off", "scope": rule.scope.value,
        })
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        level = row["closed"] if row["closed"] == row["open"] else f"{row['closed']}/{row['open']}"
        click.echo(f"{row['id']:<9} {level:<14} {row['title']}")
