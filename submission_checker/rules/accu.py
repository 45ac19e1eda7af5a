"""ACCU: the accuracy run: its mode, quality, hash and coverage."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.accuracy import AccuracyRun, AccuracyText, MetricLine
from submission_checker.model.findings import Level, Location
from submission_checker.model.submission import Result
from submission_checker.rounds.types import Metric
from submission_checker.rules.perf.log import errors_of
from submission_checker.rules.texts import count, listed, quote
from submission_checker.rules.values import plain

RULES = "inference_policies inference_rules.adoc"
CHECKER = "submission checker of the round"


def accuracy_of(result: Result) -> AccuracyRun:
    """Return the accuracy run, or skip the rule."""
    if result.accuracy is None:
        raise Skip("no accuracy run")
    return result.accuracy


def accuracy_text(result: Result) -> AccuracyText:
    """Return accuracy.txt, or skip the rule."""
    text = accuracy_of(result).text
    if text is None:
        raise Skip("accuracy.txt is absent")
    return text


def metrics_of(context: Context) -> tuple[Metric, ...]:
    """Return the metrics of the model for the result's scenario."""
    model = context.model
    return model.metrics_by_scenario.get(context.judged.scenario or "", model.metrics)


def limits(metric: Metric, value: float) -> tuple[float | None, float | None]:
    """Return (lower, upper) on the scale that the value is printed in."""
    factor = metric.threshold_factor if value > 1 else 1
    lower = None if metric.lower is None else metric.lower * factor
    upper = None if metric.upper is None else metric.upper * factor
    return lower, upper


def unit_of(metric: Metric, value: float) -> str:
    """Return the unit that the value is printed in; some texts give shares as percent."""
    if metric.threshold_factor == 1:
        return metric.unit
    return "%" if value > 1 else "fraction"


def counting_value(metric: Metric, values: tuple[MetricLine, ...]) -> MetricLine | None:
    """Return the value that counts: the lowest of contradicting ones."""
    own = [line for line in values if line.metric == metric.name]
    return min(own, key=lambda line: line.value) if own else None


@rule(
    id="ACCU001", name="accuracy-mode", title="The accuracy run ran in accuracy mode",
    level=Level.ERROR, scope=Scope.RESULT,
    why="only an accuracy run answers every sample of the data set once",
    fix="run LoadGen in AccuracyOnly mode and submit that run's logs",
    source=f"{RULES}; mlcommons/inference loadgen/test_settings.h",
)
def accuracy_mode(result: Result, context: Context) -> Iterator[Fault]:
    """``effective_test_mode`` of the accuracy run is AccuracyOnly."""
    run = accuracy_of(result).run
    mode = run.text("effective_test_mode")
    if mode is None:
        raise Skip("the accuracy log does not name its mode")
    if mode.value != "AccuracyOnly":
        level = Level.WARNING if mode.value == "SubmissionRun" else None
        yield Fault(mode.at, f"effective_test_mode {quote(mode.value)}", "AccuracyOnly",
                    level=level)


@rule(
    id="ACCU002", name="accuracy-found", title="accuracy.txt holds every metric of the model",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.RESULT,
    why="a metric that is not there cannot be compared with its target",
    fix="submit the output of the round's accuracy script for this model",
    source=CHECKER, key="models.*.accuracy",
)
def accuracy_found(result: Result, context: Context) -> Iterator[Fault]:
    """Each metric with a target stands in accuracy.txt; one with only an upper limit need not."""
    text = accuracy_text(result)
    wanted = [metric for metric in metrics_of(context) if metric.lower is not None]
    found = {line.metric for line in text.values}
    missing = [metric.name for metric in wanted if metric.name not in found]
    if missing and not (context.model.any_metric_suffices and len(missing) < len(wanted)):
        first = next((line for line in text.lines if line.strip()), "")
        yield Fault(Location(text.path), f"no {listed(missing, 6)}; the text begins {quote(first)}",
                    f"{', '.join(metric.name for metric in wanted)} "
                    f"({context.cite(context.model_key('accuracy'))})")


@rule(
    id="ACCU003", name="quality-target", title="The quality target is reached",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RESULT, requires=("ACCU002",),
    why="speed counts only at the quality that the round demands",
    fix="improve the accuracy of the implementation, or submit to the open division",
    source=f"{RULES}, Benchmarks", key="models.*.accuracy",
)
def quality_target(result: Result, context: Context) -> Iterator[Fault]:
    """Each value reaches its lower limit, unrounded."""
    text = accuracy_text(result)
    faults = []
    checked = 0
    for metric in metrics_of(context):
        line = counting_value(metric, text.values)
        lower = limits(metric, line.value)[0] if line is not None else None
        if line is None or lower is None:
            continue
        checked += 1
        if line.value < lower:
            cite = context.cite(context.model_key("accuracy"))
            faults.append(Fault(Location(text.path, line.line), f"{metric.name} {line.text}",
                                f"at least {lower:.10g} ({cite})", subcode=metric.name))
    if not (context.model.any_metric_suffices and len(faults) < checked):
        yield from faults


@rule(
    id="ACCU004", name="upper-limit", title="No quality value is above its upper limit",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RESULT, requires=("ACCU002",),
    why="much longer answers or higher scores than the reference show another task or model",
    fix="use the reference's generation settings and rerun the accuracy run",
    source=f"{RULES}, Benchmarks", key="models.*.accuracy",
)
def upper_limit(result: Result, context: Context) -> Iterator[Fault]:
    """Each value with an upper limit stays at or below it."""
    text = accuracy_text(result)
    for metric in metrics_of(context):
        own = [line for line in text.values if line.metric == metric.name]
        line = max(own, key=lambda item: item.value) if own else None
        upper = limits(metric, line.value)[1] if line is not None else None
        if line is not None and upper is not None and line.value > upper:
            yield Fault(Location(text.path, line.line), f"{metric.name} {line.text}",
                        f"at most {upper:.10g} "
                        f"({context.cite(context.model_key('accuracy'))})", subcode=metric.name)


@rule(
    id="ACCU005", name="hash-line", title="accuracy.txt names the hash of the accuracy log",
    level=Level.ERROR, scope=Scope.RESULT,
    why="the hash ties the truncated log to the one that was evaluated",
    fix="run `submission-checker pack`, which truncates the log and writes the hash",
    source="mlcommons/inference tools/submission/truncate_accuracy_log.py",
)
def hash_line(result: Result, context: Context) -> Iterator[Fault]:
    """A line ``hash=<64 hex digits>`` exists; several are a warning."""
    text = accuracy_text(result)
    good = [(line, value) for line, value in text.hashes if is_sha256(value)]
    if not good:
        at = Location(text.path, text.hashes[0][0]) if text.hashes else Location(text.path)
        found = f"hash={text.hashes[0][1][:80]}" if text.hashes else "no hash line"
        yield Fault(at, found, "a line hash=<64 hex digits>", absent=not text.hashes)
    elif len(good) > 1:
        yield Fault(Location(text.path, good[1][0]), f"{len(good)} hash lines",
                    "one hash line; the last one counts", level=Level.WARNING,
                    evidence=tuple(f"line {line}: {value}" for line, value in good[:3]))


def is_sha256(text: str) -> bool:
    """Return whether a text is 64 hexadecimal digits."""
    return len(text) == 64 and all(char in "0123456789abcdef" for char in text.lower())


@rule(
    id="ACCU006", name="hash-of-complete-log", title="The hash is that of the whole accuracy log",
    level=Level.ERROR, scope=Scope.RESULT, requires=("ACCU005",),
    why="another hash means that another log was evaluated than the one submitted",
    fix="evaluate and submit the same accuracy log",
    source="mlcommons/inference tools/submission/truncate_accuracy_log.py",
)
def hash_of_complete_log(result: Result, context: Context) -> Iterator[Fault]:
    """An accuracy log that is not truncated has the hash of accuracy.txt."""
    accuracy = accuracy_of(result)
    if accuracy.log is None or accuracy.text is None or not accuracy.text.hashes:
        raise Skip("no accuracy log or no hash")
    if accuracy.log.truncated or not accuracy.log.size_bytes:
        raise Skip("the accuracy log is truncated: its original cannot be hashed")
    line, want = accuracy.text.hashes[-1]
    if accuracy.log.sha256 == want.lower():
        return
    had = accuracy.log.by_line_ends and accuracy.log.by_line_ends.that_give(want)
    complete = accuracy.log.starts_well and accuracy.log.ends_well
    yield Fault(Location(accuracy.log.path), f"SHA-256 {accuracy.log.sha256}"
                + (f", equal with {had} at the end of each line" if had else ""),
                f"{want} (accuracy.txt:{line})",
                level=Level.WARNING if had or not complete else None)


@rule(
    id="ACCU007", name="hash-before-truncation", title="The hash was taken before truncation",
    level=Level.WARNING, scope=Scope.RESULT, requires=("ACCU005",),
    why="a hash of the truncated file does not identify the original log any more",
    fix="hash the original log and record that",
    source="mlcommons/inference tools/submission/truncate_accuracy_log.py",
)
def hash_before_truncation(result: Result, context: Context) -> Iterator[Fault]:
    """The hash is not that of the truncated file."""
    accuracy = accuracy_of(result)
    if accuracy.log is None or accuracy.text is None or not accuracy.text.hashes:
        raise Skip("no accuracy log or no hash")
    line, value = accuracy.text.hashes[-1]
    if accuracy.log.truncated and accuracy.log.sha256 == value.lower():
        yield Fault(Location(accuracy.text.path, line), "the hash of the truncated file",
                    "the hash of the original log")


@rule(
    id="ACCU008", name="log-truncated", title="The accuracy log is truncated",
    level=Level.ERROR, scope=Scope.RESULT,
    why="whole accuracy logs are too large to publish and may hold data set content",
    fix="run `submission-checker pack`, which truncates the log and records its hash",
    source="mlcommons/inference tools/submission/truncate_accuracy_log.py",
    key="layout.accuracy_log_max_bytes",
)
def log_truncated(result: Result, context: Context) -> Iterator[Fault]:
    """The accuracy log is at most as large as the round allows."""
    log = accuracy_of(result).log
    if log is None:
        raise Skip("the accuracy log is absent")
    key = "layout.accuracy_log_max_bytes"
    limit = context.limit(context.round.layout.accuracy_log_max_bytes, key)
    if log.size_bytes > limit:
        yield Fault(Location(log.path), f"{count(log.size_bytes)} bytes",
                    f"at most {count(limit)} bytes ({context.cite(key)})")


@rule(
    id="ACCU009", name="truncated-form", title="The truncated log has the usual form",
    level=Level.WARNING, scope=Scope.RESULT,
    why="another form shows that the log was cut by hand",
    fix="truncate the original log with `submission-checker pack`",
    source="mlcommons/inference tools/submission/truncate_accuracy_log.py",
)
def truncated_form(result: Result, context: Context) -> Iterator[Fault]:
    """4096 bytes, the mark, 4096 bytes; the log begins with [ and ends with ]."""
    log = accuracy_of(result).log
    if log is None or not log.size_bytes:
        raise Skip("the accuracy log is absent or empty")
    if not log.starts_well or not log.ends_well:
        yield Fault(Location(log.path), "no [ at the start or no ] at the end",
                    "a JSON array, truncated in the middle only", subcode="ends")
    elif log.truncated and (log.marker_at != KEPT_BYTES or not 0 <= log.size_bytes
                            - TRUNCATED_BYTES <= MARK_CR_BYTES):
        yield Fault(Location(log.path), f"{count(log.size_bytes)} bytes with the mark at byte "
                    f"{count(log.marker_at or 0)}",
                    f"{TRUNCATED_BYTES} bytes with the mark at byte {KEPT_BYTES}",
                    subcode="length")


KEPT_BYTES = 4096
TRUNCATED_BYTES = 2 * KEPT_BYTES + len("\n\n...\n\n")
MARK_CR_BYTES = 4
"""Carriage returns that a mark written on another system may hold."""


@rule(
    id="ACCU010", name="whole-data-set", title="The accuracy run covers the whole data set",
    level=Level.ERROR, scope=Scope.RESULT,
    why="quality on a part of the data set says nothing about the benchmark",
    fix="run the accuracy run over every sample of the data set",
    source=f"{RULES}: each sample exactly once", key="models.*.accuracy_sample_count",
)
def whole_data_set(result: Result, context: Context) -> Iterator[Fault]:
    """The number of samples is that of the model's data set.

    In the open division a folder mapped to the model, whose own name does not hold the model's,
    may have the data set of an older benchmark: that is a warning.
    """
    run = accuracy_of(result).run
    key = context.model_key("accuracy_sample_count")
    by_scenario = context.model.accuracy_sample_count_by_scenario.get(result.scenario or "")
    need = context.limit(by_scenario or context.model.accuracy_sample_count, key)
    have = run.integer("effective_accuracy_sample_count") or run.integer(
        "qsl_reported_total_count"
    )
    if have is None:
        raise Skip("the accuracy log does not say how many samples it has")
    if have.value != need:
        mapped = result.subject.division == "open" and not _named_after(result)
        yield Fault(have.at, f"{have.key} {count(have.value)}",
                    f"{count(need)} ({context.cite(key)})",
                    level=Level.WARNING if mapped else None)


def _named_after(result: Result) -> bool:
    """Tell whether the benchmark folder's name holds the model's; marks do not count."""
    return plain(result.model or "") in plain(result.subject.benchmark)


@rule(
    id="ACCU011", name="accuracy-run-errors", title="LoadGen reported no error in accuracy mode",
    level=Level.ERROR, scope=Scope.RESULT,
    why="an error of LoadGen means that the run did not go as the rules want",
    fix="remove the cause that the message names and rerun",
    source=f"{CHECKER}; mlcommons/inference loadgen/logging.cc", key="loadgen.errors_allowed",
)
def accuracy_run_errors(result: Result, context: Context) -> Iterator[Fault]:
    """No record of the accuracy run is marked as an error."""
    yield from errors_of(accuracy_of(result).run, context)


@rule(
    id="ACCU012", name="sample-artefacts", title="The demanded sample images or videos are there",
    level=Level.ERROR, scope=Scope.RESULT,
    why="reviewers look at these samples, as the scores alone do not show a broken picture",
    fix="add the generated files of the named samples to the accuracy folder",
    source=CHECKER, key="layout.extra_accuracy_files",
)
def sample_artefacts(result: Result, context: Context) -> Iterator[Fault]:
    """Each demanded folder holds a file for each demanded sample."""
    accuracy = accuracy_of(result)
    wanted = context.model.required_artefacts
    if not wanted:
        raise Skip("the model needs no sample files")
    cite = context.cite("layout.extra_accuracy_files")
    for folder, stems in wanted.items():
        have = {name.rpartition(".")[0] or name for name in accuracy.artefacts.get(folder, ())}
        missing = [stem for stem in stems if stem not in have]
        at = Location(f"{accuracy.run.folder.path}/{folder}")
        if missing:
            found = "no such folder" if folder not in accuracy.artefacts else (
                f"no {listed(missing)}"
            )
            yield Fault(at, found, f"files {listed(stems, 10)} ({cite})", subcode=folder,
                        absent=True)


@rule(
    id="ACCU013", name="same-scenario", title="Accuracy and performance run are of one scenario",
    level=Level.ERROR, scope=Scope.RESULT, requires=("PERF005",),
    why="quality is shown for the scenario in which the speed was measured",
    fix="submit the accuracy run of the same scenario",
    source=RULES,
)
def same_scenario(result: Result, context: Context) -> Iterator[Fault]:
    """Both logs name the same scenario."""
    logged = accuracy_of(result).run.text("effective_scenario")
    run = result.run
    if logged is None or run is None or run.scenario is None:
        raise Skip("one of the two logs names no scenario")
    if logged.value != run.scenario:
        yield Fault(logged.at, f"effective_scenario {quote(logged.value)}",
                    f"{run.scenario}, as in the performance run")
