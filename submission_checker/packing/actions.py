"""What packing does with each file, as plain records; nothing is written here."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from submission_checker.model.errors import WrongUse


class Doing(enum.Enum):
    """What happens to a file on its way into the packed tree."""

    COPY = "copied"
    TRUNCATE = "truncated"
    REWRITE = "rewritten"
    LEAVE_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Action:
    """One file of the originals (``source``) and what becomes of it at ``target``.

    ``content`` holds the new bytes of a file that is rewritten; ``source`` is empty for a file
    that the originals do not have.
    """

    doing: Doing
    source: str
    target: str
    size_bytes: int = 0
    why: str = ""
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Every file of the packed tree, and every file that stays behind."""

    actions: Mapping[str, Action]
    """Target path -> action."""
    left_out: tuple[Action, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def size_bytes(self) -> int:
        """Bytes of the packed tree."""
        return sum(action.size_bytes for action in self.actions.values())

    def ordered(self) -> Iterator[Action]:
        """Yield the actions in order of their targets."""
        for target in sorted(self.actions):
            yield self.actions[target]

    def below(self, folder: str) -> Iterator[Action]:
        """Yield the actions whose targets lie below a folder."""
        prefix = f"{folder}/"
        return (action for action in self.ordered() if action.target.startswith(prefix))

    def without(self, folders: Iterable[str], why: str) -> Plan:
        """Return the plan with everything below some folders left out."""
        return self._without([a for folder in folders for a in self.below(folder)], why)

    def without_file(self, target: str, why: str) -> Plan:
        """Return the plan with one file left out, if it has it."""
        action = self.actions.get(target)
        return self if action is None else self._without([action], why)

    def _without(self, gone: Iterable[Action], why: str) -> Plan:
        by_target = {action.target: action for action in gone}
        left = tuple(replace(action, doing=Doing.LEAVE_OUT, target="", size_bytes=0, content=None,
                             why=why) for action in by_target.values())
        kept = {key: action for key, action in self.actions.items() if key not in by_target}
        return replace(self, actions=kept, left_out=self.left_out + left)

    def with_actions(self, new: Iterable[Action], note: str = "") -> Plan:
        """Return the plan with further files; a target that is taken is refused.

        Raises:
            WrongUse: a new file would take the place of another one.
        """
        actions = dict(self.actions)
        for action in new:
            if action.target in actions:
                raise WrongUse(f"{action.target} would be written twice, from "
                               f"{actions[action.target].source} and {action.source}")
            actions[action.target] = action
        return replace(self, actions=actions, notes=(*self.notes, note) if note else self.notes)
