"""``submission-checker explain RULE``."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import click

from submission_checker.cli import completion
from submission_checker.cli.explain_values import history, limits, spans_of
from submission_checker.engine.levels import level_in_force
from submission_checker.engine.rule import Rule
from submission_checker.engine.selection import did_you_mean
from submission_checker.model.exceptions_rules import (
    ENTRY_RULES,
    FAMILY,
    SOURCE,
    UNUSED,
    EntryRule,
    entry_rule,
)
from submission_checker.rounds.links import source_url
from submission_checker.rounds.loader import (
    UnknownRound,
    load_round,
    real_round_names,
    rule_tables,
)
from submission_checker.rounds.types import Round
from submission_checker.rules.registry import FAMILIES, all_rules, find_rule, rules_of

WIDTH = 78
SHOWN_VALUES = 12
EXIT_NOTHING = 3


@click.command("explain", help="""Say why RULE is, what its limit is, and how to fix a finding.

The name of a family (PERF) lists its rules.

With --result, say how the number of a result of the tree RULE (a path) follows from its logs, and
which rules decided it.""")
@click.argument("rule", shell_complete=completion.rules)
@click.option("--round", "round_name", metavar="ROUND", shell_complete=completion.rounds,
              help="Show the limit in this round; judge by it.")
@click.option("--result", "location", metavar="LOCATION",
              help="Folder of a result, as check names it; what follows is the tree then.")
def command(rule: str, round_name: str | None, location: str | None) -> None:
    """Print the page of a rule, or of a result."""
    if location is not None:
        _explain_result(rule, location, round_name)
        return
    if (about_entries := entry_rule(rule)) is not None:
        click.echo("\n".join(entry_page(about_entries)))
        return
    try:
        round_ = load_round(round_name) if round_name else None
    except UnknownRound as error:
        raise click.UsageError(str(error)) from None
    if family := family_page(rule.upper(), round_):
        click.echo("\n".join(family))
        return
    found = find_rule(rule)
    if found is None:
        names = [name for r in all_rules() for name in (r.id, r.name)]
        names += [name for r in ENTRY_RULES for name in (r.id, r.name)]
        near = did_you_mean(rule, names)
        if near.startswith("; known"):
            near = "; `submission-checker rules` lists them"
        raise click.UsageError(f"no rule {rule!r}{near}")
    click.echo("\n".join(page(found, round_)))


def _explain_result(path: str, location: str, round_name: str | None) -> None:
    """Print how a result follows; only then are the check and all it needs loaded."""
    from submission_checker.cli.explain_result import result_page
    from submission_checker.model.errors import WrongUse
    from submission_checker.sources.base import SourceError

    try:
        lines = result_page(path, location, round_name)
        click.echo("\n".join(lines))
    except (WrongUse, UnknownRound) as error:
        raise click.UsageError(str(error)) from None
    except SourceError as error:
        click.echo(f"submission-checker: {error}", err=True)
        sys.exit(EXIT_NOTHING)


def family_page(name: str, round_: Round | None) -> list[str]:
    """Return the lines of the page of a family of rules; none where no family has the name."""
    rows: list[tuple[str, str, str]] = []
    if name == FAMILY:
        rows = [(rule.id, rule.level.label, rule.title) for rule in ENTRY_RULES]
    elif name in FAMILIES.values():
        for rule in rules_of(name):
            level = rule.level if round_ is None else level_in_force(rule, round_, "closed")
            rows.append((rule.id, level.label if level is not None else "off", rule.title))
    if not rows:
        return []
    where = "; these are about the exceptions file" if name == FAMILY else (
        f"; --select {name} keeps them all")
    if round_ is not None and name != FAMILY:
        where = f", levels as in {round_.name}, closed{where}"
    return [f"{name} is a family of {len(rows)} rules{where}", "",
            *(f"{id_:<9} {level:<8} {title}" for id_, level, title in rows), "",
            f"submission-checker explain {rows[0][0]} tells about the first"]


def page(rule: Rule, round_: Round | None) -> Iterator[str]:
    """Yield the lines of a rule's page."""
    yield f"{rule.id} ({rule.name}): {rule.title}"
    yield ""
    yield from _field("condition", rule.doc)
    yield from _field("why", rule.why)
    yield from _field("fix", rule.fix)
    yield from _field("level", _levels(rule))
    if rule.requires:
        yield from _field("needs", ", ".join(rule.requires))
    yield from _field("source", rule.source)
    if not rule.suppressible:
        yield from _field("exception", "none: this rule guards the integrity of the logs")
    yield from _field("in force", _rounds(rule))
    if round_ is not None:
        yield ""
        yield from _in_round(rule, round_)


def entry_page(rule: EntryRule) -> Iterator[str]:
    """Yield the lines of the page of a rule about the exceptions file."""
    strict = "; error with --strict" if rule is UNUSED else ""
    yield f"{rule.id} ({rule.name}): {rule.title}"
    yield ""
    yield from _field("required", rule.required)
    yield from _field("why", rule.why)
    yield from _field("fix", rule.fix)
    yield from _field("level", f"{rule.level.label}{strict}")
    yield from _field("source", SOURCE)
    yield from _field("exception", "none: this rule is about the exceptions file")
    yield from _field("in force", "every round, wherever an exceptions file applies")


def _field(name: str, text: str) -> Iterator[str]:
    lines = textwrap.wrap(" ".join(text.split()), WIDTH - 11) or [""]
    yield f"{name:<10} {lines[0]}"
    for line in lines[1:]:
        yield f"{'':<10} {line}"


def _levels(rule: Rule) -> str:
    open_level = rule.usual_level("open")
    text = rule.level.label
    if open_level is None:
        return f"{text}; not judged in the open division"
    return text if open_level is rule.level else f"{text}; {open_level.label} in the open division"


def _rounds(rule: Rule) -> str:
    on = [name for name, table in rule_tables().items() if _is_on(table.get(rule.id, "on"))]
    return spans_of(name in on for name in real_round_names())


def _is_on(setting: Any) -> bool:
    levels = setting.values() if isinstance(setting, dict) else (setting,)
    return any(level != "off" for level in levels)


def _in_round(rule: Rule, round_: Round) -> Iterator[str]:
    parts = []
    for division in round_.layout.root_dirs:
        level = level_in_force(rule, round_, division)
        parts.append(f"{division} {level.label if level else 'off'}")
    yield from _field(round_.name, ", ".join(parts))
    if rule.key:
        yield from _limits(rule.key, round_)
    if (url := source_url(rule.source, round_)) is not None:
        yield f"{'link':<10} {url}"


def _limits(key: str, round_: Round) -> Iterator[str]:
    """Yield the lines on the values of a key of the round data and on where they come from."""
    values = list(limits(key, round_))
    for name, value in values[:SHOWN_VALUES]:
        yield from _field("", f"{name}: {value}")
    if len(values) > SHOWN_VALUES:
        yield from _field("", f"and {len(values) - SHOWN_VALUES} more (rounds show {round_.name})")
    yield from _field("from", round_.source(key.replace(".*", "")))
    label = "history"
    for rounds, value in history(key):
        yield from _field(label, f"{rounds}: {value}")
        label = ""
