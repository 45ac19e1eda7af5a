"""TEST09: a language model under load answers as long as the reference does.

Short answers are fast answers. The mean number of tokens over the whole data set must lie within
the bounds of the round data; the text must name these bounds and enough samples. Where sources
differ on the bounds, the wider ones decide and the narrower ones are kept as ``strict``.
"""

from __future__ import annotations

from collections.abc import Mapping

from compliance_tests import settings, test07, texts
from compliance_tests.records import Case, LimitCheck, Verdict, Verification
from submission_checker.model.findings import Location

LENGTH_TEXT = "verify_output_len.txt"
BOUNDS, STRICT_BOUNDS, SAMPLES = (
    "mean_output_tokens", "mean_output_tokens_strict", "samples",
)


def bounds(case: Case, key: str) -> tuple[float, float] | None:
    """Return the bounds that the round gives for the model under a key."""
    own = case.spec.thresholds.get(case.model.name)
    pair = own.get(key) if isinstance(own, Mapping) else None
    if not isinstance(pair, (list, tuple)) or len(pair) != 2:
        return None
    return float(pair[0]), float(pair[1])


def limits(case: Case) -> tuple[LimitCheck, ...]:
    """Return mean, samples and the printed bounds against those of the round."""
    text = case.audit.texts.get(LENGTH_TEXT)
    allowed = bounds(case, BOUNDS)
    if text is None or allowed is None:
        return ()
    where = Location(text.path)
    mean = texts.quoted(text, ("Mean output tokens",))
    checks = [test07.checked("Mean output tokens", mean, *allowed, BOUNDS, where)]
    for name, side in (("Min threshold", 0), ("Max threshold", 1)):
        printed = texts.quoted(text, (name,))
        if printed is not None:
            least = allowed[0] if side == 0 else None
            most = allowed[1] if side == 1 else None
            checks.append(test07.checked(name, printed, least, most, BOUNDS, where))
    need = test07.of_model(case, SAMPLES)
    samples = texts.quoted(text, ("Total samples",))
    if need is not None and samples is not None:
        checks.append(test07.checked("Total samples", samples, need, None, SAMPLES, where))
    return tuple(checks)


def strict(case: Case) -> LimitCheck | None:
    """Return the mean against the narrower bounds where sources differ and the wider ones hold."""
    narrow = bounds(case, STRICT_BOUNDS)
    text = case.audit.texts.get(LENGTH_TEXT)
    wide = next((check for check in limits(case)), None)
    if narrow is None or text is None or wide is None or wide.verdict is not Verdict.PASS:
        return None
    mean = texts.quoted(text, ("Mean output tokens",))
    return test07.checked(
        "Mean output tokens", mean, *narrow, STRICT_BOUNDS, Location(text.path)
    )


def verify(case: Case) -> Verification:
    """Re-judge the audit from its logs and texts."""
    return Verification(
        case.audit.test, texts.verdicts(case), limits=limits(case),
        settings=settings.in_force(case),
    )
