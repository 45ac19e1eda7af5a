"""The results of a submission with their audits, as the commands about audits want them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from submission_checker.engine.selection import FILTERS, did_you_mean
from submission_checker.intake.reading import Reader
from submission_checker.intake.results import load_result, load_system
from submission_checker.intake.rounds import choose_round, no_submission
from submission_checker.model.files import FileTable
from submission_checker.model.submission import Result
from submission_checker.rounds.types import Model, Round
from submission_checker.rules.audits.cases import required_tests
from submission_checker.sources.opening import open_source
from submission_checker.tree.build import build_tree
from submission_checker.tree.select import select_tree


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
        no_submission(self.table, self.source.label)
        self.round: Round = choose_round(self.source, self.table, round_name).round
        self.reader = Reader(self.source, self.table)
        chosen = {name: wanted.get(name, ()) for name in FILTERS}
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
