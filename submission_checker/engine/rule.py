"""What a rule is: a function with its declaration beside it, and what it yields."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from submission_checker.model.findings import Level, Location, Subject


class Scope(enum.Enum):
    """What a rule is asked about.

    ``RUN`` is each performance run of a result, ``LOG`` each run whose log was submitted with it
    (performance, accuracy, audits), ``OUTCOME`` what judging a result left open.
    """

    RUN = "run"
    LOG = "log"
    RESULT = "result"
    SYSTEM = "system"
    SUBMITTER = "submitter"
    TREE = "tree"
    OUTCOME = "outcome"


OFF = "off"
"""Level of a rule that does not judge a division at all."""


class Fault(NamedTuple):
    """What a rule yields: the place and both values. The engine adds everything else.

    ``level`` lowers the level in force (it never raises it); ``why`` and ``fix`` replace the
    rule's own texts; ``subject`` narrows the subject the rule was called for.
    """

    at: Location
    found: str
    required: str
    subcode: str = ""
    level: Level | None = None
    absent: bool = False
    why: str | None = None
    fix: str | None = None
    evidence: tuple[str, ...] = ()
    subject: Subject | None = None
    confidence: str = "certain"


class Bounded(NamedTuple):
    """What a rule yields where all it checked holds, but it could check within bounds only."""

    at: Location
    reason: str
    subject: Subject | None = None


class Skip(Exception):
    """Raised by a rule that cannot judge its subject; the reason is a noun phrase."""


class Absent(Skip):
    """Raised when there is nothing to judge; rules that require this one are skipped too."""


class MissingRoundData(Skip):
    """Raised when the round gives no value for a limit (RNDX005)."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the round gives no value for {key}")
        self.key = key


Check = Callable[..., Iterator[Fault | Bounded]]
Condition = Callable[..., str | None]


class Rule(NamedTuple):
    """A declared rule. ``when`` returns a reason why the rule does not apply, or None."""

    id: str
    name: str
    title: str
    level: Level
    open_level: Level | str
    scope: Scope
    requires: tuple[str, ...]
    when: Condition | None
    why: str
    fix: str
    source: str
    key: str
    suppressible: bool
    check: Check
    reads: str = ""
    """What is read for this rule only; without it the file stays closed."""

    @property
    def doc(self) -> str:
        """The docstring of the check, cleaned only where it is shown."""
        return inspect.getdoc(self.check) or ""

    def usual_level(self, division: str) -> Level | None:
        """Return the declared level in a division, None where the rule does not judge it."""
        if division != "open":
            return self.level
        return self.open_level if isinstance(self.open_level, Level) else None


def rule(
    *,
    id: str,
    name: str,
    title: str,
    level: Level,
    scope: Scope,
    why: str,
    fix: str,
    source: str,
    open_level: Level | str | None = None,
    requires: tuple[str, ...] = (),
    when: Condition | None = None,
    key: str = "",
    suppressible: bool = True,
    reads: str = "",
) -> Callable[[Check], Rule]:
    """Declare a rule; ``open_level`` is the level in the open division (default: the same).

    ``key`` is the key of the round data that holds the rule's limit, for ``explain``.
    """

    def declare(check: Check) -> Rule:
        return Rule(
            id, name, title, level, level if open_level is None else open_level, scope, requires,
            when, why, fix, source, key, suppressible, check, reads,
        )

    return declare


def collect(modules: tuple[Any, ...]) -> tuple[Rule, ...]:
    """Return every rule of the modules, in order of their ids; a doubled id is a mistake."""
    found: dict[str, Rule] = {}
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, Rule) and found.setdefault(value.id, value) is not value:
                raise ValueError(f"two rules are called {value.id}")
    return tuple(found[key] for key in sorted(found))
