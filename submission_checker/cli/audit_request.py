"""What ``audit run`` was asked for, resolved against the round and the file system."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compliance_tests.runner.problems import Refused
from compliance_tests.runner.session import Command, Driven, need_loadgen
from compliance_tests.runner.specs import Target
from submission_checker.engine.selection import did_you_mean
from submission_checker.rounds.loader import load_round
from submission_checker.rounds.types import Round
from submission_checker.tree.names import resolve_model, resolve_scenario
from submission_checker.tree.templates import fill

SLOT = re.compile(r"\{(\w+)\}\Z")
USER_CONF = "user.conf"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a result lies in a submission: its root and the parts of its path."""

    root: Path
    slots: Mapping[str, str]

    def folder(self, round_: Round, role: str, **more: str) -> Path | None:
        """Return the folder of a role of this result, None where the round has none."""
        templates = round_.layout.templates.get(role)
        return self.root / fill(templates[0], {**self.slots, **more}) if templates else None


def target_of(round_name: str, benchmark: str, scenario: str) -> Target:
    """Return the benchmark and scenario of a round.

    Raises:
        Refused: the round knows no such benchmark or scenario.
    """
    round_ = load_round(round_name)
    name = resolve_model(benchmark, "closed", round_, {})
    if name.model is None:
        raise Refused(f"no benchmark {benchmark!r} in {round_.name}"
                      f"{did_you_mean(benchmark, round_.models)}")
    official, near = resolve_scenario(scenario, round_)
    if official is None:
        raise Refused(f"no scenario {scenario!r} in {round_.name}"
                      f"{f'; did you mean {near}?' if near else ''}")
    return Target(round_, round_.models[name.model], official)


def place_of(result: Path, round_: Round) -> Place | None:
    """Return where a result's folder lies in a submission, None outside of one."""
    parts = result.resolve().parts
    for template in round_.layout.templates["results"]:
        wanted = template.split("/")
        if len(parts) <= len(wanted):
            continue
        slots: dict[str, str] = {}
        for want, have in zip(wanted, parts[-len(wanted):], strict=True):
            slot = SLOT.match(want)
            if slot is not None:
                slots[slot[1]] = have
            elif want != have:
                break
        else:
            if slots.get("division") in round_.layout.root_dirs:
                return Place(Path(*parts[: -len(wanted)]), slots)
    return None


def how_of(
    command: tuple[str, ...], sut: str | None, conf: str | None, place: Place | None,
    round_: Round, cwd: str, logs: tuple[str, ...], *, shim: bool, sut_path: tuple[str, ...] = (),
) -> Driven | Command:
    """Return how the system is run, after the cheap checks.

    Raises:
        Refused: neither or both ways are given, the command is not found, LoadGen or user.conf is
            missing.
    """
    if bool(command) == bool(sut):
        raise Refused("give either a command after --, or --sut module:factory")
    if sut:
        need_loadgen()
        folder = place.folder(round_, "measurements") if place is not None else None
        path = Path(conf) if conf else (folder or Path()) / USER_CONF
        if not path.is_file():
            raise Refused(f"{path} is not there; name the user.conf of the result with --user-conf")
        return Driven(sut, path.resolve(), (*sut_path, str(Path(cwd).resolve())))
    home = Path(cwd).resolve()
    if not home.is_dir():
        raise Refused(f"{home} is no folder")
    first = command[0]
    if shutil.which(first) is None and not (home / first).is_file():
        raise Refused(f"command not found: {first}")
    return Command(command, home, tuple(Path(folder).resolve() for folder in logs), shim)
