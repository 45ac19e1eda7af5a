"""What tables are made of: each result that counts, with the description of its system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from submission_checker.model.findings import Subject
from submission_checker.model.report import PublishedNumber, Report, ResultRow, Verdict
from submission_checker.rounds.loader import load_round
from submission_checker.rounds.types import ScenarioSpec

SUITES_APART = ","
"""Between the types of a system that belongs to several suites."""
RATES = {"Samples/s": "samples", "Queries/s": "samples", "Tokens/s": "tokens"}
"""Unit of a rate -> what it counts; a query of the Server scenario is one sample."""


@dataclass(frozen=True, slots=True)
class Record:
    """A result with its number and what its system is made of."""

    row: ResultRow
    number: PublishedNumber
    fields: Mapping[str, str]
    """Fields of the system description as text."""
    description: str
    """Path of the system description."""
    spec: ScenarioSpec | None
    """The scenario of the round; None where it is not one."""
    category: str
    """The category by its official name, of which early rounds have several spellings."""

    @property
    def suites(self) -> tuple[str, ...]:
        """System types whose lists the result is in; one without a name before there were any."""
        parts = [part.strip() for part in self.row.system_type.split(SUITES_APART)]
        return tuple(part for part in parts if part) or ("",)

    @property
    def system(self) -> str:
        """The folder name of the system: what tells rows with the same hardware apart."""
        return self.row.subject.system

    @property
    def owner(self) -> Subject:
        """The system as a subject."""
        subject = self.row.subject
        return Subject(subject.division, subject.submitter, subject.system)

    @property
    def accelerators(self) -> int | None:
        """Accelerators of all nodes; None where the description gives no number."""
        return product(self.fields, "accelerators_per_node", "number_of_nodes")

    @property
    def processors(self) -> int | None:
        """Host processors of all nodes; None where the description gives no number."""
        return product(self.fields, "host_processors_per_node", "number_of_nodes")

    @property
    def lower_is_better(self) -> bool:
        """Whether the number is a latency."""
        return self.spec is not None and self.spec.lower_is_better

    @property
    def counts(self) -> str | None:
        """What the number counts per second, None where it is no rate."""
        return RATES.get(self.number.unit)


def product(fields: Mapping[str, str], *names: str) -> int | None:
    """Return the product of fields that are whole numbers, None where one is not."""
    total = 1
    for name in names:
        text = fields.get(name, "").strip()
        if not text.isascii() or not text.isdecimal() or len(text) > MOST_DIGITS:
            return None
        total *= int(text)
    return total


MOST_DIGITS = 9
"""A count with more digits is no count of parts."""


def records_of(report: Report, *, everything: bool = False) -> tuple[Record, ...]:
    """Return the valid results with their systems; with ``everything`` all that have a number."""
    round_ = load_round(report.round)
    scenarios, aliases = round_.scenarios, round_.system.status_aliases
    systems = {system.subject: system for system in report.systems}
    found = []
    for row in report.results:
        if row.result is None or not (everything or row.verdict is Verdict.VALID):
            continue
        subject = row.subject
        system = systems.get(Subject(subject.division, subject.submitter, subject.system))
        found.append(Record(
            row, row.result, dict(system.fields) if system is not None else {},
            system.path if system is not None else "", scenarios.get(row.scenario),
            aliases.get(row.category.casefold(), row.category.casefold())))
    return tuple(found)


def left_out(report: Report, records: Sequence[Record]) -> str:
    """Return what the numbers of a table count, in words."""
    rest = len(report.results) - len(records)
    return (f"{len(records)} results count, {rest} do not; a result is a submitter, a system, a "
            "benchmark and a scenario, measured power belongs to its result")


def benchmark(record: Record) -> str:
    """Return the model of the round that a result is of, else its folder's name."""
    return record.row.model or record.row.subject.benchmark


def software(record: Record) -> str:
    """Return the software of a system as its description names it."""
    return record.fields.get("framework", "").strip()
