"""What a rule may look at beside its subject: the round, the model, the division's level."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from submission_checker.engine.rule import MissingRoundData, Skip
from submission_checker.model.findings import Location, Subject

if TYPE_CHECKING:  # explain needs rules and levels, and none of these
    from submission_checker.model.submission import Result
    from submission_checker.rounds.types import Model, Round


class Context(NamedTuple):
    """The surroundings of one judgement. ``result`` is set for rules about results and runs."""

    round: Round
    subject: Subject
    at: Location
    result: Result | None = None
    gate: bool = False
    other_rounds: tuple[tuple[str, tuple[int, int, int]], ...] = ()
    """(round, seed triple) of every other round, for logs that belong to one of them."""
    deep: bool = False
    """Whether rules shall compute exactly what they otherwise check within bounds."""

    @property
    def division(self) -> str:
        """The division of the subject."""
        return self.subject.division

    @property
    def closed(self) -> bool:
        """Whether the rules of the closed division apply (closed and network)."""
        return self.subject.division != "open"

    @property
    def judged(self) -> Result:
        """The result; only for rules of scope result and run."""
        if self.result is None:
            raise Skip("no result")
        return self.result

    @property
    def model(self) -> Model:
        """The model of the round that the result's benchmark is; skips the rule where unknown."""
        name = self.judged.model
        if name is None:
            raise Skip("the benchmark is no model of the round")
        return self.round.models[name]

    @property
    def scenario(self) -> str:
        """The official scenario of the result; skips the rule where the folder names none."""
        if self.judged.scenario is None:
            raise Skip("the folder names no scenario")
        return self.judged.scenario

    def model_key(self, rest: str) -> str:
        """Return the dotted key of the round data for a limit of the model."""
        return f"models.{self.judged.model}.{rest}"

    def limit(self, value: float | None, key: str) -> float:
        """Return a limit, or skip the rule as the round gives none."""
        if value is None:
            raise MissingRoundData(key)
        return value

    def cite(self, key: str) -> str:
        """Return ``round; source`` of a key of the round data, for the required side."""
        return f"{self.round.name}; {self.round.source(key)}"
