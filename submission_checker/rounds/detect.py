"""Which round a tree belongs to: a pure function over votes (rule RNDX002).

Layout signatures, as collected from a tree:

- ``audit-folder``: a folder ``audit/`` beside ``results/`` of a submitter
- ``compliance-folder``: a folder ``compliance/`` beside ``results/``
- ``measurements-folder``: a folder ``measurements/`` beside ``results/``
- ``measurements-json-in-results``: ``measurements.json`` in a scenario folder of ``results/``
- ``endpoints-config``: ``config.yaml`` or ``config.yml`` in a scenario folder of ``results/``
- ``text-logs``, ``json-logs``: the form of the detail logs
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from submission_checker.rounds.types import Round

SEED_WEIGHT, LAYOUT_WEIGHT = 4, 2
BEFORE_DEADLINE = timedelta(days=400)
AFTER_DEADLINE = timedelta(days=14)

EXCLUSIVE = (
    frozenset({"text-logs", "json-logs"}),
    frozenset({"audit-folder", "compliance-folder", "measurements-json-in-results"}),
    frozenset({"measurements-folder", "measurements-json-in-results"}),
)
"""Signatures that rule each other out: a round with one is no candidate for a tree with another."""


@dataclass(frozen=True, slots=True)
class Votes:
    """What was seen in a tree, before any round is chosen."""

    seeds: Mapping[tuple[int, int, int], int] = field(default_factory=dict)
    signatures: frozenset[str] = frozenset()
    benchmarks: frozenset[str] = frozenset()
    loadgen_versions: Mapping[str, int] = field(default_factory=dict)
    test_dates: tuple[date, ...] = ()


class Detection(NamedTuple):
    """The chosen round, or None with the reason; ``scores`` are the votes by round."""

    round: str | None
    reason: str
    scores: tuple[tuple[str, int], ...]


def fits_layout(round_: Round, votes: Votes) -> bool:
    """Return whether no signature of the tree is ruled out by the round's own."""
    for group in EXCLUSIVE:
        seen, own = votes.signatures & group, group.intersection(round_.layout.signature)
        if seen and own and not seen & own:
            return False
    return not ("endpoints-config" in votes.signatures
                and "endpoints-config" not in round_.layout.signature)


def detect(votes: Votes, rounds: Sequence[Round]) -> Detection:
    """Choose the round of a tree; a tie, no vote or contradicting seeds choose none."""
    known = [r for r in rounds if r.detectable]
    candidates = [r for r in known if fits_layout(r, votes)]
    scores = Counter({r.name: _score(r, votes, known) for r in candidates})
    ranked = tuple(scores.most_common())
    by_seeds = _round_of_seeds(votes, known)
    if by_seeds is not None and by_seeds.name not in scores:
        best = ranked[0][0] if ranked and ranked[0][1] else "no round"
        return Detection(None, f"the seeds are those of {by_seeds.name}, the layout is that of "
                         f"{best}", ranked)
    if not ranked or not ranked[0][1]:
        return Detection(None, "nothing in the tree points to a round", ranked)
    if len(ranked) > 1 and ranked[0][1] == ranked[1][1]:
        tied = [name for name, score in ranked if score == ranked[0][1]]
        names = f"{', '.join(tied[:-1])} and {tied[-1]}"
        return Detection(None, f"{names} fit equally well", ranked)
    name = ranked[0][0]
    share = votes.seeds.get(_triple(next(r for r in known if r.name == name)), 0)
    total = sum(votes.seeds.values())
    return Detection(name, f"seeds of {share} of {total} logs looked at, layout and names fit",
                     ranked)


def _triple(round_: Round) -> tuple[int, int, int]:
    return round_.seeds.qsl, round_.seeds.sample_index, round_.seeds.schedule


def _round_of_seeds(votes: Votes, rounds: Sequence[Round]) -> Round | None:
    """Return the round whose seeds most logs carry, None where fewer than half do."""
    total = sum(votes.seeds.values())
    for round_ in rounds:
        if total and 2 * votes.seeds.get(_triple(round_), 0) > total:
            return round_
    return None


def _score(round_: Round, votes: Votes, rounds: Sequence[Round]) -> int:
    score = SEED_WEIGHT * votes.seeds.get(_triple(round_), 0)
    score += LAYOUT_WEIGHT * len(votes.signatures.intersection(round_.layout.signature))
    score += sum(1 for name in votes.benchmarks if _telling(name, round_, rounds))
    score += min(1, sum(
        times for version, times in votes.loadgen_versions.items()
        if any(version.startswith(v.rstrip("x")) for v in round_.loadgen.versions_allowed)
    ))
    deadline = round_.submission_deadline
    if deadline is not None and any(
        deadline - BEFORE_DEADLINE <= day <= deadline + AFTER_DEADLINE for day in votes.test_dates
    ):
        score += 1
    return score


def _telling(name: str, round_: Round, rounds: Sequence[Round]) -> bool:
    """Return whether a benchmark is known to this round but not to all of them."""
    def has(other: Round) -> bool:
        return name in other.models or name in other.aliases.table

    return has(round_) and not all(has(other) for other in rounds)
