"""``submission-checker rules``."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

import click

from submission_checker.cli import completion
from submission_checker.engine.levels import level_in_force
from submission_checker.rounds.loader import UnknownRound, load_round
from submission_checker.rules.coverage import STATES, coverage, stale
from submission_checker.rules.registry import all_rules


@click.command("rules", help="List the rules with their levels.")
@click.option("--round", "round_name", metavar="ROUND", shell_complete=completion.rounds,
              help="Levels in this round.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--coverage", "covered", is_flag=True,
              help="Every id of the rule catalogue: implemented, decided elsewhere, out of scope.")
def command(round_name: str | None, as_json: bool, covered: bool) -> None:
    """Print the catalogue."""
    if covered:
        click.echo("\n".join(_coverage(as_json)))
        sys.exit(1 if _unmapped() else 0)
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


def _coverage(as_json: bool) -> Iterator[str]:
    """Yield the lines of the coverage, counts last."""
    rows = list(coverage({rule.id for rule in all_rules()}))
    if as_json:
        yield json.dumps([asdict(row) for row in rows], indent=1)
        return
    for row in rows:
        by = f" by {row.by}" if row.by and row.by != row.id else ""
        why = f": {row.why}" if row.why else ""
        yield f"{row.id:<9} {row.state}{by}  {row.title}{why}"
    counts = Counter(row.state for row in rows)
    yield f"{len(rows)} ids: " + ", ".join(f"{counts[s]} {s}" for s in STATES if counts[s])


def _unmapped() -> bool:
    rules = {rule.id for rule in all_rules()}
    return bool(stale(rules)) or any(row.state == "unmapped" for row in coverage(rules))
