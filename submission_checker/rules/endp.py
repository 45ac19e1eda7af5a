"""ENDP001-005, 017-022: files and settings of results of the endpoints harness."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.documents import JsonFile, Problem
from submission_checker.model.endpoints import Summary
from submission_checker.model.findings import Level, Location
from submission_checker.model.submission import LOADGEN, Result
from submission_checker.rules.endp_values import (
    CHECKER,
    HARNESS,
    config_of,
    endpoints_number,
    metric_of,
    missing,
    not_endpoints,
    part_of,
    summary_of,
)
from submission_checker.rules.texts import count, listed, quote

STRUCTURE = "mlcommons/inference tools/submission/submission_structure.md"
ON, AUTO = "on", "auto"


@rule(
    id="ENDP001", name="endpoints-recognised", title="An endpoints result has its configuration",
    level=Level.ERROR, scope=Scope.RESULT, when=not_endpoints,
    why="config.yaml says what was measured; without it and without a log of LoadGen nothing "
        "tells what the result is",
    fix="add the resolved config.yaml of the run to the scenario folder",
    source=f"{CHECKER}; {STRUCTURE}", key="layout.templates.endpoints_config",
)
def recognised(result: Result, context: Context) -> Iterator[Fault]:
    """config.yaml or config.yml stands in the scenario folder; no detail log exists."""
    part = part_of(result)
    if part.config_path not in part.own:
        yield _no_file(result, part.config_path, context, "layout.templates.endpoints_config")


def _no_file(result: Result, path: str, context: Context, key: str) -> Fault:
    name = path.rpartition("/")[2]
    elsewhere = part_of(result).elsewhere.get(name)
    return Fault(Location(path), "no such file", f"{quote(name)} ({context.cite(key)})",
                 subcode=name, absent=True, fix=f"move {elsewhere} here" if elsewhere else None)


def both(result: Result, context: Context) -> str | None:
    """Return why there is nothing to say about files of two harnesses."""
    return None if result.endpoints is not None else "no files of the endpoints harness"


@rule(
    id="ENDP002", name="one-harness", title="A result comes from one harness",
    level=Level.ERROR, scope=Scope.RESULT, when=both,
    why="two harnesses give two numbers, and nobody can tell which one is submitted",
    fix="keep the files of the harness that measured this result",
    source="own", key="layout.templates",
)
def one_harness(result: Result, context: Context) -> Iterator[Fault]:
    """No log of LoadGen stands beside files of the endpoints harness; a lone config is a warning.

    The result is judged by LoadGen's logs.
    """
    part = part_of(result)
    if result.harness != LOADGEN:
        return
    names = [path for path in (part.summary_path, part.accuracy_path) if path in part.own]
    if not names:
        yield Fault(Location(part.config_path), "a config.yaml beside logs of LoadGen",
                    "the files of one harness", level=Level.WARNING)
    for path in names:
        yield Fault(Location(path), f"{quote(path.rpartition('/')[2])} beside logs of LoadGen",
                    "the files of one harness", subcode=path.rpartition("/")[2])



@rule(
    id="ENDP003", name="endpoints-files", title="The files of the harness are there and read",
    level=Level.ERROR, scope=Scope.RESULT, when=not_endpoints,
    why="the result is decided from these files",
    fix="submit the files as the harness wrote them",
    source=f"{STRUCTURE}; {HARNESS}", key="layout.templates",
)
def files_read(result: Result, context: Context) -> Iterator[Fault]:
    """Summary and accuracy exist; every file parses to an object within the limits.

    What cannot be read at all is INPUT001.
    """
    part = part_of(result)
    if part.summary_path not in part.own:
        yield _no_file(result, part.summary_path, context,
                       "layout.templates.endpoints_performance")
    if part.accuracy_path not in part.own:
        yield _no_file(result, part.accuracy_path, context, "layout.templates.endpoints_accuracy")
    records = [part.config, part.summary, part.accuracy, *part.audits.values()]
    for record in records:
        if record is not None:
            yield from _unread(record.file)
            yield from (_odd(problem) for problem in record.odd)
    yield from _artefacts(result, context)


def _unread(file: JsonFile) -> Iterator[Fault]:
    for problem in file.problems:
        mild = file.readable and problem.kind != "not-an-object"
        yield Fault(problem.at, problem.text, "an object, as the harness writes it",
                    subcode=problem.kind, level=Level.WARNING if mild else None)


def _odd(problem: Problem) -> Fault:
    return Fault(problem.at, problem.text, "the form in which the harness writes it",
                 subcode=problem.kind)


def _artefacts(result: Result, context: Context) -> Iterator[Fault]:
    """Yield the sample images or videos of the model that are missing."""
    model = context.round.models.get(result.model or "")
    if model is None or not context.closed:
        return
    part = part_of(result)
    folder = part.accuracy_path.rpartition("/")[0]
    for name, stems in model.required_artefacts.items():
        have = {file.partition(".")[0] for file in part.artefacts.get(name, ())}
        lost = [stem for stem in stems if stem not in have]
        if lost:
            cite = context.cite(f"layout.extra_accuracy_files.{model.name}")
            yield Fault(Location(f"{folder}/{name}"), f"no {listed(lost, 10)}",
                        f"{', '.join(stems)} ({cite})", subcode=name, absent=True)


@rule(
    id="ENDP004", name="endpoints-model", title="The model may be measured through endpoints",
    level=Level.ERROR, scope=Scope.RESULT, requires=("TREE020",), when=not_endpoints,
    why="the round takes results of this harness for some models only",
    fix="measure this model with LoadGen",
    source=CHECKER, key="endpoints.allowed_models",
)
def model_allowed(result: Result, context: Context) -> Iterator[Fault]:
    """The model is in the round's list."""
    allowed = context.round.endpoints.allowed_models
    if context.model.name not in allowed:
        yield Fault(Location(result.path), f"{context.model.name} measured through endpoints",
                    f"one of {', '.join(allowed)} ({context.cite('endpoints.allowed_models')})")


@rule(
    id="ENDP005", name="endpoints-scenario", title="The configuration is of the folder's scenario",
    level=Level.ERROR, scope=Scope.RESULT, requires=("TREE025",), when=not_endpoints,
    why="a number measured in one scenario says nothing about another",
    fix="put the result into the folder of its scenario, or run the scenario of this folder",
    source=f"{CHECKER}; {HARNESS}", key="endpoints.types",
)
def scenario_of_config(result: Result, context: Context) -> Iterator[Fault]:
    """``type`` (of a submission ``benchmark_mode``) is one that measures the scenario."""
    config = config_of(result)
    wanted = context.round.endpoints.types.get(context.scenario)
    if wanted is None:
        yield Fault(Location(result.path), f"scenario {context.scenario}",
                    f"one of {', '.join(context.round.endpoints.types)} "
                    f"({context.cite('endpoints.types')})")
        return
    kind = config.kind
    required = f"{' or '.join(wanted)} for {context.scenario} ({context.cite('endpoints.types')})"
    if kind is None:
        yield Fault(missing(config.file, "/type"), "no type", f"type {required}")
    elif kind.value not in wanted:
        yield Fault(kind.at, f"{kind.key} {quote(kind.value)}", required)


@rule(
    id="ENDP017", name="streaming-on", title="Tokens were streamed",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.RESULT, requires=("TREE020",),
    when=not_endpoints,
    why="without streaming nobody sees when the first token came",
    fix="set model_params.streaming to on and rerun",
    source=f"{HARNESS}, config schema", key="models.*.ttft_ms",
)
def streaming_on(result: Result, context: Context) -> Iterator[Fault]:
    """Streaming is on where token latencies are limited, or auto with these latencies there."""
    if context.scenario not in context.model.ttft_ms:
        raise Skip("no token latency limits for this model and scenario")
    config = config_of(result)
    said = config.streaming
    key = context.model_key("ttft_ms")
    if said is None:
        yield Fault(missing(config.file, "/model_params/streaming"), "no streaming",
                    f"streaming on ({context.cite(key)})")
    elif said.value != ON and not (said.value == AUTO and _has_tokens(result)):
        yield Fault(said.at, f"streaming {quote(said.value)}", f"on ({context.cite(key)})")


def _has_tokens(result: Result) -> bool:
    summary = part_of(result).summary
    return summary is not None and None not in (summary.ttft, summary.tpot)


@rule(
    id="ENDP018", name="load-pattern", title="The load is that of the scenario",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.RESULT, requires=("ENDP005",),
    when=not_endpoints,
    why="the scenarios differ in when the next query comes",
    fix="set settings.load_pattern for the scenario and rerun",
    source=f"inference_policies inference_rules.adoc, Scenarios; {HARNESS}",
    key="endpoints.load_patterns",
)
def load_pattern(result: Result, context: Context) -> Iterator[Fault]:
    """The pattern fits the scenario, has its rate or concurrency, and is the run's own."""
    config, spec = config_of(result), context.round.endpoints
    wanted = spec.load_patterns.get(context.scenario, ())
    cite = context.cite("endpoints.load_patterns")
    required = f"{' or '.join(wanted)} for {context.scenario} ({cite})"
    pattern = config.load_pattern
    if pattern is None:
        yield Fault(missing(config.file, "/settings/load_pattern/type"), "no load pattern",
                    required)
        return
    if pattern.value not in wanted:
        mild = pattern.value in spec.load_patterns_tolerated.get(context.scenario, ())
        yield Fault(pattern.at, f"load pattern {quote(pattern.value)}", required,
                    level=Level.WARNING if mild else None)
    if pattern.value == "poisson" and (config.target_qps is None or config.target_qps.value <= 0):
        yield Fault(missing(config.file, "/settings/load_pattern/target_qps"), "no target_qps",
                    "a rate above 0 for poisson arrivals", subcode="target_qps")
    yield from _concurrency(result, context)
    ran = summary.pattern_run if (summary := part_of(result).summary) is not None else None
    if ran is not None and ran.value != pattern.value:
        yield Fault(ran.at, f"the run recorded load pattern {quote(ran.value)}",
                    f"{pattern.value}, as in config.yaml", subcode="run")


def _concurrency(result: Result, context: Context) -> Iterator[Fault]:
    config = config_of(result)
    wanted = context.round.endpoints.target_concurrency.get(context.scenario)
    have = config.target_concurrency
    if wanted is not None and (have is None or have.value != wanted):
        at = have.at if have is not None else missing(
            config.file, "/settings/load_pattern/target_concurrency")
        found = count(have.value) if have is not None else "absent"
        yield Fault(at, f"target_concurrency {found}",
                    f"{wanted} in {context.scenario} "
                    f"({context.cite('endpoints.target_concurrency')})", subcode="concurrency")


@rule(
    id="ENDP019", name="harness-revision", title="Version and revision of the harness are named",
    level=Level.WARNING, scope=Scope.RESULT, when=not_endpoints,
    why="results compare only if the harness that measured them is known",
    fix="run a tagged revision of the harness from its repository",
    source="inference_policies inference_rules.adoc, tagged approved revision",
)
def harness_revision(result: Result, context: Context) -> Iterator[Fault]:
    """``version`` and ``git_sha`` of the summary hold something."""
    summary = summary_of(result)
    for name, said in (("version", summary.version), ("git_sha", summary.revision)):
        if said is None or not said.value.strip():
            at = said.at if said is not None else _where(summary, f"/{name}")
            yield Fault(at, f"no {name}", f"the {name} of the harness", subcode=name, absent=True)


def _where(summary: Summary, pointer: str) -> Location:
    return Location(summary.file.path, summary.file.lines.get(pointer), pointer)


@rule(
    id="ENDP020", name="endpoints-layout", title="Nothing lies beside the files of the harness",
    level=Level.INFO, scope=Scope.RESULT, when=not_endpoints,
    why="the harness leaves reports and run folders that are no part of a submission",
    fix="keep only the files that the structure names",
    source=f"{STRUCTURE}; mlcommons/inference#2630", key="layout.templates",
)
def layout(result: Result, context: Context) -> Iterator[Fault]:
    """No run folder and no further file in ``performance`` and ``accuracy``."""
    for path in part_of(result).extra:
        yield Fault(Location(path), f"an extra {quote(path.rpartition('/')[2])}",
                    f"only the files of {context.cite('layout.templates')}",
                    subcode=path.rpartition("/")[2])


@rule(
    id="ENDP021", name="no-secrets-in-config", title="The configuration holds no key",
    level=Level.ERROR, scope=Scope.RESULT, when=not_endpoints,
    why="whoever reads the submission can use it; it must be revoked even if it is removed now",
    fix="revoke the key, write null in its place and remove it from the history",
    source=f"own; {HARNESS} redacts api_key",
)
def no_secrets(result: Result, context: Context) -> Iterator[Fault]:
    """No key, token or password in config.yaml has a value; addresses are PRIV008."""
    for secret in config_of(result).secrets:
        yield Fault(secret.at, f"{secret.key} holds a value of {secret.value}", "null",
                    subcode=secret.at.pointer or "")


@rule(
    id="ENDP022", name="endpoints-number", title="The summary holds the number that is published",
    level=Level.ERROR, scope=Scope.RESULT, requires=("ENDP003", "TREE025"), when=not_endpoints,
    why="without a positive number there is nothing to publish",
    fix="submit the complete summary of a finished run",
    source=f"{CHECKER}, RESULT_FIELD_ENDPOINTS", key="endpoints.metrics",
)
def number_there(result: Result, context: Context) -> Iterator[Fault]:
    """The metric of the scenario is a number above 0; SingleStream gives the mean latency."""
    summary = summary_of(result)
    metric = metric_of(result, context.round)
    if metric is None:
        raise Skip("the round has no such number")
    if endpoints_number(result, context.round) is None:
        names = " or ".join(key for key in (metric.token_key, metric.key) if key)
        yield Fault(Location(summary.file.path), f"no {names} above 0",
                    f"a number above 0 ({context.cite('endpoints.metrics')})")
