"""ENDP025: what the accuracy file says of its scores in other places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.endpoints import Score
from submission_checker.model.findings import Level
from submission_checker.model.submission import Result
from submission_checker.rules.endp_values import HARNESS, accuracy_of, not_endpoints
from submission_checker.rules.texts import quote

WITHIN = 2e-4
"""Share by which a rounded mean may differ from its recomputed value."""

OVERALL = "overall_accuracy"
PERCENT = 100.0


@rule(
    id="ENDP025", name="endpoints-scores-agree", title="Scores agree with their mean and parts",
    level=Level.WARNING, scope=Scope.RESULT, requires=("ENDP003",), when=not_endpoints,
    why="the harness writes each score once more, in the mean of all and in the breakdown of its "
        "data set; a score that differs there was edited",
    fix="submit accuracy_results.json as the harness wrote it",
    source=f"{HARNESS} evaluation/accuracy_results.py",
)
def scores_agree(result: Result, context: Context) -> Iterator[Fault]:
    """``average_accuracy`` is a mean of the scores; ``overall_accuracy`` is the score in percent.

    The mean is plain or weighted by samples, as revisions of the harness have it.
    """
    accuracy = accuracy_of(result)
    judged = False
    for score in accuracy.counting():
        overall = score.named.get(OVERALL)
        if score.value is None or overall is None:
            continue
        judged = True
        want = (score.value.value, score.value.value * PERCENT)
        if not _near(overall.value, want):
            yield Fault(score.value.at, f"score {score.value.value:.10g} of {quote(score.dataset)}",
                        f"{overall.value:.10g}, {OVERALL} of its breakdown, or that in percent",
                        subcode=f"{score.dataset}-overall")
    average = accuracy.average
    means = [*_means(accuracy.scores), *_means(accuracy.counting())]
    if average is not None and means:
        judged = True
        if not _near(average.value, means):
            yield Fault(average.at, f"average_accuracy {average.value:.10g}",
                        " or ".join(dict.fromkeys(f"{mean:.10g}" for mean in means))
                        + ", the mean of the scores", subcode="average")
    if not judged:
        raise Skip("no score stands in two places")


def _near(value: float, wanted: Sequence[float]) -> bool:
    return any(abs(value - want) <= WITHIN * abs(want) for want in wanted)


def _means(scores: Sequence[Score]) -> Iterator[float]:
    """Yield the mean of the plain scores, and that by distinct samples where all have a count."""
    plain = [(score.value.value, score.unit_samples) for score in scores if score.value is not None]
    if not plain:
        return
    yield sum(value for value, _ in plain) / len(plain)
    weights = [float(unit.value) for _, unit in plain if unit is not None and unit.value > 0]
    if len(weights) == len(plain):
        pairs = zip(plain, weights, strict=True)
        yield sum(value * weight for (value, _), weight in pairs) / sum(weights)
