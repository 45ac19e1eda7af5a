"""Whatever a submission looks like: packing makes no verdict worse, and packing twice is once."""

import functools
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.builder import BASE, result, run
from submission_checker.check import Options, check
from submission_checker.formats.resources import demo_submission
from submission_checker.model.errors import WrongUse
from submission_checker.model.files import FileTable
from submission_checker.model.report import Verdict
from submission_checker.packing.choosing import Invalid, chosen, judged
from submission_checker.packing.planned import PlannedSource
from submission_checker.packing.planning import first_plan
from submission_checker.rounds.loader import load_round
from submission_checker.sources.memory import MemorySource

OPTIONS = Options(round="demo", jobs=1)
ORDER = [Verdict.VALID, Verdict.INCOMPLETE, Verdict.NOT_JUDGED, Verdict.INVALID]
ROW = b',\n{ "seq_id" : %d, "qsl_idx" : %d, "data" : "0000803F0000803F", "token_count" : 1 }'


@functools.cache
def bundled():
    root = demo_submission()
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


NAMES = sorted(bundled())
LOGS = [name for name in NAMES if name.endswith("mlperf_log_accuracy.json")]
JUNK = [f"{BASE}/.DS_Store", f"{BASE}/a.swp", "top/x.txt", f"{result()}/core.pyc", "README.md",
        f"{BASE}/code/__pycache__/a.pyc", f"{result()}/performance/run_1/mlperf_log_trace.json"]


def lengthened(files, name, rows):
    body = files[name].rstrip().rstrip(b"]")
    files[name] = body + b"".join(ROW % (n, n) for n in range(rows)) + b"\n]\n"
    text = name.replace("mlperf_log_accuracy.json", "accuracy.txt")
    if text in files:  # evaluated again, and not yet hashed
        files[text] = re.sub(rb"(?m)^hash=.*\n", b"", files[text])


def set_line(files, name, key, value):
    lines = [b":::MLLOG " + (line.partition(b" ")[2].replace(b'"value": ', b'"was": ')[:-1]
                             + b', "value": ' + value + b"}")
             if b'"%s"' % key in line else line for line in files[name].splitlines()]
    files[name] = b"\n".join(lines) + b"\n"


EDITS = st.one_of(
    st.tuples(st.just("long"), st.sampled_from(LOGS), st.integers(50, 400)),
    st.tuples(st.just("delete"), st.sampled_from(NAMES), st.none()),
    st.tuples(st.just("junk"), st.sampled_from(JUNK), st.binary(max_size=30)),
    st.tuples(st.just("invalid"), st.sampled_from(
        [run(), run("toyllm", "Server"), run(scenario="SingleStream")]), st.none()),
    st.tuples(st.just("cut"), st.sampled_from(NAMES), st.integers(0, 2000)),
    st.tuples(st.just("crlf"), st.sampled_from(NAMES), st.none()),
)


def edited(edits):
    files = dict(bundled())
    for what, name, value in edits:
        if what == "junk":
            files[name] = value
        elif name not in files:
            continue
        elif what == "long":
            lengthened(files, name, value)
        elif what == "delete":
            del files[name]
        elif what == "invalid":
            set_line(files, name, b"result_validity", b'"INVALID"')
        elif what == "cut":
            files[name] = files[name][:value]
        else:
            files[name] = files[name].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return MemorySource(files)


def plan_of(source):
    return first_plan(source, FileTable.build(source.walk()), load_round("demo"))


def content(plan, source):
    packed = PlannedSource(source, plan.actions)
    return {path: b"".join(packed.blocks(path)) for path in plan.actions}


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EDITS, max_size=4))
def test_packing_makes_no_verdict_worse_and_is_the_same_twice(edits):
    source = edited(edits)
    try:
        plan = plan_of(source)
    except WrongUse:
        return  # accuracy.txt has the hash of another log; the submitter decides
    before = {row.location: row.verdict for row in check(source, options=OPTIONS).results}
    after = {row.location: row.verdict for row in judged(plan, source, OPTIONS).report.results}
    assert set(after) == set(before)
    worse = {place: (before[place], verdict) for place, verdict in after.items()
             if ORDER.index(verdict) > ORDER.index(before[place])}
    assert worse == {}
    once = MemorySource(content(plan, source))
    again = plan_of(once)
    assert content(again, once) == once.files and again.left_out == ()


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EDITS, min_size=1, max_size=3), st.sampled_from([Invalid.LEAVE_OUT, Invalid.OPEN]))
def test_what_stays_in_closed_is_valid(edits, what):
    source = edited(edits)
    try:
        done = chosen(plan_of(source), source, load_round("demo"), OPTIONS, what)
    except WrongUse:
        return
    bad = [row.location for row in done.report.results if row.verdict is not Verdict.VALID
           and row.subject.division == "closed"]
    assert bad == []


def test_the_edits_break_something():
    broken = edited([("invalid", run(), None), ("long", LOGS[0], 300)])
    rows = check(broken, options=OPTIONS).results
    assert any(row.verdict is Verdict.INVALID for row in rows)
    plan = plan_of(broken)
    assert any(action.content for action in plan.actions.values())
