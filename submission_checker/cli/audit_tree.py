"""The results of a submission with their audits, as the commands about audits want them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import click

from submission_checker.cli.filters import FILTERS, ROUND
from submission_checker.engine.selection import FILTERS as NAMES
from submission_checker.engine.selection import did_you_mean
from submission_checker.intake.reading import Reader
from submission_checker.intake.results import load_result, load_system
from submission_checker.intake.rounds import choose_round, no_submission
from submission_checker.model.errors import WrongUse
from submission_checker.model.files import FileTable
from submission_checker.model.submission import Result
from submission_checker.render.escape import printable
from submission_checker.rounds.loader import UnknownRound
from submission_checker.rounds.types import Model, Round
from submission_checker.rules.audits.cases import required_tests
from submission_checker.sources.base import SourceError
from submission_checker.sources.opening import open_source
from submission_checker.tree.build import build_tree
from submission_checker.tree.select import select_tree

Rows = list[dict[str, Any]]


def of_tree(function: Callable[..., None]) -> Callable[..., None]:
    """Add the argument and the options of a command about the audits of a submission."""
    options = (click.argument("path", type=click.Path()), ROUND, *FILTERS,
               click.option("--format", "form", type=click.Choice(["text", "json"]),
                            default="text", help="Format.", show_default=True))
    for option in reversed(options):
        function = option(function)
    return function


def rows_by(
    path: str, round_name: str | None, wanted: dict[str, tuple[str, ...]],
    rows_of: Callable[[Due, Submission], Iterable[dict[str, Any]]],
) -> tuple[Submission, Rows]:
    """Return the tree and the rows about its due audits; ends the program where there is none."""
    try:
        tree = Submission(path, round_name, wanted)
        return tree, [row for due in tree.due() for row in rows_of(due, tree)]
    except (WrongUse, UnknownRound) as error:
        raise click.UsageError(printable(str(error))) from None
    except SourceError as error:
        click.echo(f"submission-checker: {printable(str(error))}", err=True)
        sys.exit(3)


@dataclass(frozen=True, slots=True)
class Due:
    """A result whose division requires audits, with the tests that its model needs."""

    result: Result
    model: Model
    scenario: str
    tests: tuple[str, ...]


class Submission:
    """A tree opened for its audits."""

    def __init__(self, path: str, round_name: str | None, wanted: dict[str, tuple[str, ...]]):
        self.source = open_source(path)
        self.table = FileTable.build(self.source.walk())
        no_submission(self.table, self.source)
        self.round: Round = choose_round(self.source, self.table, round_name).round
        self.reader = Reader(self.source, self.table)
        chosen = {name: wanted.get(name, ()) for name in NAMES}
        self.tree, _ = select_tree(build_tree(self.table, self.round, {}), chosen, did_you_mean)

    def due(self) -> Iterator[Due]:
        """Yield the results that need audits."""
        for submitter in self.tree.submitters:
            if submitter.subject.division not in self.round.audits_required_in:
                continue
            for system in submitter.systems:
                description = load_system(system, self.reader, self.round)
                for paths in system.results:
                    result = load_result(paths, description, self.reader, self.round)
                    model = self.round.models.get(result.model or "")
                    if model is None or result.scenario is None:
                        continue
                    tests = required_tests(model, result.scenario)
                    if tests:
                        yield Due(result, model, result.scenario, tests)
