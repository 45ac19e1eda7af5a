"""LGEN010, 028, 036: values have the type and form that LoadGen prints."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.evidence.printed import six_digits
from submission_checker.evidence.settings import version_of
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Mark, Run
from submission_checker.rules.texts import count, counted
from submission_checker.rules.told import (
    SERIES,
    first_fault,
    json_log,
    series_keys,
    whole,
    with_results,
)

SUBMIT = "submit mlperf_log_detail.txt as LoadGen wrote it, byte for byte"
TEXT, INTEGER, FLOAT, FLAG, LIST, MAP = "text", "integer", "number", "true or false", "list", "map"
KINDS = {
    "loaded_qsl_set": LIST, "loadgen_file_sha1": MAP, "num_errors": INTEGER,
    "result_validity": TEXT, "result_invalid_reason": TEXT, "early_stopping_met": FLAG,
    "result_samples_per_query": INTEGER, "sut_name": TEXT, "qsl_name": TEXT,
    "test_datetime": TEXT, "power_begin": TEXT, "power_end": TEXT,
    "result_time_to_output_token_min": INTEGER, "result_time_to_output_token_max": INTEGER,
    "result_time_to_output_token_mean": INTEGER, "generated_samples_per_query": INTEGER,
}
FORMS = (
    (re.compile(r"loadgen_|early_stopping_(?:\w+_)?result\Z|.*_message\Z|error_|warning_"), TEXT),
    (re.compile(r"(?:requested|effective)_(?:scenario|test_mode)\Z"), TEXT),
    (re.compile(r".*(?:_met|_timestamps|_unique|_issue_same|_permutation|_coalesce_queries"
                r"|use_token_latencies)\Z"), FLAG),
    (re.compile(r"(?:requested|effective)_.*(?:_qps|_probability|_percentile|expected_latency_ns)"
                r"\Z"), FLOAT),
    (re.compile(r"result_.*(?:_per_sec|_per_second|_overhead|throughput)\Z"), FLOAT),
    (re.compile(r".*(?:_ns|_ms|_count|_seed|_index|_queries|_threads|_target|_query|_override"
                r"|_ss|_duration|_latency|_between_queries|_precision)\Z"), INTEGER),
)
"""Form of a key -> kind of its value (loadgen/results.cc, test_settings_internal.cc)."""

SHAPES = {
    TEXT: re.compile(rb'"'), INTEGER: re.compile(rb"-?\d{1,20}\Z"),
    FLOAT: re.compile(rb"-?\d+(?:\.\d+)?(?:e[+-]\d+)?\Z|-?(?:nan|inf)\Z"),
    FLAG: re.compile(rb"(?:true|false)\Z"), LIST: re.compile(rb"\["), MAP: re.compile(rb"\{"),
}
QUOTED = ("result_query_count", "result_overlatency_query_count")
"""Counts that the first revisions of 2.0, which still call themselves 1.1, quote."""

QUOTING = ((1, 1), (2, 0))

WHOLE_ONCE = "expected_latency_ns"
"""Integers in early rounds, six digits later."""

MANY_QUERIES = 1000
ROUND_NS = 1_000_000
"""A latency that is a multiple of this by chance comes once in a million."""


@lru_cache(maxsize=4096)
def kind_of(key: str) -> str | None:
    """Return the kind of a key's value, None for keys that are not known."""
    if key in KINDS:
        return KINDS[key]
    return next((kind for form, kind in FORMS if form.match(key)), None)


@rule(
    id="LGEN010", name="value-types", title="Values have the types that LoadGen writes",
    level=Level.WARNING, scope=Scope.LOG, when=json_log,
    why="LoadGen writes counts as integers of 64 bits and flags as true or false; a value of "
        "another type was not written by it, and rules that need it cannot judge",
    fix=SUBMIT, source="mlcommons/inference loadgen/results.cc, test_settings_internal.cc",
)
def value_types(run: Run, context: Context) -> Iterator[Fault]:
    """Numbers are JSON numbers, flags booleans, texts texts; 2.0 may quote two counts."""
    if run.log is None:
        raise Skip("no log")
    marks = run.log.marks()
    if marks.all_regular and all(
        itertools.starmap(well_typed, zip(marks.keys, marks.raws, strict=True))
    ):
        return
    yield from first_fault(
        _of_kind(run, mark, kind) for mark in marks
        if mark.regular and (kind := kind_of(mark.key)) is not None
        and not SHAPES[kind].match(mark.raw) and not _quoted(run, mark)
    )


@lru_cache(maxsize=1 << 16)
def well_typed(key: str, raw: bytes) -> bool:
    """Return whether a value has the type of its key; most logs of a round share most settings."""
    kind = kind_of(key)
    return kind is None or SHAPES[kind].match(raw) is not None


def _quoted(run: Run, mark: Mark) -> bool:
    if mark.key not in QUOTED or not mark.raw.strip(b'"').isdigit():
        return False
    version = run.text("loadgen_version")
    return version is not None and version_of(version.value) in QUOTING


def _of_kind(run: Run, mark: Mark, kind: str) -> Fault:
    words = {INTEGER: "an integer of at most 20 digits", FLOAT: "a number", FLAG: FLAG,
             TEXT: "a text", LIST: "a list", MAP: "an object"}
    return Fault(Location(run.detail_path, mark.line),
                 f"{mark.key} {mark.raw.decode('utf-8', 'replace')}", words[kind],
                 subcode=mark.key)


@rule(
    id="LGEN028", name="number-form", title="Numbers are printed as LoadGen prints them",
    level=Level.WARNING, scope=Scope.LOG, when=json_log,
    why="LoadGen prints floating values with six significant digits; other digits were typed",
    fix=SUBMIT, source="mlcommons/inference loadgen/logging.h (default of C++ streams)",
)
def number_form(run: Run, context: Context) -> Iterator[Fault]:
    """Rates, probabilities and percentiles are what six significant digits print."""
    if run.log is None:
        raise Skip("no log")
    marks = run.log.marks()
    floating = {key for key in set(marks.keys)
                if kind_of(key) == FLOAT and not key.endswith(WHOLE_ONCE)}
    yield from first_fault(
        Fault(Location(run.detail_path, mark.line), f"{mark.key} {mark.raw.decode('ascii')}",
              f"{six_digits(float(mark.raw))}, with six significant digits", subcode=mark.key)
        for mark in (marks[at] for at, key in enumerate(marks.keys) if key in floating)
        if mark.regular and SHAPES[FLOAT].match(mark.raw)
        and six_digits(float(mark.raw)) != mark.raw.decode("ascii")
    )


@rule(
    id="LGEN036", name="typed-latencies", title="No latency looks typed",
    level=Level.INFO, scope=Scope.LOG, when=with_results,
    why="measured latencies in ns have ragged digits; a lead for a reviewer, never a proof",
    fix="nothing, if the value was measured", source="own",
)
def typed_latencies(run: Run, context: Context) -> Iterator[Fault]:
    """Six zeros at the end among ragged values, or two equal percentiles of many queries."""
    queries = whole(run, "result_query_count") or 0
    values = [(key, value) for name in SERIES for key in series_keys(name)
              if (value := whole(run, key)) is not None and value > 0]
    even = [(key, value) for key, value in values if value % ROUND_NS == 0]
    if even and len(even) * 2 < len(values):
        key, value = even[0]
        yield Fault(run.at(key), f"{counted(len(even), 'latency').replace('latencys', 'latencies')}"
                    f" with six zeros at the end: {key} {count(value)}", "ragged digits",
                    subcode="zeros")
    if queries <= MANY_QUERIES:
        return
    for name in SERIES:
        known = [(key, value) for key in series_keys(name)[1:-1]
                 if (value := whole(run, key)) is not None and value > 0]
        for (one, low), (two, high) in itertools.pairwise(known):
            if low == high:
                yield Fault(run.at(two), f"{two} and {one} are both {count(high)} ns",
                            f"different values among {count(queries)} queries", subcode=name)
                break
