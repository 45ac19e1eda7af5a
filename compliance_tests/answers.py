"""Logged answers: the counters of comparing texts, visible answers one by one, token payloads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from compliance_tests import texts
from compliance_tests.records import (
    AnswersCheck,
    Case,
    EntriesCheck,
    Mismatch,
    QuotedNumber,
    Verdict,
)
from submission_checker.model.accuracy import AccuracyLog, JoinedAnswers, LogEntry
from submission_checker.model.findings import Location

TOKEN_BYTES = (4, 8)
"""Widths of token ids that harnesses log (int32, int64)."""

FEW = 3
"""Fewest visible answers from which a repeated token is told."""

SHOWN_HEX = 24
MISMATCHES_KEPT = 10


def counters(case: Case, file: str, names: Iterable[str]) -> Mapping[str, QuotedNumber]:
    """Return the counters that a text prints as ``name = n``."""
    text = case.audit.texts.get(file)
    found = ((name, texts.quoted(text, (name,))) for name in names)
    return {name: number for name, number in found if number is not None}


def check_counters(
    case: Case, file: str, names: Iterable[str], wrong: Iterable[str], matched: str
) -> AnswersCheck | None:
    """Return what the counters say: nothing wrong, and something compared.

    A text without the counter of compared answers is judged by the wrong ones alone.
    """
    text = case.audit.texts.get(file)
    if text is None:
        return None
    found = counters(case, file, names)
    bad = [found[name] for name in wrong if name in found]
    done = found.get(matched)
    if not bad:
        verdict = Verdict.UNDECIDED
    elif any(number.value > 0 for number in bad) or (done is not None and done.value <= 0):
        verdict = Verdict.FAIL
    else:
        verdict = Verdict.PASS
    said = next(
        (check.verdict for check in texts.verdicts(case) if check.file == file), Verdict.UNDECIDED
    )
    at = bad[0].at if bad else Location(text.path)
    return AnswersCheck(at, said, verdict, found)


def same_answers(audit: AccuracyLog, accuracy: AccuracyLog) -> EntriesCheck:
    """Compare the visible answers of the audit with those of the accuracy run, by sample."""
    known: dict[int, LogEntry] = {}
    for entry in accuracy.entries:
        if entry.complete:
            known.setdefault(entry.qsl_idx, entry)
    pairs = [
        (entry, known[entry.qsl_idx])
        for entry in audit.entries
        if entry.complete and entry.qsl_idx in known
    ]
    wrong = tuple(
        Mismatch("data", entry.seq_id, entry.qsl_idx, *_apart(entry.data_hex, other.data_hex))
        for entry, other in pairs
        if entry.data_hex.casefold() != other.data_hex.casefold()
    )
    return EntriesCheck(len(pairs), wrong[:MISMATCHES_KEPT], Location(audit.path))


def joined(audit: AccuracyLog, found: JoinedAnswers) -> EntriesCheck:
    """Return the comparison of two whole logs; the answers themselves were not kept."""
    wrong = tuple(
        Mismatch("data", -1, sample, "another answer than in the accuracy run",
                 f"equal answers; {found.differing} of {found.compared} differ")
        for sample in found.first_differing
    )
    return EntriesCheck(found.compared, wrong[:MISMATCHES_KEPT], Location(audit.path))


def _apart(one: str, other: str) -> tuple[str, str]:
    """Return both payloads from the first byte that differs, cut."""
    at = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    ) & ~1
    return tuple(  # type: ignore[return-value]
        f"{len(text) // 2} bytes, from byte {at // 2}: {text[at : at + SHOWN_HEX] or 'nothing'}"
        for text in (one, other)
    )


def token_width(data_hex: str, count: int | None) -> int | None:
    """Return the bytes of a token id in a payload of so many tokens, None where none fits.

    Without a number of tokens the narrowest width that divides the payload is taken.
    """
    size = len(data_hex) // 2
    for width in TOKEN_BYTES:
        if size % width == 0 and count in (None, size // width):
            return width
    return None


def token_at(data_hex: str, place: int, width: int) -> int:
    """Return the token id at a place of a payload."""
    digits = data_hex[place * width * 2 : (place + 1) * width * 2]
    return int.from_bytes(bytes.fromhex(digits), "little", signed=True)


def consistent_tokens(log: AccuracyLog, *, first_tokens: bool) -> EntriesCheck:
    """Check the visible answers of a language model, each against itself.

    The number of tokens is the reported one and, where LoadGen logs first tokens, the answer
    begins with them.
    """
    wrong: list[Mismatch] = []
    compared = 0
    for entry in log.entries:
        if not entry.complete or entry.token_count is None:
            continue
        compared += 1
        wrong += _token_faults(entry, first_tokens)
    return EntriesCheck(compared, tuple(wrong[:MISMATCHES_KEPT]), Location(log.path))


def repeated_second(log: AccuracyLog) -> tuple[int, int] | None:
    """Return (token, answers) where every visible answer has the same second token.

    Only answers whose reported first tokens are two count, and there must be a few. Text does not
    look like that; an end-of-sequence token that is reported with the first token does.
    """
    seconds = set()
    for entry in log.entries:
        if not entry.complete:
            continue
        width = token_width(entry.data_hex, entry.token_count)
        if width is None or entry.token_count is None or entry.token_count < 2 or (
            len(entry.token_hex or "") != 4 * width
        ):
            return None
        second = token_at(entry.data_hex, 1, width)
        if second != token_at(entry.token_hex or "", 1, width):
            return None
        seconds.add(second)
    whole = sum(1 for entry in log.entries if entry.complete)
    return (seconds.pop(), whole) if len(seconds) == 1 and whole >= FEW else None


def _token_faults(entry: LogEntry, first_tokens: bool) -> Iterator[Mismatch]:
    width = token_width(entry.data_hex, entry.token_count)
    if width is None:
        yield Mismatch("token_count", entry.seq_id, entry.qsl_idx,
                       f"token_count {entry.token_count}",
                       f"{len(entry.data_hex) // 2} bytes of data")
        return
    if not first_tokens or not entry.token_hex:
        return
    begins = entry.data_hex.casefold().startswith(entry.token_hex.casefold())
    if not begins:
        yield Mismatch("token_data", entry.seq_id, entry.qsl_idx,
                       f"token_data {entry.token_hex[:SHOWN_HEX]}",
                       f"the first {len(entry.token_hex) // 2} bytes of data, "
                       f"{entry.data_hex[: len(entry.token_hex)][:SHOWN_HEX]}")
