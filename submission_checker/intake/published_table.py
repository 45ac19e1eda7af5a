"""Published tables: the JSON table of a results repository, or a checker's CSV.

Columns are those of mlcommons/inference@master:tools/submission/generate_final_report.py (JSON, a
list of rows; power in columns of its own), of ``summary.json`` of newer repositories
(mlcommons/inference_results_v6.1, an object of rows by number) and of the community's checker
(CSV; power in a row of its own).
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from submission_checker.formats.json_reader import MAX_BYTES, read_json
from submission_checker.formats.text import decode
from submission_checker.model.beside import Number, PublishedRow, PublishedTable
from submission_checker.model.documents import Problem
from submission_checker.model.files import FileTable
from submission_checker.model.findings import Location

COLUMNS = (
    ("Performance_Result", "Performance_Units", False), ("Power_Result", "Power_Units", True),
    ("Result", "Units", False),
)
"""(value, unit, whether of power); the unit of ``Result`` tells whether it is one of power."""
POWER = ("watt", "joule")
NUMBER_CHARS = 40


def read_table(data: bytes, path: str, table: FileTable) -> PublishedTable:
    """Return the rows of a published table, with those that no folder of the tree stands for."""
    found = _json(data, path) if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{") else (
        _csv(data, path))
    if not found.rows and found.problem is None:
        words = "no row with a Location and a number"
        found = replace(found, problem=Problem("no-rows", words, Location(path)))
    absent = tuple(row for row in found.rows if not table.is_folder(row.location))
    return replace(found, absent=absent)


def _json(data: bytes, path: str) -> PublishedTable:
    file = read_json(data, path)
    items: Iterable[tuple[object, Any]] | None = None
    if isinstance(file.value, list):
        items = enumerate(file.value)
    elif isinstance(file.value, dict) and file.value and all(map(str.isdecimal, file.value)):
        items = file.value.items()
    if items is None:
        problem = next(iter(file.problems), None)
        return PublishedTable(path, problem=problem or Problem(
            "no-list", "no list of results", Location(path)))
    rows = tuple(
        row._replace(pointer=f"/{index}/{row.pointer}")
        for index, item in items if isinstance(item, dict) for row in _rows(item)
    )
    return PublishedTable(path, rows, lines=file.lines)


def _csv(data: bytes, path: str) -> PublishedTable:
    if len(data) > MAX_BYTES:
        words = f"{len(data)} bytes, more than {MAX_BYTES} are not read"
        return PublishedTable(path, problem=Problem("size", words, Location(path)))
    text, bad = decode(data)
    if bad is not None:
        return PublishedTable(path, problem=Problem("encoding", bad, Location(path, 1)))
    rows: list[PublishedRow] = []
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    try:
        for item in reader:
            rows += (row._replace(line=reader.line_num, pointer=None) for row in _rows(item))
    except csv.Error as error:
        at = Location(path, reader.line_num)
        return PublishedTable(path, problem=Problem("syntax", str(error), at))
    return PublishedTable(path, tuple(rows))


def _rows(item: Mapping[Any, Any]) -> Iterator[PublishedRow]:
    """Yield the numbers of a row; ``pointer`` is the name of the column."""
    location = item.get("Location")
    if not isinstance(location, str) or not location:
        return
    place = location.strip().removeprefix("./").partition("/performance/run_")[0].rstrip("/")
    for column, units, power in COLUMNS:
        unit = item.get(units)
        unit = unit if isinstance(unit, str) else ""
        number = number_of(item.get(column), unit)
        if number is not None:
            is_power = power or any(word in unit.casefold() for word in POWER)
            yield PublishedRow(place, number, is_power, pointer=column)


def number_of(value: object, unit: str) -> Number | None:
    """Return a number as it was printed, None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value).strip()
    if not text or len(text) > NUMBER_CHARS:
        return None
    try:
        printed = Decimal(text)
    except InvalidOperation:
        return None
    exponent = printed.as_tuple().exponent
    number = float(printed)
    if not isinstance(exponent, int) or not math.isfinite(number):
        return None
    return Number(number, unit, 10.0 ** max(exponent, -300) if exponent < 300 else math.inf)
