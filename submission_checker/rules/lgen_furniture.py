"""LGEN006, 007, 009, 029, 033, 035: records stand as LoadGen writes them, all of one run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import compress, count
from operator import le

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.evidence.settings import version_of
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import TEXT_LOG, Mark, Marks, Run
from submission_checker.rules.texts import counted, listed, quote
from submission_checker.rules.told import json_log, printed, readable

SUBMIT = "submit mlperf_log_detail.txt as LoadGen wrote it, byte for byte"
LOADGEN = "mlcommons/inference loadgen"
PHASES = (
    ("loadgen_", 0), ("test_datetime", 1), ("sut_name", 1), ("get_sut_name", 1), ("qsl_", 1),
    ("requested_", 2), ("effective_", 3), ("loaded_qsl_set", 4), ("generated_", 5),
    ("logger_", 6), ("power_", 7), ("result_", 8), ("early_stopping_", 8), ("num_errors", 9),
)
"""Beginning of a key -> part of the log; other keys (messages) may stand anywhere."""

RUN_PARTS = range(4, 8)
"""Parts that an accuracy run writes for each of its sample sets."""

MANY = ("generic_message", "warning_", "error_")
"""Keys that a run writes as often as it has something to say."""

IN_LOOP = "_percentile_"
"""LoadGen writes the percentiles of several series in one loop, where source lines may fall."""

PER_SET = ("loaded_qsl_set", "generated_", "logger_", "power_")
"""Keys that accuracy and submission runs write for each of their sample sets."""

FIRST_KEY = "loadgen_version"
"""The first record of every run."""


@rule(
    id="LGEN009", name="told-once", title="A log holds one run, and no key contradicts itself",
    level=Level.ERROR, scope=Scope.LOG, when=json_log,
    why="a run writes each of its settings and results once; a second value is of another run, or "
        "was put in",
    fix="submit the log of one run, as LoadGen wrote it, byte for byte; clear the log folder "
        "before a run",
    source=f"{LOADGEN}/logging.cc",
)
def told_once(run: Run, context: Context) -> Iterator[Fault]:
    """No key but messages has two different values; ``loadgen_version`` begins one run."""
    if run.log is None:
        raise Skip("no log")
    starts = run.log.all(FIRST_KEY)
    if len(starts) > 1:
        yield Fault(
            Location(run.detail_path, starts[1].line),
            f"{counted(len(starts), 'run')} in one file: the second begins here",
            "the log of one run", subcode="runs",
            evidence=tuple(f"line {r.line}: {FIRST_KEY} {printed(r.value)}" for r in starts[:5]),
        )
        return
    mode = run.text("effective_test_mode")
    free = MANY if mode is not None and mode.value == "PerformanceOnly" else (*MANY, *PER_SET)
    seen = Counter(run.log.marks().keys)
    for key, number in seen.items():
        if number > 1 and not key.startswith(free):
            first, *others = run.log.all(key)
            other = next((r for r in others if r.value != first.value), None)
            if other is not None:
                yield Fault(Location(run.detail_path, other.line),
                            f"{key} {printed(other.value)}",
                            f"{printed(first.value)}, as line {first.line} says", subcode=key)


@rule(
    id="LGEN006", name="record-order", title="The records stand in LoadGen's order",
    level=Level.WARNING, scope=Scope.LOG, requires=("LGEN009",), when=json_log,
    why="LoadGen writes versions, settings, samples, counters and results in one order; a record "
        "elsewhere was moved or put in",
    fix=SUBMIT, source=f"{LOADGEN}/loadgen.cc",
)
def record_order(run: Run, context: Context) -> Iterator[Fault]:
    """Version, test, requested, effective, samples, schedule, counters, power, results, errors.

    Records that one thread writes at one time come from one function: their source lines rise.
    """
    if run.log is None:
        raise Skip("no log")
    marks = run.log.marks()
    moved = next(_out_of_part(run, marks), None) or next(_against_source(run, marks), None)
    if moved is not None:
        yield moved


def _out_of_part(run: Run, marks: Marks) -> Iterator[Fault]:
    phases = {key: _phase(key) for key in set(marks.keys)}
    parts = [RUN_PARTS.start if part in RUN_PARTS else part
             for part in map(phases.get, marks.keys) if part is not None]
    if parts == sorted(parts):
        return
    part, before = 0, ""
    for mark in marks:
        here = phases[mark.key]
        if here is None:
            continue
        if here < part and not (here in RUN_PARTS and part in RUN_PARTS):
            yield Fault(Location(run.detail_path, mark.line), f"{mark.key} after {before}",
                        f"{mark.key} before {before}", subcode=mark.key)
        part, before = here, mark.key


def _against_source(run: Run, marks: Marks) -> Iterator[Fault]:
    """Yield records whose source line falls below that of the record written with them.

    Percentiles come from one line or two, in a loop, and rise.
    """
    if not marks.all_regular:
        return
    lines, keys = list(map(int, marks.line_nos)), marks.keys
    together = (marks.times, marks.tids, marks.files)
    for at in compress(count(1), map(le, lines[1:], lines)):
        key, before = keys[at], keys[at - 1]
        if IN_LOOP in key and IN_LOOP in before:
            late = lines[at] == lines[at - 1] and key < before
        else:
            late = lines[at] < lines[at - 1]
        if late and not key.startswith(MANY) and all(
            column[at] == column[at - 1] for column in together
        ):
            yield Fault(
                Location(run.detail_path, marks.lines[at]),
                f"{key} of {_source(marks[at])}:{lines[at]} after {before} of line "
                f"{lines[at - 1]}, with one time_ms",
                f"{key} before {before}", subcode=key)


@lru_cache(maxsize=4096)
def _phase(key: str) -> int | None:
    for begin, phase in PHASES:
        if key.startswith(begin):
            return phase
    return None


@rule(
    id="LGEN007", name="record-furniture", title="Each record has the form that LoadGen writes",
    level=Level.WARNING, scope=Scope.LOG, requires=("LGEN009",), when=json_log,
    why="LoadGen writes process, source file and line beside each value; a record without them, of "
        "another process, or from another line of the same source was not written by this run",
    fix=SUBMIT, source=f"{LOADGEN}/logging.cc",
)
def record_furniture(run: Run, context: Context) -> Iterator[Fault]:
    """Namespace, event type and metadata are complete; one process; source lines agree.

    The logs of one result that name the same version are compared with its performance run: the
    same key is written by the same line of the same source file.
    """
    if run.log is None:
        raise Skip("no log")
    marks = run.log.marks()
    odd = [] if marks.all_regular else [mark for mark in marks if not mark.regular]
    if odd:
        yield Fault(Location(run.detail_path, odd[0].line),
                    f"{counted(len(odd), 'record')} of another form; the first: {odd[0].key}",
                    'time_ms, namespace "mlperf::logging", event_type, and metadata with is_error, '
                    "is_warning, file, line_no, pid and tid", subcode="form")
    if len(set(marks.pids) if not odd else {m.pid for m in marks if m.regular}) > 1:
        pids = Counter(mark.pid for mark in marks if mark.regular)
        main, other = pids.most_common(1)[0][0], pids.most_common()[-1][0]
        mark = next(mark for mark in marks if mark.regular and mark.pid == other)
        yield Fault(Location(run.detail_path, mark.line), f"{mark.key} of process {_text(other)}",
                    f"process {_text(main)}, as in {counted(pids[main], 'record')}", subcode="pid")
    yield from _lines(run, context)


def _text(data: bytes) -> str:
    return data.decode("ascii", "replace")


def _lines(run: Run, context: Context) -> Iterator[Fault]:
    reference = context.judged.run
    if run.log is None or reference is None or reference is run or reference.log is None:
        return
    one, two = run.text("loadgen_version"), reference.text("loadgen_version")
    if one is None or two is None or one.value != two.value or not version_of(one.value):
        return
    marks, known = run.log.marks(), reference.log.marks()
    told = set(zip(marks.keys, marks.line_nos, strict=True))
    elsewhere = {
        key: at for key, line_no in told.difference(zip(known.keys, known.line_nos, strict=True))
        if (at := known.at(key)) is not None and not key.startswith(MANY)
    }
    odd = [
        (mark, other) for mark in marks
        if mark.regular and mark.key in elsewhere
        and mark.line_no != (other := known[elsewhere[mark.key]]).line_no
        and _source(mark) == _source(other)
    ] if elsewhere else []
    if odd:
        mark, other = odd[0]
        yield Fault(
            Location(run.detail_path, mark.line),
            f"{mark.key} from {_source(mark)}:{_text(mark.line_no)}",
            f"{_source(other)}:{_text(other.line_no)}, as in {reference.detail_path}:{other.line}"
            f", which names the same version{_more(len(odd))}", subcode="source-line",
        )


def _more(number: int) -> str:
    return f"; {counted(number - 1, 'further record')}" if number > 1 else ""


def _source(mark: Mark) -> str:
    return _text(mark.file).rpartition("/")[2]


@rule(
    id="LGEN029", name="log-whole", title="The log is whole, to its last record and line end",
    level=Level.ERROR, scope=Scope.LOG, requires=("LGEN009",), when=readable,
    why="LoadGen ends each log with its last result or the count of errors; what follows or lacks "
        "was not written by it",
    fix=SUBMIT, source=f"{LOADGEN}/results.cc, {LOADGEN}/logging.cc",
)
def log_whole(run: Run, context: Context) -> Iterator[Fault]:
    """The last line has an end; a run with results has its last record where LoadGen puts it.

    LoadGen that counts errors (``num_errors``) writes the count last; earlier versions end with
    a result. A performance run without any result is an error.
    """
    if run.log is None:
        raise Skip("no log")
    if not run.log.line_ends.last:
        yield Fault(Location(run.detail_path, _last_line(run)), "the last line has no end",
                    "a line end after the last record", subcode="end", level=Level.WARNING)
    if run.log.generation == TEXT_LOG:
        return
    mode = run.text("effective_test_mode")
    timed = mode is not None and mode.value == "PerformanceOnly"
    last = next((m for m in reversed(run.log.marks()) if not m.key.startswith(MANY)), None)
    if last is None or not timed:
        return
    if not last.key.startswith(("result_", "early_stopping_", "num_errors")):
        yield Fault(Location(run.detail_path, last.line), f"the log ends with {last.key}",
                    "the results of the run", subcode="results",
                    level=None if not run.has("result_validity") else Level.WARNING)
    elif last.key != "num_errors" and run.has("num_errors"):
        yield Fault(Location(run.detail_path, last.line), f"{last.key} after num_errors",
                    "num_errors as the last record", subcode="last", level=Level.WARNING)


def _last_line(run: Run) -> int | None:
    marks = run.log.marks() if run.log is not None else ()
    return marks[-1].line if marks else None


@rule(
    id="LGEN033", name="text-log-threads", title="The text log is of one process, in order of time",
    level=Level.WARNING, scope=Scope.LOG, when=readable,
    why="each thread of LoadGen logs in order of time, and all threads are of one process",
    fix=SUBMIT, source=f"{LOADGEN}/logging.cc of that time",
)
def text_log_threads(run: Run, context: Context) -> Iterator[Fault]:
    """One process; ``ts`` never falls within a thread; one block of effective settings."""
    if run.log is None or run.log.generation != TEXT_LOG:
        raise Skip("only for text logs")
    marks = run.log.marks()
    starts = [line for line, key in zip(marks.lines, marks.keys, strict=True)
              if key.startswith("LoadgenVersionInfo")]
    if len(starts) > 1:
        yield Fault(Location(run.detail_path, starts[1]),
                    f"{counted(len(starts), 'run')} in one file: the second begins here",
                    "the log of one run", subcode="runs")
        return
    pids = set(marks.pids)
    if len(pids) > 1:
        yield Fault(run.at(), f"processes {listed(_text(pid) for pid in sorted(pids))}",
                    "one process", subcode="pid")
    last: dict[bytes, int] = {}
    for line, text, thread in zip(marks.lines, marks.times, marks.tids, strict=True):
        time = int(text[:20])
        if time < last.get(thread, time):
            yield Fault(Location(run.detail_path, line),
                        f"ts {time} ns after {last[thread]} ns of the same thread",
                        "times that never fall within a thread", subcode="time")
            return
        last[thread] = time


@rule(
    id="LGEN035", name="line-ends", title="The lines of a log end in one way",
    level=Level.INFO, scope=Scope.LOG, when=readable,
    why="a program writes one kind of line end; a mixture shows that another program wrote a part",
    fix=SUBMIT, source="measured on the published logs",
)
def line_ends(run: Run, context: Context) -> Iterator[Fault]:
    """All lines end in LF, or all in CR LF; the logs of one result end their lines alike."""
    if run.log is None:
        raise Skip("no log")
    ends = run.log.line_ends
    if ends.lf and ends.crlf:
        yield Fault(run.at(), f"{counted(ends.lf, 'line')} with LF, {ends.crlf} with CR LF",
                    "one kind of line end", subcode="mixed")
        return
    reference = context.judged.run
    if reference is None or reference is run or reference.log is None:
        return
    other = reference.log.line_ends
    if bool(ends.crlf) != bool(other.crlf) and not other.lf:
        yield Fault(run.at(), f"lines end with {'CR LF' if ends.crlf else 'LF'}",
                    f"{'CR LF' if other.crlf else 'LF'}, as in {quote(reference.detail_path)}",
                    subcode="unlike")
