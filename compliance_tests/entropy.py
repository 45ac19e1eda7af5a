"""TEST08 from whole logs: the predictions of two runs compared by their normalised entropy.

An answer of the accuracy run is float32: time stamp, query, n predictions, n labels, n weights, n;
one of a performance run is time stamp, query, n predictions. Answers are paired by (time stamp,
query). Source: mlcommons/inference compliance/TEST08/run_verification.py; numbers that are none
(NaN) never agree here, where the script lets them pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from compliance_tests.log_rows import ENTRY
from compliance_tests.verdict import Verdict

LONGEST_LINE = 1 << 26
CLIP = 1e-7
"""Probabilities and labels are kept so far from 0 and 1."""

HEAD, PARTS = 2, 3
"""Values before the predictions; predictions, labels and weights."""

SHOWN = 10
Floats = npt.NDArray[np.float32]
Key = tuple[int, int]
Known = dict[Key, tuple[Floats, Floats, Floats]]


@dataclass(slots=True)
class Entries:
    """What was read of one log."""

    name: str
    entries: int = 0
    unreadable: int = 0
    whole: bool = False
    """Whether its last line closes the array."""

    def problems(self) -> Iterator[str]:
        """Yield why not every answer of the log can be compared."""
        if self.unreadable:
            yield f"{self.unreadable} answers of the {self.name} log cannot be read"
        if not self.whole:
            yield f"the {self.name} log is no whole JSON array"


@dataclass(frozen=True, slots=True)
class EntropyComparison:
    """Counts of comparing an audit's predictions with the accuracy run's."""

    accuracy_entries: int
    audit_entries: int
    matched: int
    unmatched: int
    differing: int
    first_differing: tuple[Key, ...]
    problems: tuple[str, ...] = field(default=())

    @property
    def verdict(self) -> Verdict:
        """Pass where every answer was found and agrees, and both logs are whole."""
        if self.differing or self.unmatched:
            return Verdict.UNDECIDED if self.problems and not self.differing else Verdict.FAIL
        return Verdict.PASS if self.matched and not self.problems else Verdict.UNDECIDED


def compare(
    audit: Iterable[bytes], accuracy: Iterable[bytes], tolerance: float
) -> EntropyComparison:
    """Compare two logs, given in blocks; only answers that the audit has are kept."""
    mine, theirs = Entries("audit"), Entries("accuracy")
    given = [(key, values[HEAD:]) for key, values in _answers(audit, mine) if len(values) > HEAD]
    mine.unreadable += mine.entries - mine.unreadable - len(given)
    wanted = {key for key, _ in given}
    known: Known = {}
    for key, values in _answers(accuracy, theirs):
        parts = _parts(values)
        if parts is None:
            theirs.unreadable += 1
        elif key in wanted:
            known[key] = parts
    unmatched = 0
    differing: list[Key] = []
    for key, predictions in given:
        if key not in known:
            unmatched += 1
        elif not _agree(predictions, *known[key], tolerance):
            differing.append(key)
    return EntropyComparison(
        theirs.entries, mine.entries, len(given) - unmatched, unmatched, len(differing),
        tuple(differing[:SHOWN]), (*mine.problems(), *theirs.problems()))


def normalised_entropy(predictions: Floats, labels: Floats, weights: Floats) -> float:
    """Return the weighted cross entropy over the entropy of the mean label; 0 without weight."""
    total = weights.sum()
    if total == 0:
        return 0.0
    guess, truth = (np.clip(values, CLIP, 1 - CLIP) for values in (predictions, labels))
    cross = -(weights * (truth * np.log(guess) + (1 - truth) * np.log(1 - guess))).sum()
    mean = np.clip((weights * truth).sum() / total, CLIP, 1 - CLIP)
    usual = -mean * np.log(mean) - (1 - mean) * np.log(1 - mean)
    return float(cross / (usual * total)) if usual else 0.0


def _agree(
    mine: Floats, theirs: Floats, labels: Floats, weights: Floats, tolerance: float
) -> bool:
    if len(mine) != len(labels):
        return False
    one, two = (normalised_entropy(values, labels, weights) for values in (mine, theirs))
    if two == 0:
        return one == 0
    return one != 0 and abs(one - two) / abs(two) <= tolerance


def _parts(values: Floats) -> tuple[Floats, Floats, Floats] | None:
    """Return (predictions, labels, weights) of an answer of the accuracy run."""
    count = (len(values) - HEAD - 1) // PARTS
    if count < 0 or len(values) != HEAD + PARTS * count + 1 or values[-1] != count:
        return None
    first, second, third = values[HEAD:-1].reshape(PARTS, count)
    return first, second, third


def _answers(log: Iterable[bytes], seen: Entries) -> Iterator[tuple[Key, Floats]]:
    """Yield (key, values) of the answers of a log; unreadable ones are counted."""
    for line in _lines(log):
        match = ENTRY.search(line)
        if match is None:
            broken = b'"seq_id"' in line
            seen.entries += broken
            seen.unreadable += broken
            seen.whole = line.strip() == b"]" or (seen.whole and not line.strip())
            continue
        seen.entries += 1
        seen.whole = False
        values = _floats(match[3])
        if len(values) < HEAD or not np.isfinite(values[:HEAD]).all():
            seen.unreadable += 1
        else:
            yield (int(values[0]), int(values[1])), values


def _floats(digits: bytes) -> Floats:
    if len(digits) % (2 * np.dtype(np.float32).itemsize):
        return np.empty(0, np.float32)
    return np.frombuffer(bytes.fromhex(digits.decode("ascii")), "<f4")


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a log; one that is too long comes in pieces that hold no answer."""
    rest = b""
    for block in blocks:
        first, *others = block.split(b"\n")
        rest += first
        for line in others:
            yield rest
            rest = line
        if len(rest) > LONGEST_LINE:
            yield rest
            rest = b""
    yield rest
