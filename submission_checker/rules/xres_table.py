"""XRES019: the numbers of a tree beside a published table of them."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.beside import Number, PublishedRow, PublishedTable
from submission_checker.model.findings import Level, Location
from submission_checker.model.subjects import ResultFacts, TreeSubject
from submission_checker.rules.texts import counted, quote

PLACES = 10
NOISE = 1e-9
"""Relative difference of sums of floats that are printed with all digits."""

NS_PER_MS = 1e6


@rule(
    id="XRES019", name="published-table", title="The published table says what the logs say",
    level=Level.WARNING, scope=Scope.TREE,
    why="readers take the table for the results, and the logs prove other numbers",
    fix="make the table again from this tree, or find out which of both changed since",
    source="mlcommons/inference tools/submission/generate_final_report.py; "
        "mlcommons/mlperf-automations#598",
)
def published_table(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """Each number of the table is that of its result, within the digits that it was printed with.

    The table is ``summary_results.json`` or ``summary.json`` at the root, or the file given with
    ``--published``. Rows without a folder in the tree are counted once.
    """
    table = tree.beside.table
    if table is None:
        raise Skip("no published table given or found (summary_results.json, summary.json, "
                   "--published)")
    if table.problem is not None:
        yield Fault(table.problem.at, table.problem.text,
                    "a list of rows with Location, Performance_Result and Performance_Units",
                    subcode="unread")
        return
    results = {
        facts.path: facts for submitter in tree.submitters for system in submitter.systems
        for facts in system.results
    }
    for row in table.rows:
        facts = results.get(row.location)
        ours = (facts.power if row.is_power else facts.value) if facts is not None else None
        if facts is not None and ours is not None and not _equal(row.number, ours):
            yield Fault(_at(row, table), f"{row.number.value:.10g} {row.number.unit} for "
                        f"{quote(row.location)}", _required(row, facts, ours),
                        subcode=row.location + ("-power" if row.is_power else ""),
                        subject=facts.subject)
    if table.absent:
        places = list(dict.fromkeys(row.location for row in table.absent))
        yield Fault(_at(table.absent[0], table), f"{counted(len(places), 'row')} of results that "
                    f"are not here; the first: {quote(places[0])}", "a row per result of the tree",
                    subcode="absent", evidence=tuple(places[:PLACES]))


def _equal(published: Number, ours: float) -> bool:
    value = published.value / (NS_PER_MS if "(ns)" in published.unit else 1)
    return abs(value - ours) <= max(published.step / 2, NOISE * abs(ours))


def _at(row: PublishedRow, table: PublishedTable) -> Location:
    line = row.line if row.pointer is None else table.lines.get(row.pointer)
    return Location(table.path, line, row.pointer)


def _required(row: PublishedRow, facts: ResultFacts, ours: float) -> str:
    if row.is_power:
        return f"{ours:.10g}, the power metric of its logs"
    return f"{ours:.10g} {facts.unit}, by its logs"
