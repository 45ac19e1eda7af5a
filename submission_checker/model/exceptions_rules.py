"""What is said about the exceptions file itself: BASE001 to BASE008, explained as rules are."""

from __future__ import annotations

from typing import NamedTuple

from submission_checker.model.findings import Level

FAMILY = "BASE"
SOURCE = "own; docs/exceptions.md"


class EntryRule(NamedTuple):
    """A rule about an entry of the exceptions file; no exception can answer for it."""

    id: str
    name: str
    title: str
    level: Level
    required: str
    why: str
    fix: str


EXPIRED = EntryRule(
    "BASE001", "exception-expired", "No exception has expired", Level.ERROR,
    "an expiry date that has not passed",
    "what was tolerated until a date counts again after it",
    "fix what the entry answers for, or renew it: exceptions update --expires DATE",
)
UNUSED = EntryRule(
    "BASE002", "exception-unused", "Every exception matches a finding", Level.WARNING,
    "an entry that is needed",
    "an entry that answers for nothing would cover the next fault at its place unseen",
    "remove it: exceptions prune; --strict makes this an error",
)
OTHER_ROUND = EntryRule(
    "BASE003", "exception-of-another-round", "Every exception is for the round that is judged",
    Level.WARNING, "an entry for this round",
    "what was agreed for one round says nothing about the rules of another",
    "agree on it anew for this round, or remove the entry",
)
NOT_POSSIBLE = EntryRule(
    "BASE004", "exception-not-possible", "No exception is for a rule that knows none",
    Level.ERROR, "a rule that does not guard the integrity of logs",
    "nobody can allow that a log was altered or that input could not be read",
    "remove the entry and measure again, or submit the logs as LoadGen wrote them",
)
BROAD = EntryRule(
    "BASE005", "exception-broad", "An exception is meant for what it matches", Level.WARNING,
    "few enough findings that every one is meant",
    "a pattern that matches many findings covers some that nobody looked at",
    "name the paths one by one, or narrow the entry with subcode or fingerprint",
)
SOON = EntryRule(
    "BASE006", "exception-expires-soon", "An exception that ends soon is announced", Level.INFO,
    "a fix before then",
    "on the day after the entry ends its findings count again",
    "fix what it answers for before that day, or renew it: exceptions update --expires DATE",
)
DOUBLED = EntryRule(
    "BASE007", "exception-doubled", "Every exception stands there once", Level.WARNING,
    "one entry",
    "two entries about the same thing can give two reasons and two dates",
    "keep one of them: exceptions prune removes the later one",
)
REPEATS = EntryRule(
    "BASE008", "exception-repeats-finding", "The reason of an exception is a reason",
    Level.WARNING, "the reason why the finding is tolerated",
    "a reviewer has to learn why something is tolerated, not again what was found",
    "say in the entry why it is tolerated and what was agreed",
)
ENTRY_RULES = (EXPIRED, UNUSED, OTHER_ROUND, NOT_POSSIBLE, BROAD, SOON, DOUBLED, REPEATS)


def entry_rule(name: str) -> EntryRule | None:
    """Return the rule of an id or short name."""
    return next((r for r in ENTRY_RULES if name.upper() == r.id or name == r.name), None)
