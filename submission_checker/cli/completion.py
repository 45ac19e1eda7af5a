"""What a shell proposes for values of options: rules, rounds, benchmarks, scenarios, divisions.

Only what a proposal needs is loaded: a family's rules once its name is typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from submission_checker.rounds.types import Round


def rules(
    context: click.Context, option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return families until one is typed in full, then its ids; short names for small letters.

    The argument of ``explain`` takes findings about the exceptions file too; options do not.
    """
    from submission_checker.model.exceptions_rules import ENTRY_RULES, FAMILY
    from submission_checker.rules.registry import FAMILIES, all_rules, rules_of

    explained = ENTRY_RULES if isinstance(option, click.Argument) else ()
    if incomplete and incomplete == incomplete.lower():
        return [CompletionItem(rule.name, help=rule.title) for rule in (*all_rules(), *explained)
                if rule.name.startswith(incomplete)]
    families = sorted({*FAMILIES.values(), *([FAMILY] if explained else [])})
    whole = incomplete.rstrip("0123456789")
    if explained and whole == FAMILY:
        return [CompletionItem(rule.id, help=rule.title) for rule in explained
                if rule.id.startswith(incomplete)]
    if whole in families:
        return [CompletionItem(rule.id, help=rule.title) for rule in rules_of(whole)
                if rule.id.startswith(incomplete)]
    fitting = [name for name in families if name.startswith(incomplete)]
    if len(fitting) == 1:
        return [CompletionItem(fitting[0]), *rules(context, option, fitting[0])]
    return [CompletionItem(name) for name in fitting]


def rounds(context: click.Context, option: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of rounds."""
    from submission_checker.rounds.loader import round_names

    return _starting(round_names(), incomplete)


def benchmarks(context: click.Context, option: click.Parameter, incomplete: str) -> list[str]:
    """Return the models of the round given so far, or of the newest."""
    round_ = _round(context)
    return [] if round_ is None else _starting(round_.models, incomplete)


def scenarios(context: click.Context, option: click.Parameter, incomplete: str) -> list[str]:
    """Return the scenarios of the round given so far."""
    round_ = _round(context)
    names = () if round_ is None else round_.layout.scenario_folders.values()
    return _starting(dict.fromkeys(names), incomplete)


def divisions(context: click.Context, option: click.Parameter, incomplete: str) -> list[str]:
    """Return the divisions of the round given so far."""
    round_ = _round(context)
    return [] if round_ is None else _starting(round_.layout.root_dirs, incomplete)


def audits(context: click.Context, option: click.Parameter, incomplete: str) -> list[str]:
    """Return the audits of the round given so far."""
    round_ = _round(context)
    return [] if round_ is None else _starting(round_.audits, incomplete)


def _starting(names: Iterable[str], incomplete: str) -> list[str]:
    return list(_fitting(names, incomplete.casefold()))


def _fitting(names: Iterable[str], start: str) -> Iterator[str]:
    return (name for name in names if name.casefold().startswith(start))


def _round(context: click.Context) -> Round | None:
    """Return the round of the command line so far; None where there is no such round."""
    from submission_checker.cli.main import newest_round
    from submission_checker.rounds.loader import UnknownRound, load_round

    try:
        return load_round(context.params.get("round_name") or newest_round())
    except UnknownRound:
        return None
