"""The options of a check: everything that changes a judgement."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from submission_checker.engine.exceptions import FILE_NAME
from submission_checker.engine.selection import Selection
from submission_checker.model.beside import FILES_OF_RESULTS
from submission_checker.sources.base import Source


@dataclass(frozen=True, slots=True)
class Options:
    """Everything that changes a judgement."""

    round: str | None = None
    profile: str = "submit"
    selection: Selection = field(default_factory=Selection)
    jobs: int = 0
    """Worker processes; 0 chooses by the size of the input, 1 is serial."""
    exceptions: str | None = None
    """Text of the exceptions file."""
    exceptions_file: str = FILE_NAME
    """How findings about entries name that file."""
    strict: bool = False
    """An entry of the exceptions file that matches nothing is an error."""
    passes: bool = False
    """Keep which rule passed for which subject; the judgement is the same."""
    deep: bool = False
    """Replay every run exactly, however many queries it has."""
    today: date | None = None
    """Day by which exceptions expire; needed with ``exceptions``."""
    since: str | None = None
    """Revision before the changes to judge; needs a git revision as source."""
    previous: str | Source | None = None
    """Tree of the round before, for rules about two rounds."""
    previous_round: str | None = None
    """Its round; detected where it is None."""
    published: bytes | None = None
    """A table of published results (JSON or CSV), for a tree that has none at its root."""
    published_file: str = FILES_OF_RESULTS[0]
    """How findings about that table name it."""

    @property
    def gate(self) -> bool:
        """Whether this is the gate of a round, which lets nothing pass unjudged."""
        return self.profile == "gate"
