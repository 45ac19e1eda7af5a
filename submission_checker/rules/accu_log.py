"""ACCU019, 020, 022, 024, 026: what the answers of a run show by themselves."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.accuracy import AccuracyLog, LogEntry
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Run
from submission_checker.model.submission import Result
from submission_checker.rules.accu import accuracy_of, accuracy_text
from submission_checker.rules.texts import count, counted, quote
from submission_checker.rules.xres_runs import variants

CLASSES = 1000
"""Classes of ImageNet (ILSVRC 2012); some models count the background as one more."""

BOX_BYTES = 7 * 4
"""A detection: image, four edges, score, class, each a 32-bit float (reference scripts)."""

TEXTS = ("speech to text", "visual language")
"""Tasks whose answers are text, not tokens."""

EMPTY_BYTES = 8
"""``[`` and ``]`` with line ends: what LoadGen writes when it samples no answers."""


def answers_of(result: Result) -> AccuracyLog:
    """Return the accuracy log of a result with visible answers, or skip the rule."""
    log = accuracy_of(result).log
    if log is None or not log.entries:
        raise Skip("no visible answers")
    return log


def class_of(data: bytes) -> float | None:
    """Return the class that 4 or 8 bytes name, as LoadGen's users write it; None for no class."""
    if len(data) not in (4, 8):
        return None
    whole = int.from_bytes(data, "little", signed=True)
    if -1 <= whole <= CLASSES:
        return whole
    if len(data) == 4:
        value: float = struct.unpack("<f", data)[0]
        if math.isfinite(value) and value.is_integer() and 0 <= value <= CLASSES:
            return value
    return None


def fault_in_answer(entry: LogEntry, task: str) -> tuple[str, str] | None:
    """Return (found, required) where an answer cannot be one of its task; None where it may."""
    if len(entry.data_hex) % 2:
        return f"{len(entry.data_hex)} hexadecimal digits", "whole bytes"
    size = len(entry.data_hex) // 2
    if task.startswith("image classification"):
        if class_of(bytes.fromhex(entry.data_hex)) is None:
            return f"{quote(entry.data_hex[:32])}", f"a class, 0 to {CLASSES}, in 4 or 8 bytes"
    elif task.startswith("object detection"):
        if size % BOX_BYTES:
            return counted(size, "byte"), f"detections of {BOX_BYTES} bytes"
    elif entry.token_count is not None and not task.startswith(TEXTS) and size not in (
        4 * entry.token_count, 8 * entry.token_count
    ):
        return (f"{counted(size, 'byte')} for token_count {entry.token_count}",
                "4 or 8 bytes per token")
    return None


@rule(
    id="ACCU019", name="plausible-answers", title="The visible answers are of the model's type",
    level=Level.WARNING, scope=Scope.RESULT,
    why="answers of another type come from another model, or were written by hand",
    fix="submit the accuracy log as LoadGen wrote it",
    source="mlcommons/inference accuracy scripts of the models; loadgen/logging.cc",
)
def plausible_answers(result: Result, context: Context) -> Iterator[Fault]:
    """Classes are in range, detections have seven numbers, token counts fit the data.

    Looked at are the answers that a truncated log still shows. The first misfit is shown.
    """
    log = answers_of(result)
    task = context.model.task
    odd = [(entry, fault) for entry in log.entries if entry.complete
           and (fault := fault_in_answer(entry, task)) is not None]
    if odd:
        entry, (found, required) = odd[0]
        more = f"; {len(odd)} such answers" if len(odd) > 1 else ""
        yield Fault(Location(log.path), f"{found} at qsl_idx {entry.qsl_idx}{more}",
                    f"{required} ({task})")


def whole_log(result: Result) -> AccuracyLog:
    """Return an accuracy log that is complete, or skip the rule."""
    log = accuracy_of(result).log
    if log is None or not log.size_bytes:
        raise Skip("the accuracy log is absent or empty")
    if not log.complete:
        raise Skip("the accuracy log is truncated")
    return log


@rule(
    id="ACCU020", name="each-sample-once", title="A complete log answers each sample once",
    level=Level.ERROR, scope=Scope.RESULT, requires=("ACCU001", "ACCU010"),
    why="an accuracy run issues every sample of the data set exactly once",
    fix="submit the accuracy log as LoadGen wrote it",
    source="inference_policies inference_rules.adoc: each sample exactly once",
)
def each_sample_once(result: Result, context: Context) -> Iterator[Fault]:
    """Of an untruncated log the indices are 0 to n-1, each once; no ``seq_id`` stands twice.

    MultiStream fills the last query of a block with samples that were issued before. Without a hash
    in accuracy.txt nobody can tell whether the log was cut, so that it is a warning then.
    """
    log, text = whole_log(result), accuracy_of(result).text
    known = text is not None and bool(text.hashes)
    if text is not None and known and log.sha256 != text.hashes[-1][1].lower():
        raise Skip("the log is not the one that was evaluated")
    for fault in coverage_faults(result, log):
        yield fault if known else fault._replace(level=Level.WARNING)


def coverage_faults(result: Result, log: AccuracyLog) -> Iterator[Fault]:
    """Yield what a complete log lacks or has too many of."""
    seen = log.coverage
    size = accuracy_of(result).run.integer("qsl_reported_total_count")
    if seen is None or size is None:
        raise Skip("the detail log does not say how many samples there are")
    if (accuracy_of(result).run.scenario or "").startswith("MultiStream"):
        raise Skip("MultiStream repeats samples at the end of a block")
    required = (f"0 to {count(size.value - 1)}, each once (qsl_reported_total_count, "
                f"{size.at.path}:{size.at.line})")
    at = Location(log.path)
    if seen.highest >= size.value:
        yield Fault(at, f"qsl_idx {seen.highest}", required, subcode="range")
    elif seen.distinct < size.value:
        missing = size.value - seen.distinct
        yield Fault(at, f"{counted(missing, 'sample')} without an answer, the first "
                    f"{seen.first_missing}", required, subcode="missing")
    if seen.first_repeated is not None:
        repeated = seen.entries - seen.distinct
        yield Fault(at, f"{counted(repeated, 'answer')} too many, the first to qsl_idx "
                    f"{seen.first_repeated}", required, subcode="repeated")
    elif seen.sequence_repeated is not None:
        yield Fault(at, f"seq_id {seen.sequence_repeated} twice", "each seq_id once",
                    subcode="sequence")


@rule(
    id="ACCU022", name="answers-of-performance-run", title="Performance runs log no answers",
    level=Level.INFO, scope=Scope.RUN, requires=("PERF001",),
    why="LoadGen logs answers in performance mode only where an audit asks for samples of them",
    fix="submit the performance run's own, empty mlperf_log_accuracy.json",
    source="mlcommons/inference loadgen/logging.cc",
)
def answers_of_performance_run(run: Run, context: Context) -> Iterator[Fault]:
    """The accuracy log beside a performance run is empty unless its settings sample answers."""
    size = run.folder.size("mlperf_log_accuracy.json")
    if size is None:
        raise Skip("no accuracy log beside the performance run")
    mode = run.text("effective_test_mode")
    if mode is not None and mode.value == "SubmissionRun":
        raise Skip("a SubmissionRun measures both in one")
    for key in ("effective_accuracy_log_sampling_target", "effective_accuracy_log_probability"):
        sampling = run.number(key)
        if sampling is not None and sampling.value > 0:
            raise Skip("the run samples answers")
    if size > EMPTY_BYTES:
        yield Fault(Location(f"{run.folder.path}/mlperf_log_accuracy.json"),
                    f"{count(size)} bytes of answers", "an empty list")


WORD = re.compile(r"[A-Za-z0-9][\w.-]{2,60}")
LINES_READ, CHARS_READ = 400, 2000


@rule(
    id="ACCU024", name="text-of-another-result", title="accuracy.txt is of this benchmark",
    level=Level.INFO, scope=Scope.RESULT,
    why="a path of another benchmark hints at the output of another evaluation",
    fix="check that the accuracy script read this result's log and references",
    source="own",
)
def text_of_another_result(result: Result, context: Context) -> Iterator[Fault]:
    """No path in accuracy.txt names another benchmark of the round and not this one."""
    text = accuracy_text(result)
    own = context.model
    others = {
        name.casefold(): model.name for model in context.round.models.values()
        for name in (model.name, *model.aliases)
        if not variants(own.name, model.name, context.round) and model.dataset != own.dataset
    }
    mine = {name.casefold() for name in (own.name, result.subject.benchmark, *own.aliases)}
    for number, line in enumerate(text.lines[:LINES_READ], start=1):
        if "/" not in line:
            continue
        words = {word.casefold() for word in WORD.findall(line[:CHARS_READ])}
        named = sorted(words & others.keys())
        if named and not words & mine:
            yield Fault(Location(text.path, number), f"{quote(named[0])} in {quote(line.strip())}",
                        f"paths of {own.name}", subcode=named[0])
            return


GEN_TOKENS = re.compile(r"['\"]?gen_tok_len['\"]?\s{0,4}[:=]\s{0,4}(\d{1,18})")


@rule(
    id="ACCU026", name="token-statistics", title="Token counts of log and text agree",
    level=Level.WARNING, scope=Scope.RESULT, requires=("ACCU020",),
    why="both count the tokens of the same answers",
    fix="evaluate and submit the same accuracy log",
    source="own; mlcommons/inference accuracy scripts of the language models",
)
def token_statistics(result: Result, context: Context) -> Iterator[Fault]:
    """``gen_tok_len`` of accuracy.txt is the sum of the log's token counts."""
    seen, text = whole_log(result).coverage, accuracy_of(result).text
    if seen is None or seen.tokens is None or text is None:
        raise Skip("the log counts no tokens or accuracy.txt is absent")
    for number, line in enumerate(text.lines, start=1):
        found = GEN_TOKENS.search(line[:CHARS_READ])
        if found is not None and int(found[1]) != seen.tokens:
            yield Fault(Location(text.path, number), f"gen_tok_len {count(int(found[1]))}",
                        f"{count(seen.tokens)}, the sum of token_count in "
                        f"{counted(seen.entries, 'answer')}")
