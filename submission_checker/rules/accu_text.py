"""ACCU014-024: what accuracy.txt and the visible accuracy log show in themselves."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.accuracy import AccuracyText
from submission_checker.model.findings import Level, Location
from submission_checker.model.submission import Result
from submission_checker.rules.accu import (
    accuracy_of,
    accuracy_text,
    counting_value,
    limits,
    metrics_of,
)
from submission_checker.rules.texts import count, quote

DECIMAL = r"(\d{1,20}(?:\.\d{0,20})?)"
GOOD_TOTAL = re.compile(rf"accuracy={DECIMAL}%, good=(\d{{1,15}}), total=(\d{{1,15}})")
WORD_ERRORS = re.compile(rf"Word Error Rate: {DECIMAL}%, accuracy={DECIMAL}%")
TWO_DIGITS = 0.011
"""The scripts print all digits; a rate and its rest rounded to two may differ by so much."""

NUMBER = re.compile(
    rf"['\"](gen_num|num-samples|gen_tok_len|tokens_per_sample)['\"]:\s*'?{DECIMAL}")
PERCENT = 100.0
TOO_GOOD = 1.03
"""A value this far above the reference is shown to reviewers."""

MAX_DAYS_APART = 60


@rule(
    id="ACCU014", name="text-self-consistent", title="accuracy.txt agrees with itself",
    level=Level.ERROR, scope=Scope.RESULT,
    why="the counts beside a value show over how many samples it was taken",
    fix="submit the output of the accuracy script as it was printed",
    source="own; measured on the published results", key="models.*.accuracy_sample_count",
)
def text_self_consistent(result: Result, context: Context) -> Iterator[Fault]:
    """Counts equal the data set, values follow from their counts."""
    text = accuracy_text(result)
    size = context.model.accuracy_sample_count
    by_scenario = context.model.accuracy_sample_count_by_scenario.get(result.scenario or "", size)
    cite = context.cite(context.model_key("accuracy_sample_count"))
    yield from typed_values(text)
    for number, line in enumerate(text.lines, start=1):
        at = Location(text.path, number)
        found = GOOD_TOTAL.search(line)
        if found is not None and not line.startswith("AUC") and (
            by_scenario is not None and int(found[3]) != by_scenario
        ):
            yield Fault(at, f"total={int(found[3])}", f"{by_scenario} ({cite})", subcode="total")
        values = {name: float(value) for name, value in NUMBER.findall(line)}
        for name in ("gen_num", "num-samples"):
            if name in values and by_scenario is not None and values[name] != by_scenario:
                yield Fault(at, f"{name} {count(values[name])}", f"{count(by_scenario)} ({cite})",
                            subcode=name)
        if {"gen_num", "gen_tok_len", "tokens_per_sample"} <= values.keys() and values["gen_num"]:
            mean = values["gen_tok_len"] / values["gen_num"]
            if abs(mean - values["tokens_per_sample"]) > TENTH:
                yield Fault(at, f"tokens_per_sample {values['tokens_per_sample']:g}",
                            f"{mean:.2f} (gen_tok_len / gen_num)", subcode="tokens_per_sample",
                            level=Level.WARNING)


def typed_values(text: AccuracyText) -> Iterator[Fault]:
    """Yield values of a line that its own counts or its error rate contradict."""
    for number, line in enumerate(text.lines, start=1):
        counted, errors = GOOD_TOTAL.search(line), WORD_ERRORS.search(line)
        if counted is not None and int(counted[3]):
            want = 100 * int(counted[2]) / int(counted[3])
            if abs(want - float(counted[1])) > HALF_DIGIT:
                yield Fault(Location(text.path, number), f"accuracy={counted[1]}%",
                            f"{want:.4f}% (good / total)", subcode="ratio")
        if errors is not None:
            want = 100 - float(errors[1])
            if abs(want - float(errors[2])) > TWO_DIGITS:
                yield Fault(Location(text.path, number), f"accuracy={errors[2]}%",
                            f"{want:.4f}% (100 - word error rate)", subcode="errors")


HALF_DIGIT, TENTH = 0.0006, 0.11
"""Half a unit of the last printed digit, with room for the printing itself."""


@rule(
    id="ACCU015", name="conflicting-values", title="Each metric has one value",
    level=Level.WARNING, scope=Scope.RESULT,
    why="two different values leave open which one was measured; the lower one counts",
    fix="submit the output of one evaluation",
    source="own",
)
def conflicting_values(result: Result, context: Context) -> Iterator[Fault]:
    """No metric appears with different values."""
    text = accuracy_text(result)
    by_metric: dict[str, list[tuple[float, int, str]]] = defaultdict(list)
    for line in text.values:
        by_metric[line.metric].append((line.value, line.line, line.text))
    for metric, values in by_metric.items():
        if len({value for value, _, _ in values}) > 1:
            yield Fault(Location(text.path, values[1][1]),
                        f"{metric} {' and '.join(t for _, _, t in values[:3])}",
                        "one value per metric", subcode=metric)


@rule(
    id="ACCU016", name="impossible-value", title="The quality value is possible",
    level=Level.ERROR, scope=Scope.RESULT,
    why="a percentage above 100 cannot be measured",
    fix="submit the output of the accuracy script as it was printed",
    source="own", key="models.*.accuracy",
)
def impossible_value(result: Result, context: Context) -> Iterator[Fault]:
    """No percentage is above 100; values far above the reference are shown."""
    text = accuracy_text(result)
    for metric in metrics_of(context):
        line = counting_value(metric, text.values)
        if line is None:
            continue
        is_share = metric.unit.startswith(("%", "fraction"))
        top = PERCENT if is_share else None
        if top is not None and line.value > top:
            yield Fault(Location(text.path, line.line), f"{metric.name} {line.text}",
                        f"at most {top:g}", subcode=metric.name)
        elif is_share and metric.reference and limits(metric, line.value)[1] is None:
            factor = metric.threshold_factor if line.value > 1 else 1
            if line.value > metric.reference * factor * TOO_GOOD:
                yield Fault(Location(text.path, line.line), f"{metric.name} {line.text}",
                            f"about the reference, {metric.reference * factor:g}",
                            subcode=metric.name, level=Level.INFO)


@rule(
    id="ACCU017", name="same-build", title="Accuracy and performance run are of one build",
    level=Level.INFO, scope=Scope.RESULT,
    why="the same code must show speed and quality",
    fix="run both with the same build of LoadGen and of the implementation",
    source="inference_policies inference_rules.adoc: the same code must be run",
)
def same_build(result: Result, context: Context) -> Iterator[Fault]:
    """LoadGen version, SUT and library name are equal; the dates are near each other."""
    accuracy, run = accuracy_of(result).run, result.run
    if run is None:
        raise Skip("no performance run")
    for key in ("loadgen_version", "sut_name", "qsl_name"):
        mine, other = accuracy.text(key), run.text(key)
        if mine is not None and other is not None and mine.value != other.value:
            yield Fault(mine.at, f"{key} {quote(mine.value)}",
                        f"{quote(other.value)}, as in the performance run", subcode=key)
    days = [_day(found.value) for item in (accuracy, run)
            if (found := item.text("test_datetime")) is not None]
    if len(days) == 2 and days[0] and days[1] and abs((days[0] - days[1]).days) > MAX_DAYS_APART:
        yield Fault(accuracy.at("test_datetime"), f"run on {days[0]}",
                    f"within {MAX_DAYS_APART} days of the performance run of {days[1]}",
                    subcode="test_datetime", level=Level.WARNING)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


@rule(
    id="ACCU018", name="log-head", title="The visible answers are of the data set",
    level=Level.ERROR, scope=Scope.RESULT,
    why="an index outside the data set cannot come from an accuracy run over it",
    fix="submit the accuracy log of this benchmark",
    source="mlcommons/inference loadgen/logging.cc", key="models.*.accuracy_sample_count",
)
def log_head(result: Result, context: Context) -> Iterator[Fault]:
    """Visible entries have indices of the data set, none of them twice."""
    accuracy = accuracy_of(result)
    size = accuracy.run.integer("qsl_reported_total_count")
    if accuracy.log is None or not accuracy.log.entries or size is None:
        raise Skip("no visible answers or no data set size")
    if accuracy.run.text("effective_test_mode") is None or result.scenario == "MultiStream":
        raise Skip("MultiStream repeats samples at the end of a block")
    seen: set[int] = set()
    at = Location(accuracy.log.path)
    for entry in accuracy.log.entries:
        if not 0 <= entry.qsl_idx < size.value:
            yield Fault(at, f"qsl_idx {entry.qsl_idx} at seq_id {entry.seq_id}",
                        f"0 to {count(size.value - 1)} (qsl_reported_total_count, "
                        f"{size.at.path}:{size.at.line})", subcode="range")
            return
        if entry.qsl_idx in seen:
            yield Fault(at, f"qsl_idx {entry.qsl_idx} twice", "each sample once",
                        subcode="repeated", level=Level.WARNING)
            return
        seen.add(entry.qsl_idx)


@rule(
    id="ACCU021", name="accuracy-seeds", title="The accuracy run used the seeds of the round",
    level=Level.WARNING, scope=Scope.RESULT, requires=("RNDX004",),
    why="other seeds show that the run is from another time or build",
    fix="run the accuracy run with LoadGen of the round",
    source="mlperf.conf of the round", key="seeds",
)
def accuracy_seeds(result: Result, context: Context) -> Iterator[Fault]:
    """The three effective seeds of the accuracy run equal the round's."""
    run = accuracy_of(result).run
    want = context.round.seeds
    for key, value in (
        ("effective_qsl_rng_seed", want.qsl),
        ("effective_sample_index_rng_seed", want.sample_index),
        ("effective_schedule_rng_seed", want.schedule),
    ):
        have = run.integer(key)
        if have is not None and have.value != value:
            yield Fault(have.at, f"{key} {have.value}", f"{value} ({context.cite('seeds')})",
                        subcode=key)


@rule(
    id="ACCU023", name="open-reports-accuracy", title="Open results report their quality",
    level=Level.WARNING, scope=Scope.RESULT,
    when=lambda result, context: "only for the open division" if context.closed else None,
    why="the open division sets no target, but the reached quality is published",
    fix="submit the output of an accuracy script",
    source="inference_policies inference_rules.adoc, Relaxed constraints",
)
def open_reports_accuracy(result: Result, context: Context) -> Iterator[Fault]:
    """At least one metric is found."""
    text = accuracy_text(result)
    if metrics_of(context) and not text.values:
        yield Fault(Location(text.path), "no known metric", "the reached quality")


