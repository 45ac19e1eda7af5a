"""RNDX: which round the submission belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Finding, Level, Location, Subject
from submission_checker.model.run import SEED_KEYS, Run
from submission_checker.model.subjects import TreeSubject
from submission_checker.model.submission import Result
from submission_checker.rounds.types import Round
from submission_checker.rules.texts import count, quote

RULES = "inference_policies inference_rules.adoc, Non-determinism is restricted"


def seed_triple(run: Run) -> tuple[int, int, int] | None:
    """Return the three effective seeds of a log, None where one is absent."""
    values = [found.value for key in SEED_KEYS if (found := run.integer(key)) is not None]
    return (values[0], values[1], values[2]) if len(values) == len(SEED_KEYS) else None


def other_round(triple: tuple[int, int, int], context: Context) -> str | None:
    """Return the name of another round whose complete seed triple this is."""
    return next((name for name, seeds in context.other_rounds if seeds == triple), None)


@rule(
    id="RNDX003", name="round-contradicted", title="The logs carry the seeds of the chosen round",
    level=Level.ERROR, scope=Scope.TREE,
    why="most logs carry the complete seed triple of another round, so the whole tree is most "
        "likely that round's",
    fix="check the tree with --round of that round, or rerun with the seeds of the chosen one",
    source=RULES, key="seeds",
)
def round_contradicted(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """At most half of the performance logs carry the complete seeds of another round."""
    total = sum(tree.seeds.values())
    for triple, logs in tree.seeds.items():
        name = other_round(triple, context)
        if name is not None and 2 * logs > total:
            yield Fault(
                Location(""), f"{count(logs)} of {count(total)} performance logs carry the seeds "
                f"of {name}", f"the seeds of {context.cite('seeds')}", subcode=name,
                fix=f"check the tree with --round {name}, or rerun with the seeds of "
                    f"{context.round.name}",
            )


@rule(
    id="RNDX004", name="log-of-another-round", title="The log is of this round",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.RUN, requires=("PERF001",),
    why="the seeds of a round are secret until shortly before its deadline; a log with another "
        "round's seeds is an old log",
    fix="rerun with LoadGen of this round",
    source=RULES, key="seeds", suppressible=False,
)
def log_of_another_round(run: Run, context: Context) -> Iterator[Fault]:
    """The log does not carry the complete seed triple of another round."""
    triple = seed_triple(run)
    if triple is None:
        raise Skip("the log does not hold all three seeds")
    name = other_round(triple, context)
    if name is not None:
        yield Fault(run.at(SEED_KEYS[0]), f"the three seeds of {name}",
                    f"the seeds of {context.cite('seeds')}", subcode=name)


@rule(
    id="RNDX005", name="round-data-complete", title="The round gives every limit that was needed",
    level=Level.INFO, scope=Scope.OUTCOME,
    why="no source gives this number, so nothing was decided from it",
    fix="no action of the submitter; add the number with its source to the round data",
    source="own",
)
def round_data_complete(keys: frozenset[str], context: Context) -> Iterator[Fault]:
    """Every limit that a rule asked for is in the round data."""
    for key in sorted(keys):
        yield Fault(context.at, f"{context.round.name} gives no value for {key}",
                    "a number with its source", subcode=key)


@rule(
    id="RNDX006", name="mixed-layouts", title="One result follows one layout",
    level=Level.WARNING, scope=Scope.RESULT,
    why="parts in two layouts leave open which of them count",
    fix="keep the layout of the round and remove the other parts",
    source="submission checker of the round",
)
def mixed_layouts(result: Result, context: Context) -> Iterator[Fault]:
    """A round that keeps measurements with the results has no measurements folder beside them."""
    inside = context.round.layout.templates.get("measurements")
    if inside != context.round.layout.templates.get("results"):
        raise Skip("measurements lie beside the results in this round")
    for role, path in result.system.folders:
        yield Fault(Location(path), f"a folder {quote(role)} beside results/",
                    "everything of a result below results/")


@rule(
    id="RNDX007", name="test-date", title="The run is from the time of the round",
    level=Level.INFO, scope=Scope.RUN, requires=("PERF001",),
    why="a date far from the submission deadline hints at an old log or a wrong clock",
    fix="check the clock of the system and the origin of the log",
    source="own", key="submission_deadline",
)
def test_date(run: Run, context: Context) -> Iterator[Fault]:
    """``test_datetime`` lies between 400 days before and 14 days after the deadline."""
    deadline = context.round.submission_deadline
    if deadline is None:
        raise Skip("the round data give no submission deadline")
    found = run.text("test_datetime")
    if found is None:
        raise Skip("the log has no test_datetime")
    try:
        day = date.fromisoformat(found.value[:10])
    except ValueError:
        raise Skip("test_datetime is no date") from None
    first, last = deadline - BEFORE, deadline + AFTER
    if not first <= day <= last:
        yield Fault(found.at, f"test_datetime {quote(found.value)}",
                    f"between {first} and {last} ({context.cite('submission_deadline')})")


BEFORE, AFTER = timedelta(days=400), timedelta(days=14)
"""Window around a deadline in which published runs lie (rule RNDX007)."""


def foreign_round(
    seeds: Iterable[tuple[int, int, int] | None],
) -> tuple[int, int, int] | None:
    """Return the seed triple that more than half of the logs carry, None where none does."""
    counts = Counter(triple for triple in seeds if triple is not None)
    triple, times = counts.most_common(1)[0] if counts else (None, 0)
    return triple if 2 * times > sum(counts.values()) else None


def whole_tree_of(findings: Iterable[Finding], seeds: Iterable[tuple[int, int, int]],
                  round_: Round) -> str | None:
    """Return the other round that a tree is of: no log carries the seeds of the round itself."""
    own = round_.seeds.qsl, round_.seeds.sample_index, round_.seeds.schedule
    if own in set(seeds):
        return None
    return next((f.subcode for f in findings if f.rule == round_contradicted.id), None)


def said_alone(
    findings: list[Finding], subjects: Iterable[Subject]
) -> tuple[list[Finding], list[Finding], int]:
    """Keep the finding that a tree is of another round, and what is wrong with the input itself.

    Returns (findings to report, findings that decide the verdicts of ``subjects``, how many were
    left out): limits of one round say nothing about a submission to another.
    """
    kept = [f for f in findings if f.rule == round_contradicted.id or f.subcode == CRASHED
            or f.rule.startswith(INPUT)]
    deciding = [f._replace(subject=subject) for subject in subjects for f in kept
                if f.rule == round_contradicted.id]
    return kept, deciding, len(findings) - len(kept)


INPUT, CRASHED = "INPUT", "crashed"
"""Family of the rules about input that cannot be read; subcode of a rule that crashed."""


def said_once(findings: list[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Fold the findings about single logs into the one about the whole tree.

    Returns (findings to report, findings that decide verdicts): in the latter the one about the
    tree stands once for every result whose log it is about. Without it nothing changes.
    """
    whole = {f.subcode: f for f in findings if f.rule == round_contradicted.id}
    kept: list[Finding] = []
    deciding: list[Finding] = []
    for finding in findings:
        if finding.rule == log_of_another_round.id and finding.subcode in whole:
            deciding.append(whole[finding.subcode]._replace(subject=finding.subject))
        else:
            kept.append(finding)
    return kept, kept + deciding
