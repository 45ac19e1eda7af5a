"""Files of a submission as they were read: JSON and YAML, plain text, conf files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from submission_checker.model.findings import Location


class Problem(NamedTuple):
    """Why a file could not be read as what it should be, or what is odd in it."""

    kind: str
    text: str
    at: Location


@dataclass(frozen=True, slots=True)
class JsonFile:
    """A JSON or YAML file: its value (None where it is refused), oddities, lines of pointers."""

    path: str
    value: Any
    problems: tuple[Problem, ...]
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def readable(self) -> bool:
        """Whether the file parsed to a JSON object."""
        return isinstance(self.value, dict)

    def get(self, name: str) -> Any:
        """Return a field of the object, None where it is absent."""
        return self.value.get(name) if isinstance(self.value, dict) else None

    def at(self, name: str | None = None) -> Location:
        """Return where a field stands."""
        if name is None:
            return Location(self.path)
        return self.at_pointer("/" + name.replace("~", "~0").replace("/", "~1"))

    def at_pointer(self, pointer: str) -> Location:
        """Return where the value of a JSON pointer stands."""
        return Location(self.path, self.lines.get(pointer), pointer)


class TextFile(NamedTuple):
    """A small text file as lines; ``problem`` is set where it could not be read or decoded."""

    path: str
    lines: tuple[str, ...]
    size_bytes: int
    problem: str | None = None


class ConfLine(NamedTuple):
    """One setting of a conf file: ``model.Scenario.key = value``."""

    model: str
    scenario: str
    key: str
    value: str
    line: int


class ConfFile(NamedTuple):
    """user.conf, mlperf.conf or audit.config: settings in order and lines that are none."""

    path: str
    settings: tuple[ConfLine, ...]
    odd_lines: tuple[tuple[int, str], ...]

    def lookup(self, model: str, scenario: str, key: str) -> ConfLine | None:
        """Return what LoadGen's lookup order finds: exact, ``*.S``, ``m.*``, ``*.*``; last wins."""
        for want_model, want_scenario in (
            (model, scenario), ("*", scenario), (model, "*"), ("*", "*"),
        ):
            for line in reversed(self.settings):
                if (line.model, line.scenario, line.key) == (want_model, want_scenario, key):
                    return line
        return None
