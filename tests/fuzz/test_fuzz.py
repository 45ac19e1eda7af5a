"""A fuzz target per parser: damaged real files for a bounded time raise nothing but problems.

``FUZZ_SECONDS`` is the time of each target (default a fraction of a second); CI gives more. A
failure is shrunk by hypothesis and shows the bytes.
"""

import io
import os
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_tests.texts import REFERENCE_NAMES, quoted, verdict_of
from submission_checker.engine.exceptions import read_exceptions
from submission_checker.formats.conf import read_conf
from submission_checker.formats.json_reader import read_json
from submission_checker.formats.text import read_text
from submission_checker.formats.yaml_reader import read_yaml
from submission_checker.intake.published_table import read_table
from submission_checker.intake.reading import inspect
from submission_checker.logs import endpoints
from submission_checker.logs.accuracy_log import read_accuracy_log
from submission_checker.logs.accuracy_text import read_accuracy_text
from submission_checker.logs.detail import open_detail, open_detail_blocks
from submission_checker.logs.line_ends import hashes_by_line_ends
from submission_checker.logs.pipeline import is_pipeline_log, read_pipeline_log
from submission_checker.logs.power import read_ptd_log, read_spl
from submission_checker.logs.private import LOG, TEXT, private_hits
from submission_checker.logs.summary import read_summary, result_records
from submission_checker.logs.trace import read_trace
from submission_checker.model.errors import WrongUse
from submission_checker.model.files import FileTable
from submission_checker.sources.listing import path_of
from submission_checker.sources.streams import Damaged
from submission_checker.sources.tar_headers import members
from tests.logs import mutations
from tests.logs.mutations import damaged
from tests.traces import trace_of

SECONDS = float(os.environ.get("FUZZ_SECONDS", "0.3"))
TEXT_DETAIL = (b'"pid": 1, "tid": 1, "ts": 5ns : Effective Settings:\n'
               b'"pid": 1, "tid": 1, "ts": 6ns : scenario : Offline\n') * 20
SPL = b"Time,28-11-2026 01:02:03.456,Watts,12.3,Volts,230.1,Amps,0.05,PF,0.99,Mark,run_1\n" * 20
PTD = b"11-28-2026 01:02:03.456: Go with mark 'run_1'\n11-28-2026 01:02:04.456: Completed\n" * 9
YAML = b"name: x\nlist: [1, 2]\nanchor: &a {b: c}\nuse: *a\ntext: |\n  more\n"
EXCEPTIONS = b"""[[exception]]
rule = "PERF018"
subject = "closed/A/*"
round = "v6.0"
reason = "agreed in the review meeting of May"
approved_by = "results chair"
created = 2026-01-01
expires = 2026-03-01
"""
AUDIT = (b"Verifying accuracy. This might take a while...\nNo differences found in 100 samples\n"
         b"TEST PASS\nreference score = 123.4\ntest score = 120.1\nThreshold = 0.1\n")
PIPELINE = (b'{"experiment_metadata": {"max_iterations": 5, "M": "32"}, "queries": [{"llm_calls": ['
            b'{"component": "generate_search_queries", "hop_count": 1, "input": {}}]}]}') * 3
PUBLISHED_JSON = (b'[{"Location": "closed/a/results/b/c/d", "Performance_Result": 1.5, '
                  b'"Performance_Units": "Samples/s", "Power_Result": 2, "Power_Units": "Watts"}]')
PUBLISHED_CSV = b'"Location","Result","Units"\n"closed/a/results/b/c/d","1.5","Samples/s"\n' * 3


def tar():
    import tarfile

    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as out:
        for name in ("closed/A/x.txt", "closed/" + "long/" * 40 + "x", "closed/\u00e9"):
            info = tarfile.TarInfo(name)
            info.size = 600
            out.addfile(info, io.BytesIO(b"x" * 600))
    return file.getvalue()


TAR = tar()


class Whole:
    def __init__(self, data):
        self.data = data

    def read_at(self, offset, size):
        return self.data[offset:offset + size]


def tar_members(data):
    try:
        for member in members(Whole(data)):
            try:
                path_of(member.name)
            except ValueError:
                continue
    except Damaged:
        return


def exceptions(data):
    try:
        read_exceptions(data.decode("utf-8", "replace"), "exceptions", ["PERF018"])
    except WrongUse:
        return


def detail(data):
    for log in (open_detail(data, "log"), open_detail_blocks([data[:77], data[77:]], "log")):
        for key in list(log.keys()):
            assert log.all(key)
        list(log.errors())
        list(log.warnings())


def endpoint_files(data):
    file = read_json(data, "x.json")
    endpoints.read_summary(file)
    endpoints.read_accuracy(file)
    endpoints.read_audit(file, "x")
    endpoints.read_config(read_yaml(data, "x.yaml"))


def audit_texts(data):
    text = read_text(data, "x.txt")
    verdict_of(text, (("TEST PASS",),), ("TEST FAIL",))
    for last in (False, True):
        quoted(text, REFERENCE_NAMES, last=last)


def pieces(data):
    """Return the data in blocks, so that what spans them is met as well."""
    size = max(1, len(data) // 3)
    return [data[at : at + size] for at in range(0, len(data), size)]


def published(data):
    read_table(data, "x", FileTable.build([]))


TARGETS = {
    "json": (lambda data: read_json(data, "x.json"), mutations.SYSTEM),
    "conf": (lambda data: read_conf(data, "user.conf"), mutations.CONF),
    "text": (lambda data: read_text(data, "README.md"), mutations.TEXT),
    "yaml": (lambda data: read_yaml(data, "x.yaml"), YAML),
    "inspection": (lambda data: inspect(data, "x"), mutations.SYSTEM + b"\n<<<<<<< a\n>>>>>>> b\n"),
    "detail-log": (detail, mutations.DETAIL),
    "detail-log-text": (detail, TEXT_DETAIL),
    "summary-log": (lambda data: list(result_records(read_summary(data, "x"))), mutations.SUMMARY),
    "accuracy-log": (lambda data: read_accuracy_log([data], len(data), "x", covers=True),
                     mutations.ACCURACY),
    "accuracy-text": (lambda data: read_accuracy_text(
        data, "x", (("score", r"'exact_match': (?P<value>[\d.]+)"),)), mutations.TEXT),
    "power-samples": (lambda data: read_spl([data], "x"), SPL),
    "power-log": (lambda data: read_ptd_log([data], "x"), PTD),
    "private": (lambda data: (private_hits(data, "x", LOG), private_hits(data, "x", TEXT)),
                mutations.DETAIL),
    "endpoints": (endpoint_files, b'{"version": "1", "n": 3, "latency": {"p99": 1.5}}'),
    "audit-text": (audit_texts, AUDIT),
    "exceptions": (exceptions, EXCEPTIONS),
    "trace": (lambda data: read_trace(pieces(data), len(data), "x"), trace_of(4, 2, 99).encode()),
    "pipeline-log": (lambda data: (is_pipeline_log(data), read_pipeline_log(
        pieces(data), len(data), "x", ("max_iterations", "M"))), PIPELINE),
    "published-json": (published, PUBLISHED_JSON),
    "published-csv": (published, PUBLISHED_CSV),
    "line-ends": (lambda data: hashes_by_line_ends(pieces(data), "sha1"), mutations.SUMMARY),
    "tar": (tar_members, TAR),
}


@pytest.mark.parametrize("name", TARGETS)
def test_target(name):
    call, whole = TARGETS[name]

    @settings(max_examples=40, database=None)
    @given(st.one_of(damaged(whole, whole + whole), st.binary(max_size=600)))
    def once(data):
        call(data)

    end = time.monotonic() + SECONDS
    while True:
        once()
        if time.monotonic() >= end:
            break


LONG = {
    "blanks": b" " * 1_000_000, "digits": b"9" * 1_000_000, "quotes": b'"' * 1_000_000,
    "open": b"[{" * 500_000, "pairs": b'{"a":1,' * 140_000, "colons": b"a : " * 250_000,
    "escapes": b'"' + b"\\" * 1_000_000, "dots": b"1." * 500_000, "at": b"a@b." * 250_000,
    "paths": b"/home/" * 160_000, "marks": b':::MLLOG {"key": "' * 55_000,
    "equals": b"a=" * 500_000, "lines": b"\n" * 1_000_000, "slashes": b"x/" * 500_000,
    "hashes": b"hash=" * 200_000, "commas": b"Time,Watts," * 90_000,
}


@pytest.mark.parametrize("trap", LONG)
@pytest.mark.parametrize("name", [name for name in TARGETS if name not in ("yaml", "endpoints")])
def test_regular_expressions_are_linear(name, trap):
    """A megabyte of one pattern: what is not linear does not come back."""
    TARGETS[name][0](LONG[trap])
