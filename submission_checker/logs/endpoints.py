"""Files of the endpoints harness (mlcommons/endpoints): JSON and YAML to typed records.

Percentiles are keyed by number, as revisions of the harness write ``99`` or ``99.0``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from submission_checker.model.documents import JsonFile, Problem
from submission_checker.model.endpoints import (
    Accuracy,
    AuditFile,
    Config,
    Score,
    Series,
    Summary,
)
from submission_checker.model.findings import Location
from submission_checker.model.run import Datum

SECRET_NAMES = ("api_key", "apikey", "token", "secret", "password", "authorization")
NO_SECRETS = ("", "none", "null", "empty", "dummy", "redacted", "changeme", "xxx")
"""Values, without signs around them, that stand where a secret was."""
NOT_SECRET = ("tokenizer", "max_token", "num_token", "tokens", "token_")
"""Beginnings and parts of names about tokens of text."""
AUDIT_NUMBERS = ("ref_qps", "audit_qps", "ref_completed", "ref_requested", "audit_completed",
                 "audit_requested")
RESPONSES = ("issued", "scored", "empty", "missing")
MOST_SCORES, MOST_BUCKETS = 1000, 10_000
DIGITS_SHOWN = 60


class _Form:
    """Takes values out of one file and remembers what has another form than it should."""

    def __init__(self, file: JsonFile) -> None:
        self.file = file
        self.odd: list[Problem] = []

    def at(self, pointer: str) -> Location:
        return Location(self.file.path, self.file.lines.get(pointer), pointer)

    def raw(self, pointer: str) -> Any:
        value = self.file.value
        for part in pointer.split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict):
                value = value.get(name)
            elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
                value = value[int(name)]
            else:
                return None
        return value

    def strange(self, pointer: str, value: object, wanted: str) -> None:
        words = f"{pointer.rpartition('/')[2]} is {str(value)[:DIGITS_SHOWN]!r}, not {wanted}"
        self.odd.append(Problem("form", words, self.at(pointer)))

    def number(self, pointer: str) -> Datum[float] | None:
        value = self.raw(pointer)
        if value is None:
            return None
        found = plain_number(value)
        if found is None or isinstance(value, str):
            self.strange(pointer, value, "a number")
            return None
        return Datum(pointer.rpartition("/")[2], found, self.at(pointer))

    def integer(self, pointer: str) -> Datum[int] | None:
        value = self.raw(pointer)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.strange(pointer, value, "a count")
            return None
        return Datum(pointer.rpartition("/")[2], value, self.at(pointer))

    def text(self, pointer: str) -> Datum[str] | None:
        value = self.raw(pointer)
        if value is None:
            return None
        if isinstance(value, bool):
            value = "on" if value else "off"
        if not isinstance(value, str | int | float):
            self.strange(pointer, value, "a text")
            return None
        return Datum(pointer.rpartition("/")[2], str(value), self.at(pointer))

    def flag(self, pointer: str) -> Datum[bool] | None:
        value = self.raw(pointer)
        if value is None:
            return None
        if not isinstance(value, bool):
            self.strange(pointer, value, "true or false")
            return None
        return Datum(pointer.rpartition("/")[2], value, self.at(pointer))

    def items(self, pointer: str, kind: type) -> Any:
        value = self.raw(pointer)
        if value is not None and not isinstance(value, kind):
            self.strange(pointer, value, "a list" if kind is list else "an object")
            value = None
        return value


def plain_number(value: object) -> float | None:
    """Return a finite number, as JSON number or as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def read_config(file: JsonFile) -> Config:
    """Return the typed form of config.yaml."""
    form = _Form(file)
    runtime, pattern = "/settings/runtime", "/settings/load_pattern"
    return Config(
        file=file,
        type=form.text("/type"),
        benchmark_mode=form.text("/benchmark_mode"),
        version=form.text("/version"),
        min_duration_ms=form.number(f"{runtime}/min_duration_ms"),
        sample_seed=form.integer(f"{runtime}/dataloader_random_seed"),
        schedule_seed=form.integer(f"{runtime}/scheduler_random_seed"),
        load_pattern=form.text(f"{pattern}/type"),
        target_qps=form.number(f"{pattern}/target_qps"),
        target_concurrency=form.integer(f"{pattern}/target_concurrency"),
        streaming=form.text("/model_params/streaming"),
        secrets=tuple(_secrets(file)),
        odd=tuple(form.odd),
    )


def _secrets(file: JsonFile) -> list[Datum[str]]:
    found = []
    for pointer, line in file.lines.items():
        name = pointer.rpartition("/")[2]
        if not _is_secret_name(name):
            continue
        value = _Form(file).raw(pointer)
        if isinstance(value, str) and value.strip("<>[]*_-. \t").casefold() not in NO_SECRETS:
            at = Location(file.path, line, pointer)
            found.append(Datum(name, f"{len(value)} characters", at))
    return found


def _is_secret_name(name: str) -> bool:
    plain = name.casefold()
    return plain.endswith(SECRET_NAMES) and not plain.startswith(NOT_SECRET)


def read_series(form: _Form, name: str) -> Series | None:
    """Return a series of statistics; None where it is absent or empty."""
    pointer = f"/{name}"
    if not form.items(pointer, dict):
        return None
    return Series(
        name, form.at(pointer),
        total=form.number(f"{pointer}/total"),
        minimum=form.number(f"{pointer}/min"),
        maximum=form.number(f"{pointer}/max"),
        median=form.number(f"{pointer}/median"),
        mean=form.number(f"{pointer}/avg"),
        percentiles={
            key: datum for key, datum in
            (_percentiles(form, f"{pointer}/percentiles") or {}).items() if datum is not None
        },
        early_stopping=_percentiles(form, f"{pointer}/early_stopping_percentiles"),
        counts=_counts(form, f"{pointer}/histogram/counts"),
        histogram=_histogram(form, f"{pointer}/histogram"),
    )


def _percentiles(form: _Form, pointer: str) -> Mapping[float, Datum[float] | None] | None:
    """Return percentile -> value; of two spellings of one percentile the first counts."""
    table = form.items(pointer, dict)
    if table is None:
        return None
    found: dict[float, Datum[float] | None] = {}
    first: dict[float, object] = {}
    for name, value in table.items():
        here = f"{pointer}/{name}"
        key = plain_number(name)
        if key is None or not 0 <= key <= 100:
            form.strange(here, name, "a percentile")
        elif key not in found:
            found[key], first[key] = form.number(here), value
        elif value != first[key]:
            form.strange(here, value, f"{first[key]}, the value of the same percentile above")
    return found


def _counts(form: _Form, pointer: str) -> Datum[int] | None:
    counts = form.items(pointer, list)
    if counts is None:
        return None
    if any(isinstance(n, bool) or not isinstance(n, int) or n < 0 for n in counts):
        form.strange(pointer, counts, "a list of counts")
        return None
    return Datum("histogram counts", sum(counts), form.at(pointer))


def _histogram(form: _Form, pointer: str) -> tuple[tuple[float, float, int], ...] | None:
    """Return the buckets in order, None where there are none or one has another form."""
    buckets, counts = form.raw(f"{pointer}/buckets"), form.raw(f"{pointer}/counts")
    if not isinstance(buckets, list) or not isinstance(counts, list) or (
        not 0 < len(buckets) == len(counts) <= MOST_BUCKETS
    ):
        return None
    found = []
    for bucket, count in zip(buckets, counts, strict=True):
        ends = [plain_number(end) for end in bucket] if isinstance(bucket, list) else []
        if len(ends) != 2 or ends[0] is None or ends[1] is None or (
            isinstance(count, bool) or not isinstance(count, int) or count < 0
        ):
            return None
        found.append((ends[0], ends[1], count))
    return tuple(found)


def read_summary(file: JsonFile) -> Summary:
    """Return the typed form of result_summary.json."""
    form = _Form(file)
    return Summary(
        file=file,
        version=form.text("/version"),
        revision=form.text("/git_sha"),
        issued=form.integer("/n_samples_issued"),
        completed=form.integer("/n_samples_completed"),
        failed=form.integer("/n_samples_failed"),
        duration_ns=form.number("/duration_ns"),
        window_ns=form.number("/legacy_loadgen_window_duration_ns"),
        state=form.text("/state"),
        complete=form.flag("/complete"),
        qps=form.number("/qps"),
        tps=form.number("/tps"),
        ttft=read_series(form, "ttft"),
        tpot=read_series(form, "tpot"),
        latency=read_series(form, "latency"),
        output_lengths=read_series(form, "output_sequence_lengths"),
        input_lengths=read_series(form, "input_sequence_lengths"),
        pattern_run=form.text("/run_config/load_pattern/type"),
        sample_seed_run=form.integer("/run_config/dataloader_random_seed"),
        schedule_seed_run=form.integer("/run_config/scheduler_random_seed"),
        odd=tuple(form.odd),
    )


def read_accuracy(file: JsonFile) -> Accuracy:
    """Return the typed form of accuracy_results.json."""
    form = _Form(file)
    listed = form.items("/accuracy_scores", list) or []
    if len(listed) > MOST_SCORES:
        form.strange("/accuracy_scores", f"{len(listed)} entries", f"at most {MOST_SCORES}")
    scores = []
    for number, entry in enumerate(listed[:MOST_SCORES]):
        pointer = f"/accuracy_scores/{number}"
        if isinstance(entry, dict):
            scores.append(_score(form, pointer, entry))
        else:
            form.strange(pointer, entry, "an object")
    average = form.number("/average_accuracy")
    return Accuracy(file, tuple(form.odd), tuple(scores), average)


def _score(form: _Form, pointer: str, entry: dict[str, Any]) -> Score:
    name, kind = form.text(f"{pointer}/dataset_name"), form.text(f"{pointer}/dataset_type")
    given = entry.get("score")
    value = plain_number(given)
    responses = {key: form.integer(f"{pointer}/response_counts/{key}") for key in RESPONSES}
    return Score(
        dataset=name.value if name is not None else "",
        at=form.at(pointer),
        counts=kind is None or kind.value == "accuracy",
        value=None if value is None else Datum("score", value, form.at(f"{pointer}/score")),
        given="null" if given is None else str(given)[:DIGITS_SHOWN],
        named={**_named(form, f"{pointer}/breakdown"), **_named(form, f"{pointer}/score")},
        unit_samples=form.integer(f"{pointer}/unit_samples"),
        repeats=form.integer(f"{pointer}/num_repeats"),
        total=form.integer(f"{pointer}/total_samples"),
        complete=form.flag(f"{pointer}/complete"),
        responses={key: datum for key, datum in responses.items() if datum is not None},
    )


def _named(form: _Form, pointer: str) -> dict[str, Datum[float]]:
    """Return the numbers of an object, also where they stand as texts."""
    table = form.raw(pointer)
    found = {}
    for name, value in table.items() if isinstance(table, dict) else ():
        number = plain_number(value)
        if number is not None:
            found[name] = Datum(name, number, form.at(f"{pointer}/{name}"))
    return found


def read_audit(file: JsonFile, name: str) -> AuditFile:
    """Return the typed form of an audit file; ``name`` is that of the file."""
    form = _Form(file)
    numbers = {key: form.number(f"/{key}") for key in AUDIT_NUMBERS}
    return AuditFile(
        name=name, file=file, test=form.text("/test"), passed=form.flag("/passed"),
        threshold=form.number("/threshold"),
        numbers={key: datum for key, datum in numbers.items() if datum is not None},
        odd=tuple(form.odd),
    )
