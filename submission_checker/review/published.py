"""The published tables: a row per system, a column per benchmark and scenario; and ranks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from submission_checker.model.tables import Cell, Column, Row, Table
from submission_checker.review.kinds import numerics_text
from submission_checker.review.records import Record, benchmark, software

SYSTEM_COLUMNS = (
    "suite", "division", "category", "submitter", "system", "nodes", "processor", "processors",
    "accelerator", "accelerators", "software", "numerics",
)
OPEN_COLUMNS = ("models used", "notes")
CLOSED = "closed"


def published(records: Sequence[Record]) -> Table:
    """Return the results as a round publishes them, by suite, division and category.

    A system that belongs to several suites is in the list of each.
    """
    names = sorted({_name(r) for r in records})
    units = {_name(r): r.number.unit for r in records}
    powers = {_name(r): r.row.power.unit for r in records if r.row.power is not None}
    columns = [Column(name) for name in (*SYSTEM_COLUMNS, *OPEN_COLUMNS)]
    for name in names:
        columns.append(Column(name, units[name]))
        if name in powers:
            columns.append(Column(f"{name} power", powers[name]))
    columns += [Column("nameplate power", "W"), Column("details"), Column("results"),
                Column("code")]
    rows = [(*_system(suite, group), *_numbers(group, names, powers), *_places(group))
            for suite, group in _groups(records)]
    return Table("results", "Results by suite, division and category", tuple(columns),
                 tuple(rows), groups=3, notes=(
                     "a row is a submitter, a system and its software; a system of several "
                     "suites is in each", *_spellings(records)))


def _name(record: Record) -> str:
    return f"{benchmark(record)} {record.row.scenario}"


def _groups(records: Sequence[Record]) -> Iterable[tuple[str, list[Record]]]:
    groups: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for record in records:
        subject = record.row.subject
        for suite in record.suites:
            key = (suite, subject.division, record.category, subject.submitter.casefold(),
                   subject.system)
            groups[key].append(record)
    return [(key[0], groups[key]) for key in sorted(groups)]


def _system(suite: str, group: Sequence[Record]) -> Row:
    first = group[0]
    fields, subject = first.fields, first.row.subject
    opened = subject.division != CLOSED
    named = {text for record in group for text in numerics_text(record).split(", ") if text}
    notes = (fields.get("hw_notes", ""), fields.get("sw_notes", ""))
    return (
        suite, subject.division, first.category, subject.submitter,
        fields.get("system_name") or subject.system, fields.get("number_of_nodes", ""),
        fields.get("host_processor_model_name", ""), first.processors,
        fields.get("accelerator_model_name", ""), first.accelerators, software(first),
        ", ".join(sorted(named)),
        ", ".join(sorted({r.row.subject.benchmark for r in group})) if opened else "",
        ". ".join(note for note in notes if note) if opened else "",
    )


def _numbers(
    group: Sequence[Record], names: Sequence[str], powers: dict[str, str]
) -> Iterable[Cell]:
    """Yield the numbers of a system; the best of several in one cell (open models)."""
    found: dict[str, Record] = {}
    for record in group:
        held = found.get(_name(record))
        if held is None or better(record, held):
            found[_name(record)] = record
    for name in names:
        here = found.get(name)
        yield here.number.value if here is not None else None
        if name in powers:
            power = here.row.power if here is not None else None
            yield power.value if power is not None else None


def better(one: Record, other: Record) -> bool:
    """Return whether a result of the same benchmark and scenario is the faster one."""
    if one.lower_is_better:
        return one.number.value < other.number.value
    return one.number.value > other.number.value


def _places(group: Sequence[Record]) -> Iterable[Cell]:
    yield next((r.row.nameplate.value for r in group if r.row.nameplate is not None), None)
    yield group[0].description
    folder = {record.row.location.rsplit("/", 2)[0] for record in group}
    yield ", ".join(sorted(folder))
    yield ", ".join(sorted({record.row.code for record in group} - {""}))


def _spellings(records: Sequence[Record]) -> Iterable[str]:
    """Yield a note for each submitter whose folders are spelled in several ways."""
    names: dict[str, set[str]] = defaultdict(set)
    for record in records:
        name = record.row.subject.submitter
        names[name.casefold()].add(name)
    for spelled in names.values():
        if len(spelled) > 1:
            yield f"one submitter with several spellings: {', '.join(sorted(spelled))}"


def ranking(records: Sequence[Record]) -> Table:
    """Return the results of each benchmark and scenario, best first; equal ones share a rank."""
    lists: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for record in records:
        for suite in record.suites:
            lists[(suite, record.row.subject.division, record.category, benchmark(record),
                   record.row.scenario)].append(record)
    rows: list[Row] = []
    for key in sorted(lists):
        rows += [(*key, *rest) for rest in _ranked(lists[key])]
    columns = ("suite", "division", "category", "benchmark", "scenario", "rank", "submitter",
               "system", "accelerators", "numerics", "result", "unit", "inferred", "power",
               "power unit")
    return Table("ranking", "Results of each benchmark and scenario, best first",
                 tuple(Column(name, bar=name == "result") for name in columns), tuple(rows), 5,
                 ("ranked among equals only: same suite, division and category; nothing is "
                  "weighed or summed over benchmarks",))


def _ranked(records: Sequence[Record]) -> Iterable[Row]:
    ordered = sorted(records, key=lambda r: (
        r.number.value if r.lower_is_better else -r.number.value, r.row.location))
    values = [record.number.value for record in ordered]
    for record in ordered:
        power = record.row.power
        yield (values.index(record.number.value) + 1, record.row.subject.submitter, record.system,
               record.accelerators, numerics_text(record), record.number.value,
               record.number.unit, "inferred" if record.row.inferred else "",
               power.value if power else None, power.unit if power else "")
