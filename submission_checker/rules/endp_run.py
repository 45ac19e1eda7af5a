"""ENDP006-007, 010-011: duration, seeds, answers and counts of endpoints runs."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level
from submission_checker.model.submission import Result
from submission_checker.rules.endp_values import (
    CHECKER,
    HARNESS,
    RULES,
    config_of,
    missing,
    not_endpoints,
    part_of,
    percentile_of,
    summary_of,
)
from submission_checker.rules.measured import minimum_duration_ms
from submission_checker.rules.texts import count, ms, quote, seconds

EPS6 = 1e-6
COMPLETE = "complete"


@rule(
    id="ENDP006", name="endpoints-duration", title="The run was long enough",
    level=Level.ERROR, scope=Scope.RESULT, requires=("TREE020", "TREE025"), when=not_endpoints,
    why="short runs hide thermal limits, boost clocks and queueing",
    fix="set settings.runtime.min_duration_ms to the round's value and rerun until it is over",
    source=f"{RULES}, Scenarios: duration; {CHECKER}", key="durations_ms",
)
def long_enough(result: Result, context: Context) -> Iterator[Fault]:
    """The configured and the measured duration reach the round's minimum.

    The minimum of the harness's own ruleset for a model is accepted with a warning.
    """
    need_ms = minimum_duration_ms(context)
    cite = context.cite("durations_ms")
    own_ms = context.round.endpoints.own_min_duration_ms.get(context.model.name)
    config = config_of(result)
    have = config.min_duration_ms
    own = have is not None and own_ms is not None and own_ms <= have.value < need_ms
    if have is None:
        yield Fault(missing(config.file, "/settings/runtime/min_duration_ms"),
                    "no min_duration_ms", f"at least {ms(need_ms)} ({cite})",
                    subcode="configured")
    elif have.value < need_ms:
        more = (f"; the ruleset of the harness sets {ms(own_ms)} "
                f"({context.cite('endpoints.own_ruleset')})") if own_ms is not None else ""
        yield Fault(have.at, f"min_duration_ms {ms(have.value)}",
                    f"at least {ms(need_ms)} ({cite}){more}", subcode="configured",
                    level=Level.WARNING if own else None)
    summary = part_of(result).summary
    took = summary.duration_ns if summary is not None else None
    if took is not None and not own and took.value < need_ms * 1e6 * (1 - EPS6):
        yield Fault(took.at, f"duration_ns {seconds(took.value / 1e9)}",
                    f"at least {seconds(need_ms / 1e3)} ({cite})", subcode="measured")


@rule(
    id="ENDP007", name="endpoints-seeds", title="The run used the seeds of the round",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.RESULT, requires=("TREE020",),
    when=not_endpoints,
    why="the seeds are announced shortly before the deadline, so that samples and arrivals "
        "cannot be known while a system is tuned",
    fix="set both seeds of settings.runtime to the round's and rerun",
    source=f"{RULES}, Non-determinism is restricted; {CHECKER}", key="seeds", suppressible=False,
)
def seeds(result: Result, context: Context) -> Iterator[Fault]:
    """Both seeds are the round's, and the run recorded the configured ones.

    The seed of the harness's own ruleset for a model is accepted with a warning.
    """
    config, want = config_of(result), context.round.seeds
    own = context.round.endpoints.own_seed.get(context.model.name)
    summary = part_of(result).summary
    for key, have, ran, value in (
        ("dataloader_random_seed", config.sample_seed,
         summary.sample_seed_run if summary else None, want.sample_index),
        ("scheduler_random_seed", config.schedule_seed,
         summary.schedule_seed_run if summary else None, want.schedule),
    ):
        required = f"{value} ({context.cite('seeds')})"
        if have is None:
            yield Fault(missing(config.file, f"/settings/runtime/{key}"), f"no {key}", required,
                        subcode=key)
            continue
        if have.value != value:
            mild = own is not None and have.value == own
            more = f" or {own} ({context.cite('endpoints.own_ruleset')})" if own else ""
            yield Fault(have.at, f"{key} {have.value}", required + more, subcode=key,
                        level=Level.WARNING if mild else None)
        if ran is not None and ran.value != have.value:
            yield Fault(ran.at, f"the run recorded {key} {ran.value}",
                        f"{have.value}, as in config.yaml", subcode=f"{key}-run")


@rule(
    id="ENDP010", name="nothing-failed", title="Every sample was answered and the run ended",
    level=Level.ERROR, scope=Scope.RESULT, requires=("ENDP003",), when=not_endpoints,
    why="samples that failed were not measured, and dropping them makes a system look faster",
    fix="remove the cause of the failures and rerun",
    source=HARNESS,
)
def nothing_failed(result: Result, context: Context) -> Iterator[Fault]:
    """No sample failed, completed equals issued, the state is complete."""
    summary = summary_of(result)
    for name, have in (("n_samples_issued", summary.issued),
                       ("n_samples_completed", summary.completed),
                       ("n_samples_failed", summary.failed)):
        if have is None:
            yield Fault(missing(summary.file, f"/{name}"), f"no {name}", "a count", subcode=name)
    issued, completed, failed = summary.issued, summary.completed, summary.failed
    if failed is not None and failed.value:
        yield Fault(failed.at, f"n_samples_failed {count(failed.value)}", "0", subcode="failed")
    if issued is not None and completed is not None and completed.value != issued.value:
        yield Fault(completed.at, f"n_samples_completed {count(completed.value)}",
                    f"{count(issued.value)}, as many as were issued", subcode="completed")
    if summary.state is not None and summary.state.value != COMPLETE:
        yield Fault(summary.state.at, f"state {quote(summary.state.value)}", COMPLETE,
                    subcode="state")
    if summary.complete is not None and not summary.complete.value:
        yield Fault(summary.complete.at, "complete false", "true", subcode="complete")


@rule(
    id="ENDP011", name="endpoints-samples", title="Enough samples were issued",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.RESULT,
    requires=("ENDP003", "TREE020", "TREE025"), when=not_endpoints,
    why="a small number of samples does not show the sustained rate or the tail",
    fix="raise the duration or n_samples_to_issue and rerun",
    source=f"{RULES}, Scenarios", key="models.*.offline_min_samples",
)
def enough_samples(result: Result, context: Context) -> Iterator[Fault]:
    """Offline issues the round's minimum or the data set, others what early stopping needs."""
    issued = summary_of(result).issued
    if issued is None:
        raise Skip("the summary does not say how many samples were issued")
    model = context.model
    if context.scenario == "Offline":
        own = model.offline_min_samples is not None
        key = context.model_key("offline_min_samples" if own else "dataset_size")
        need = context.limit(model.offline_min_samples or model.dataset_size, key)
    else:
        key = "endpoints.early_stopping_floors"
        floor = context.round.endpoints.early_stopping_floors.get(percentile_of(context))
        need = context.limit(floor, key)
        least = model.min_queries.get(context.scenario)
        if least is not None and least < need:
            need, key = least, context.model_key("min_queries")
    if issued.value < need:
        yield Fault(issued.at, f"n_samples_issued {count(issued.value)}",
                    f"at least {count(need)} ({context.cite(key)})")
