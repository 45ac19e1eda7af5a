"""``submission-checker rounds list|show|diff``."""

from __future__ import annotations

import json
import re
import textwrap
from itertools import groupby
from typing import Any

import click

from submission_checker.cli import completion
from submission_checker.engine.selection import did_you_mean
from submission_checker.rounds.diff import difference, leaves, told
from submission_checker.rounds.loader import (
    UnknownRound,
    load_round,
    resolved_data,
    round_names,
    split_key,
)

WIDTH = 100
SOURCES = "sources."
"""Keys of the sources: they stand above the values, and are shown as rows when asked for."""


@click.group("rounds", help="List, show and compare rounds.")
def command() -> None:
    """Group of the three commands."""


def _data(name: str) -> dict[str, Any]:
    try:
        return resolved_data(name)
    except UnknownRound as error:
        raise click.UsageError(str(error)) from None


@command.command("list", help="List the rounds.")
def list_() -> None:
    """Print one line per round."""
    for name in round_names():
        round_ = load_round(name)
        deadline = f"deadline {round_.submission_deadline}" if round_.submission_deadline else ""
        click.echo(f"{name:<6} {len(round_.models):>3} models  "
                   f"{', '.join(round_.layout.root_dirs):<21} {deadline}".rstrip())


@command.command("show", help="""Show every number of ROUND with its source.

KEY keeps what begins with it: models, models.resnet, durations_ms.Server.""")
@click.argument("name", metavar="ROUND", shell_complete=completion.rounds)
@click.argument("part", required=False, metavar="[KEY]")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(name: str, part: str | None, as_json: bool) -> None:
    """Print the resolved round, or the part below a dotted key."""
    data = _data(name)
    rows = [row for row in leaves(data) if (
        not row[0].startswith(SOURCES) if part is None else _bare(row[0]).startswith(_bare(part)))]
    if not rows:
        raise click.UsageError(f"no key {part!r} in {name}{_near(part or '', data)}")
    if as_json:
        click.echo(json.dumps(dict(rows), indent=1, default=str))
        return
    round_ = load_round(name)
    source = ""
    for key, value in rows:
        if (here := round_.source(key)) != source:
            source = here
            click.echo(f"# {source}")
        click.echo(f"{key} = {_text(value)}")


def _bare(key: str) -> str:
    """Return a key without the marks around names that hold a full stop."""
    return key.replace('"', "")


def _near(part: str, data: dict[str, Any]) -> str:
    """Return the keys that were meant: of the same depth, else of the upper ones."""
    keys = [_quoted(key) for key, _ in leaves(data)]
    same = {".".join(key[:2]) for key in keys if len(key) > 1 and _bare(key[1]) == _bare(part)}
    if same:
        return did_you_mean(part, same)
    found = [did_you_mean(part, {".".join(key[:depth]) for key in keys})
             for depth in (len(split_key(part)), 2, 1)]
    return next((near for near in found if not near.startswith("; known")), found[-1])


def _quoted(key: str) -> list[str]:
    """Return the parts of a key, each as it is written."""
    return [text for text in re.split(r'\.(?=(?:[^"]*"[^"]*")*[^"]*\Z)', key) if text]


def _text(value: Any) -> str:
    """Return a value as TOML has it; texts and dates without quotation marks."""
    if isinstance(value, (bool, int, float, list, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


@command.command("diff", help="Show what changed from round A to round B.")
@click.argument("before", metavar="A", shell_complete=completion.rounds)
@click.argument("after", metavar="B", shell_complete=completion.rounds)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def diff(before: str, after: str, as_json: bool) -> None:
    """Print the changes, section by section."""
    changes = difference(_data(before), _data(after))
    if as_json:
        click.echo(json.dumps([
            {"section": c.section, "key": c.key, "before": c.before, "after": c.after}
            for c in changes
        ], indent=1, default=str))
        return
    if not changes:
        click.echo(f"nothing changed from {before} to {after}")
    for section, rows in groupby(changes, key=lambda change: change.section):
        click.echo(section)
        for line in told(rows):
            click.echo(textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent=" " * 6,
                                     break_long_words=False, break_on_hyphens=False))
