"""Options that several commands share: which round, and which results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from submission_checker.cli import completion

Function = Callable[..., Any]
ROUND = click.option(
    "--round", "round_name", metavar="ROUND", shell_complete=completion.rounds,
    help="Round to judge by; found out from the tree where it is not given.")
FILTERS = (
    click.option("--division", multiple=True, metavar="NAME", shell_complete=completion.divisions,
                 help="Only this division; may be repeated, as all that follow."),
    click.option("--submitter", multiple=True, metavar="NAME", help="Only this submitter."),
    click.option("--system", multiple=True, metavar="NAME", help="Only this system."),
    click.option("--benchmark", multiple=True, metavar="NAME",
                 shell_complete=completion.benchmarks,
                 help="Only this benchmark (folder or model)."),
    click.option("--scenario", multiple=True, metavar="NAME", shell_complete=completion.scenarios,
                 help="Only this scenario."),
)


def filters(function: Function) -> Function:
    """Add the options that keep a part of the results, one per name of ``selection.FILTERS``."""
    for option in reversed(FILTERS):
        function = option(function)
    return function
