"""Results beside each other: scenarios of a system, spread of a benchmark, work per part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from submission_checker.model.tables import Column, Row, Table
from submission_checker.review.records import Record, benchmark

BASE = "Offline"
WATT = "W"
JOULES = {"J": 1.0, "mJ": 1e-3}


def ratios(records: Sequence[Record]) -> Table:
    """Return the rates of each system as a share of its Offline rate (figure 6 of the paper)."""
    groups: dict[tuple[str, ...], dict[str, Record]] = defaultdict(dict)
    for record in records:
        subject = record.row.subject
        key = (subject.division, subject.benchmark, subject.submitter, subject.system)
        groups[key][record.row.scenario] = record
    rows = [row for key in sorted(groups) for row in _against_offline(groups[key])]
    columns = (
        Column("division"), Column("benchmark"), Column("submitter"), Column("system"),
        Column("scenario"), Column("result"), Column("Offline"), Column("unit"),
        Column("ratio", bar=True), Column("loss", "%"), Column("remark"),
    )
    return Table("ratios", "Rates as a share of the Offline rate", columns, tuple(rows), 2, (
        "a rate under a latency bound does not exceed the rate without one by more than the "
        "spread of runs; a ratio above 1 deserves a look",))


def _against_offline(group: dict[str, Record]) -> Iterator[Row]:
    base = group.get(BASE)
    if base is None or base.counts is None or base.number.value <= 0:
        return
    for scenario, record in sorted(group.items()):
        if scenario == BASE or record.counts != base.counts:
            continue
        ratio = record.number.value / base.number.value
        subject = record.row.subject
        yield (subject.division, benchmark(record), subject.submitter, subject.system, scenario,
               record.number.value, base.number.value, record.number.unit, ratio,
               (1 - ratio) * 100, "above Offline" if ratio > 1 else "")


def _comparable(records: Sequence[Record]) -> list[tuple[tuple[str, ...], list[Record]]]:
    """Return the results by what makes them comparable: division, benchmark, scenario, unit."""
    groups: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for record in records:
        if record.number.value > 0:
            groups[(record.row.subject.division, benchmark(record), record.row.scenario,
                    record.number.unit)].append(record)
    return sorted(groups.items())


def speed(record: Record) -> float:
    """Return a number that is larger the faster a result is: latencies are inverted."""
    value = record.number.value
    return 1 / value if record.lower_is_better else value


def spread(records: Sequence[Record]) -> Table:
    """Return slowest and fastest result of each benchmark and scenario (figure 8 of the paper)."""
    rows = []
    for (division, name, scenario, unit), group in _comparable(records):
        slow, fast = min(group, key=speed), max(group, key=speed)
        rows.append((division, name, scenario, unit, len(group), slow.number.value, _who(slow),
                     fast.number.value, _who(fast), speed(fast) / speed(slow)))
    columns = ("division", "benchmark", "scenario", "unit", "results", "slowest",
               "slowest system", "fastest", "fastest system", "times faster")
    return Table("spread", "Slowest and fastest result of each benchmark and scenario",
                 tuple(Column(name, bar=name == "times faster") for name in columns),
                 tuple(rows), 1)


def _who(record: Record) -> str:
    return f"{record.row.subject.submitter} {record.system}"


def relative(records: Sequence[Record]) -> Table:
    """Return each result per accelerator and relative to the slowest of its kind."""
    rows: list[Row] = []
    for key, group in _comparable(records):
        slowest = min(map(speed, group))
        each = [(record, per_accelerator(record)) for record in sorted(
            group, key=lambda r: (-speed(r), r.row.location))]
        best = max((value for _, value in each if value is not None), default=None)
        rows += [_relative(key, record, value, slowest, best) for record, value in each]
    columns = (
        Column("division"), Column("benchmark"), Column("scenario"), Column("unit"),
        Column("submitter"), Column("system"), Column("accelerator"), Column("accelerators"),
        Column("result"), Column("times the slowest", bar=True), Column("per accelerator"),
        Column("of the best per accelerator", "%", bar=True),
    )
    return Table("relative", "Results relative to the slowest, and per accelerator", columns,
                 tuple(rows), 4, (
                     "latencies are inverted for the comparison and never divided; all other "
                     "numbers are divided by the accelerators of all nodes",))


def _relative(
    key: tuple[str, ...], record: Record, value: float | None, slowest: float, best: float | None
) -> Row:
    share = value / best * 100 if value is not None and best else None
    return (*key, record.row.subject.submitter, record.system,
            record.fields.get("accelerator_model_name", ""), record.accelerators,
            record.number.value, speed(record) / slowest, value, share)


def per_accelerator(record: Record) -> float | None:
    """Return a rate or streams divided by the accelerators of all nodes; None for latencies."""
    if record.lower_is_better or not record.accelerators:
        return None
    return record.number.value / record.accelerators


def efficiency(records: Sequence[Record]) -> Table:
    """Return the results with measured power: work per joule, best first."""
    groups: dict[tuple[str, ...], list[tuple[float, Record]]] = defaultdict(list)
    for record in records:
        value = per_joule(record)
        if value is not None:
            groups[record.row.subject.division, benchmark(record),
                   record.row.scenario].append((value, record))
    rows: list[Row] = []
    for key in sorted(groups):
        ordered = sorted(groups[key], key=lambda pair: (-pair[0], pair[1].row.location))
        best = ordered[0][0]
        rows += [_efficient(key, value, best, record) for value, record in ordered]
    columns = ("division", "benchmark", "scenario", "submitter", "system", "result", "unit",
               "power", "power unit", "nameplate", "per joule", "of the best")
    units = {"of the best": "%", "nameplate": WATT}
    return Table("power", "Work per joule of the results with measured power",
                 tuple(Column(name, units.get(name, ""), bar=name == "of the best")
                       for name in columns), tuple(rows), 3, (
                     "rates divided by watts; where the round gives the energy of a query or "
                     "stream, its inverse",))


def per_joule(record: Record) -> float | None:
    """Return rate per watt, or queries per joule; None without measured power."""
    power = record.row.power
    if power is None or power.value <= 0:
        return None
    if power.unit in JOULES:
        return 1 / (power.value * JOULES[power.unit])
    return record.number.value / power.value if power.unit == WATT and record.counts else None


def _efficient(key: tuple[str, ...], value: float, best: float, record: Record) -> Row:
    power = record.row.power
    return (*key, record.row.subject.submitter, record.system, record.number.value,
            record.number.unit, power.value if power else None, power.unit if power else "",
            record.row.nameplate.value if record.row.nameplate else None, value,
            value / best * 100)
