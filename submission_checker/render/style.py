"""How the text looks: width, colours, and how much of the report is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from submission_checker.model.findings import Level
from submission_checker.render.escape import printable
from submission_checker.render.width import wrapped

MIN_WIDTH, DEFAULT_WIDTH = 40, 80
LABEL_WIDTH = 9
SGR = {"error": "31;1", "warning": "33", "info": "36", "good": "32", "dim": "2", "bold": "1"}


@dataclass(frozen=True, slots=True)
class Style:
    """How wide and how colourful the text may be, and how much of it is wanted."""

    width: int = DEFAULT_WIDTH
    colour: bool = False
    everything: bool = False
    level: Level = Level.WARNING
    statistics: bool = False
    path: str = "PATH"
    """What the user gave as PATH, for the commands that are proposed."""
    exceptions: str | None = None
    """What the user gave as --exceptions, for the same."""

    @property
    def room(self) -> int:
        """Columns that lines may take; a narrower terminal than 40 breaks the lines itself."""
        return max(MIN_WIDTH, self.width)

    def paint(self, text: str, name: str) -> str:
        """Return text in a colour, where colours are on."""
        return f"\x1b[{SGR[name]}m{text}\x1b[0m" if self.colour else text

    def wrap(self, text: str, indent: str, label: str = "") -> Iterator[str]:
        """Yield the lines of a paragraph, with a label before the first."""
        first = indent + label.ljust(LABEL_WIDTH) if label else indent
        yield from wrapped(printable(text), first, " " * len(first), self.room)

    def command(self, rest: str) -> str:
        """Return a command of this program for the user's PATH; ``{path}`` stands for it."""
        return "submission-checker " + rest.replace("{path}", shell_word(self.path))


def exceptions_option(file: str | None) -> str:
    """Return the option that names an exceptions file, with a blank before; "" for none."""
    return f" --exceptions {shell_word(file)}" if file else ""


def shell_word(text: str) -> str:
    """Return a text as one word of a shell, safe on a terminal."""
    import shlex

    return shlex.quote(printable(text))
