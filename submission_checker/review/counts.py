"""How many results there are of what: benchmarks, scenarios, frameworks, processors."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from submission_checker.model.tables import Column, Row, Table
from submission_checker.review.kinds import kind_of, numerics_text
from submission_checker.review.records import Record, benchmark, software

TOTAL = "all"
NONE_NAMED = "(none named)"


def coverage(records: Sequence[Record]) -> Table:
    """Return the results of each division by benchmark and scenario, with totals and shares."""
    scenarios = sorted({record.row.scenario for record in records})
    cells = Counter((r.row.subject.division, benchmark(r), r.row.scenario) for r in records)
    rows: list[Row] = []
    for division in sorted({division for division, _, _ in cells}):
        names = sorted({name for d, name, _ in cells if d == division})
        whole = sum(n for (d, _, _), n in cells.items() if d == division)
        for name in (*names, TOTAL):
            counts = [sum(cells[division, each, scenario] for each in
                          (names if name == TOTAL else (name,))) for scenario in scenarios]
            rows.append((division, name, *counts, sum(counts), sum(counts) / whole * 100))
    columns = (Column("division"), Column("benchmark"), *map(Column, scenarios),
               Column(TOTAL), Column("share", "%", bar=True))
    return Table("coverage", "Results by benchmark and scenario", columns, tuple(rows), 1)


BY: dict[str, Callable[[Record], str]] = {
    "submitter": lambda r: r.row.subject.submitter,
    "category": lambda r: r.category,
    "framework": lambda r: framework_of(r),
    "processor": lambda r: r.fields.get("host_processor_model_name", "").strip(),
    "accelerator": lambda r: r.fields.get("accelerator_model_name", "").strip(),
    "kind of processor": kind_of,
    "numerics": numerics_text,
}
"""What is counted by -> how a result is put into its class."""


def counts(records: Sequence[Record]) -> Table:
    """Return the results, systems and submitters by each of ``BY``, most results first."""
    rows: list[Row] = []
    for by, name in BY.items():
        spelled = spellings(name(record) or NONE_NAMED for record in records)
        classes: dict[tuple[str, str], list[Record]] = defaultdict(list)
        for record in records:
            value = spelled[(name(record) or NONE_NAMED).casefold()]
            classes[record.row.subject.division, value].append(record)
        ordered = sorted(classes.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1]))
        rows += [(by, division, value, len(group), len({r.owner for r in group}),
                  len({r.row.subject.submitter for r in group}))
                 for (division, value), group in ordered]
    columns = (Column("by"), Column("division"), Column("value"), Column("results", bar=True),
               Column("systems"), Column("submitters"))
    return Table("counts", "Results by submitter, framework, processor and numerics", columns,
                 tuple(rows), 2)


def spellings(names: Iterable[str]) -> dict[str, str]:
    """Return names without regard to case, each with its most usual spelling."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for name in names:
        found[name.casefold()][name] += 1
    return {folded: min(counter, key=lambda text: (-counter[text], text))
            for folded, counter in found.items()}


WORD = re.compile(r"[A-Za-z]+(?:[+-][A-Za-z]{2,})*"
                  r"(?: (?:Lite|AI|NN|SDK|Cloud AI SDK|Neural Processing Engine)(?![A-Za-z]))?")
"""A name with what belongs to it; a letter and digits after it are a version."""
OPEN = "open"


def framework_of(record: Record) -> str:
    """Return the first name in the framework field, without versions: ``TensorRT``."""
    found = WORD.search(software(record))
    return found[0] if found else software(record)


def frameworks(records: Sequence[Record]) -> Table:
    """Return the results by framework and kind of processor (table VII of the paper)."""
    kinds = sorted({kind_of(record) for record in records})
    cells = Counter((framework_of(r).casefold(), kind_of(r)) for r in records)
    spelled = spellings(map(framework_of, records))
    rows = tuple((spelled[name] or NONE_NAMED, *(cells[name, kind] or None for kind in kinds),
                  sum(cells[name, kind] for kind in kinds)) for name in sorted(spelled))
    return Table("frameworks", "Results by framework and kind of processor",
                 (Column("framework"), *map(Column, kinds), Column(TOTAL)), rows)


def deviations(records: Sequence[Record]) -> Table:
    """Return the results outside closed with what they deviate in: model, quality, numerics."""
    rows = tuple(_deviation(r) for r in records if r.row.subject.division == OPEN)
    columns = ("submitter", "system", "model used", "benchmark", "scenario", "numerics",
               "quality", "of the closed target", "accelerators", "result", "unit", "description")
    return Table("open", "Results of the open division and their deviations",
                 tuple(Column(name) for name in columns), rows, 0,
                 ("quality beside the closed target of the benchmark; open results need not "
                  "reach it",))


def _deviation(record: Record) -> Row:
    row = record.row
    qualities = "; ".join(f"{a.metric} {a.value:.6g}" for a in row.accuracy)
    return (row.subject.submitter, record.system, row.subject.benchmark, row.model or "",
            row.scenario, numerics_text(record), qualities, "; ".join(_reached(record)),
            record.accelerators, record.number.value, record.number.unit, record.description)


def _reached(record: Record) -> Iterator[str]:
    for value in record.row.accuracy:
        if value.lower:
            yield f"{value.value / value.lower * 100:.2f} % of {value.lower:.6g}"
