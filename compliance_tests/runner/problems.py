"""What can go wrong with a run, as distinct kinds; every text says what to do next."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Refused(ValueError):
    """Nothing was started: wrong use, or something that a run would damage."""


class Kind(enum.Enum):
    """Classes of failure of one run."""

    NOT_STARTED = "not started"
    KILLED = "killed"
    TIMEOUT = "time limit"
    EXIT_CODE = "exit code"
    NO_LOGS = "no logs"
    ELSEWHERE = "logs elsewhere"
    INCOMPLETE = "incomplete logs"
    NO_AUDIT_CONFIG = "audit.config not read"
    VOID_CONFIG = "audit.config void"
    NOT_IN_FORCE = "settings not in force"
    OTHER_RUN = "another run"
    LOADGEN_ERRORS = "errors of LoadGen"
    INVALID = "run INVALID"
    TOO_FEW = "too few answers"
    NO_SPACE = "no space"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a run; a fatal one leaves nothing to judge."""

    kind: Kind
    text: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.text}"
