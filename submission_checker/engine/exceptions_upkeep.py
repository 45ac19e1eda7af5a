"""What upkeep does to the entries of an exceptions file: it removes and changes, never adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from submission_checker.engine.exceptions import SOON, Entry
from submission_checker.model.findings import Finding
from submission_checker.model.report import AppliedException

USELESS = ("unused", "duplicate", "wrong-round", "not-suppressible")
"""States in which an entry answers for nothing, whatever its date."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What happens to one entry: ``gone``, or ``values`` that change, or only a word to the user.

    ``note`` says why.
    """

    number: int
    note: str
    gone: bool = False
    values: Mapping[str, str | date] = field(default_factory=dict)


def upkeep(
    entries: Sequence[Entry], states: Sequence[AppliedException], findings: Sequence[Finding],
    today: date, until: date | None,
) -> list[Upkeep]:
    """Return what is to be done, in order of the entries; entries that serve are not in it.

    Args:
        entries: what the file holds.
        states: what ``check`` said of each of them.
        findings: the findings of that check.
        today: the day by which entries expire.
        until: the last day of entries that have expired or soon will, None to leave them.
    """
    found = (_of(entry, state, findings, today, until)
             for entry, state in zip(entries, states, strict=True))
    return [item for item in found if item is not None]


def _of(
    entry: Entry, state: AppliedException, findings: Sequence[Finding], today: date,
    until: date | None,
) -> Upkeep | None:
    if state.state in ("unused", "expired") and not state.matches and entry.fingerprint:
        return _with_fingerprint(entry, findings)
    if state.state in USELESS or (state.state == "expired" and not state.matches):
        return Upkeep(entry.number, state.state, gone=True)
    if state.state == "expired" or (state.state == "used" and entry.expires - today <= SOON):
        if until is not None:
            return Upkeep(entry.number, f"renewed until {until}",
                          values={"created": today, "expires": until})
        if state.state == "expired":
            return Upkeep(entry.number, "expired, and its findings are still there; --expires DATE "
                                        "renews it")
    return None


def _with_fingerprint(entry: Entry, findings: Sequence[Finding]) -> Upkeep:
    """Return the entry with the fingerprint of the one finding that it can mean now."""
    wide = entry._replace(fingerprint="")
    marks = sorted({finding.fingerprint for finding in findings if wide.fits(finding)})
    if not marks:
        return Upkeep(entry.number, "unused", gone=True)
    if len(marks) > 1:
        return Upkeep(entry.number, f"its fingerprint matches nothing and {len(marks)} findings "
                                    "are at its place; name the one that is meant")
    return Upkeep(entry.number, f"fingerprint {marks[0]}", values={"fingerprint": marks[0]})
