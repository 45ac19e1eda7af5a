"""PERF030-033, 038: what a run's own numbers say about its load, its tokens and its metric."""

from __future__ import annotations

import re
from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level
from submission_checker.model.run import Datum, Run
from submission_checker.model.submission import Result
from submission_checker.rules.texts import count, ms, ns_as_ms

RULES = "inference_policies inference_rules.adoc"
LOADGEN = "mlcommons/inference loadgen"
TOKENS_PER_SAMPLE = re.compile(r"['\"]tokens_per_sample['\"]:\s*'?(\d{1,9}(?:\.\d{1,9})?)")

LEAST_COMPLETED = 0.90
"""Completed per scheduled sample; the least in 937 published runs is 0.948 (rule catalogue)."""

SCHEDULE_SPREAD = 0.05
"""Scheduled per target rate lies within 0.954 and 1.010 in published runs (rule catalogue)."""

TOKEN_SPREAD = 0.10
"""The quality rules of language models let the length of answers vary by a tenth."""

AT_LIMIT = 0.001
"""A mean this near to the longest answer means that every answer was cut."""


def share(value: float, whole: float) -> str:
    """Return a part of a whole in percent."""
    return f"{value / whole:.1%}"


def server_log(run: Run, context: Context) -> str | None:
    """Return why a rule about the arrivals of a Server run does not apply."""
    return None if run.scenario == "Server" else "only for Server logs"


def both(run: Run, first: str, second: str) -> tuple[Datum[float], Datum[float]]:
    """Return two positive numbers of a log, or skip the rule."""
    a, b = run.number(first), run.number(second)
    for key, have in ((first, a), (second, b)):
        if have is None or have.value <= 0:
            raise Skip(f"the log has no positive {key}")
    assert a is not None and b is not None
    return a, b


@rule(
    id="PERF030", name="load-kept-up", title="The system completed what was scheduled",
    level=Level.INFO, scope=Scope.RUN, requires=("PERF001",), when=server_log,
    why="a system that falls behind its arrivals works off a queue when the run ends, and a "
        "longer run would break the latency bound",
    fix="nothing needs to be done; reviewers look at such runs first",
    source="own; measured on the published results",
)
def load_kept_up(run: Run, context: Context) -> Iterator[Fault]:
    """Completed samples per second reach 90 % of the scheduled ones."""
    done, planned = both(run, "result_completed_samples_per_sec",
                         "result_scheduled_samples_per_sec")
    if done.value < LEAST_COMPLETED * planned.value:
        yield Fault(done.at, f"{done.key} {done.value:g}, {share(done.value, planned.value)} of "
                    f"the scheduled {planned.value:g}",
                    f"at least {LEAST_COMPLETED:.0%} in a run that keeps up")


@rule(
    id="PERF031", name="schedule-matches-target", title="The arrivals came at the target rate",
    level=Level.INFO, scope=Scope.RUN, requires=("PERF001",), when=server_log,
    why="the rate of a long Poisson schedule is the target rate; another rate shows edited "
        "numbers or a very short run",
    fix="nothing needs to be done; reviewers look at such runs first",
    source="own; measured on the published results",
)
def schedule_matches_target(run: Run, context: Context) -> Iterator[Fault]:
    """Scheduled samples per second lie within 5 % of the target rate."""
    planned, target = both(run, "result_scheduled_samples_per_sec", "effective_target_qps")
    if abs(planned.value / target.value - 1) > SCHEDULE_SPREAD:
        yield Fault(planned.at, f"{planned.key} {planned.value:g}, "
                    f"{share(planned.value, target.value)} of effective_target_qps "
                    f"{target.value:g}", f"within {SCHEDULE_SPREAD:.0%}")


def tokens_per_sample(run: Run) -> Datum[float]:
    """Return the mean output tokens of a performance run's samples, or skip the rule."""
    if run.scenario == "Server":
        keys = "result_completed_tokens_per_second", "result_completed_samples_per_sec"
    else:
        keys = "result_tokens_per_second", "result_samples_per_second"
    tokens, samples = both(run, *keys)
    return Datum(f"{tokens.key} / {samples.key}", tokens.value / samples.value, tokens.at)


@rule(
    id="PERF032", name="tokens-as-accurate", title="Answers are as long as in the accuracy run",
    level=Level.WARNING, scope=Scope.RESULT,
    why="shorter answers are faster; quality is measured in the accuracy run only",
    fix="use the same generation settings in both runs, and rerun",
    source=f"{RULES}, additional inference parameters",
)
def tokens_as_accurate(result: Result, context: Context) -> Iterator[Fault]:
    """Tokens per sample of the performance run lie within 10 % of those of accuracy.txt."""
    if result.run is None or result.run.log is None:
        raise Skip("no performance run")
    model = context.model
    if model.dataset_size is None or model.accuracy_sample_count != model.dataset_size:
        raise Skip("the two runs do not answer the same samples")
    text = result.accuracy.text if result.accuracy is not None else None
    found = [(number, match[1]) for number, line in enumerate(text.lines, start=1)
             for match in TOKENS_PER_SAMPLE.finditer(line)] if text is not None else []
    if text is None or not found or float(found[0][1]) <= 0:
        raise Skip("accuracy.txt has no tokens_per_sample")
    have, want = tokens_per_sample(result.run), float(found[0][1])
    if abs(have.value / want - 1) > TOKEN_SPREAD:
        yield Fault(have.at, f"{have.value:.4g} tokens per sample ({have.key}), "
                    f"{share(have.value, want)} of the accuracy run's",
                    f"within {TOKEN_SPREAD:.0%} of {found[0][1]} ({text.path}:{found[0][0]})")


@rule(
    id="PERF033", name="answers-not-cut", title="Answers end before the longest that is allowed",
    level=Level.INFO, scope=Scope.RUN, requires=("PERF001",),
    why="if every answer is as long as the limit, answers were cut or padded",
    fix="nothing needs to be done; reviewers look at such runs first",
    source=f"{RULES}, additional inference parameters", key="models.*.max_output_tokens",
)
def answers_not_cut(run: Run, context: Context) -> Iterator[Fault]:
    """The mean of tokens per sample is clearly below the longest answer allowed."""
    limit = context.model.max_output_tokens
    if limit is None:
        raise Skip("the round limits no answers of this model")
    have = tokens_per_sample(run)
    if abs(have.value / limit - 1) <= AT_LIMIT:
        yield Fault(have.at, f"{have.value:.6g} tokens per sample ({have.key})",
                    f"below {count(limit)} on average "
                    f"({context.cite(context.model_key('max_output_tokens'))})")


@rule(
    id="PERF038", name="estimate-above-percentile",
    title="The early-stopping estimate is not below its percentile",
    level=Level.ERROR, scope=Scope.RUN, requires=("PERF001", "PERF005"),
    why="the estimate is a later order statistic of the same latencies than the percentile, so a "
        "smaller one was not written by LoadGen",
    fix="submit mlperf_log_detail.txt as LoadGen wrote it, byte for byte",
    source=f"{LOADGEN}/results.cc; measured: holds in 2 224 published logs",
)
def estimate_above_percentile(run: Run, context: Context) -> Iterator[Fault]:
    """SingleStream: estimate >= 90th percentile. MultiStream: >= 99th percentile per query."""
    pairs = {
        "SingleStream": ("early_stopping_latency_ss", "result_90.00_percentile_latency_ns"),
        "MultiStream": ("early_stopping_latency_ms",
                        "result_99.00_percentile_per_query_latency_ns"),
    }
    if run.scenario not in pairs:
        raise Skip("only for SingleStream and MultiStream logs")
    tokens = run.flag("requested_use_token_latencies")
    if tokens is not None and tokens.value:
        raise Skip("token latencies take the place of the estimate")
    estimate, plain = (run.integer(key) for key in pairs[run.scenario])
    if estimate is None or plain is None or estimate.value == 0:
        raise Skip("the log has no estimate")
    if estimate.value < plain.value:
        yield Fault(estimate.at, f"{estimate.key} {ns_as_ms(estimate.value)}",
                    f"at least {plain.key} {ms(plain.value / 1e6)} (line {plain.at.line})")
