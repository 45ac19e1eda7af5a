"""MEAS028: the detailed log of a retrieval pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.submission import Result
from submission_checker.rules.texts import count, counted


def _not_logged(result: Result, context: Context) -> str | None:
    model = context.round.models.get(result.model or "")
    if model is None or model.pipeline_log is None:
        return "the model has no pipeline that is logged"
    return None


@rule(
    id="MEAS028", name="pipeline-log", title="The pipeline's log is there and keeps to the limits",
    level=Level.WARNING, scope=Scope.RESULT, when=_not_logged,
    why="what the language models were asked, how often and over which index stands nowhere else",
    fix="submit the detailed log (JSON) of the accuracy or performance run, made with the "
        "benchmark's settings",
    source="inference_policies inference_rules.adoc, FAQ E2E-RAG",
    key="models.*.pipeline_log",
)
def pipeline_log(result: Result, context: Context) -> Iterator[Fault]:
    """A JSON of all calls is in the result's folder; iterations and index are as prescribed.

    The log is known by its content. Index parameters are judged where they are recorded.
    """
    spec = context.model.pipeline_log
    if spec is None:
        raise Skip("the model has no pipeline that is logged")
    cite = context.cite(context.model_key("pipeline_log"))
    if not result.pipeline:
        yield Fault(Location(f"{result.path}/accuracy"), "no detailed log of the pipeline",
                    f"a JSON file with the calls of all language models ({cite})", absent=True)
        return
    read = [log for log in result.pipeline if log.settings is not None]
    if not read:
        limit = result.pipeline[0].limit_bytes
        raise Skip(f"the pipeline's log has more than {count(limit)} bytes, which are not read")
    for log in read:
        at = Location(log.path)
        recorded = log.settings or {}
        for name, most in spec.at_most.items():
            if (highest := max(recorded.get(name, (0,)))) > most:
                yield Fault(at, f"{name} {count(highest)}", f"at most {most} ({cite})",
                            subcode=name)
        for name, value in spec.exactly.items():
            wrong = [have for have in recorded.get(name, ()) if have != value]
            if wrong:
                yield Fault(at, f"{name} {', '.join(map(count, wrong))}", f"{value} ({cite})",
                            subcode=name)
        done = (log.hops or {}).get(spec.iteration_component, 0)
        allowed = spec.at_most[spec.iteration_setting]
        if done > allowed:
            yield Fault(at, f"{counted(done, 'iteration')} in one query",
                        f"at most {allowed} ({cite})", subcode="iterations")
