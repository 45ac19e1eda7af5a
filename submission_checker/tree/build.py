"""The tree of a submission: every path with the part it plays, by the round's templates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from submission_checker.model.files import FileTable
from submission_checker.model.findings import Subject
from submission_checker.rounds.types import Round
from submission_checker.tree.names import resolve_model, resolve_scenario
from submission_checker.tree.templates import fill, matches

AUDIT_NAME = re.compile(r"TEST[0-9]{2}(-[A-Z])?\Z")
RUN_NAME = re.compile(r"run_([0-9]{1,4})\Z")
DOCUMENT_FOLDERS = ("documentation", "docs", "calibration")
"""Folders of texts beside systems/ and results/."""


class ResultPaths(NamedTuple):
    """Where the parts of one result lie; a part that is absent is None or empty."""

    subject: Subject
    path: str
    model: str | None
    model_by: str
    near_model: str | None
    scenario: str | None
    near_scenario: str | None
    performance: tuple[tuple[str, str], ...]
    """(run name, path) in order of the run's number."""
    accuracy: str | None
    measurements: str | None
    descriptions: tuple[str, ...]
    audits: tuple[tuple[str, str], ...]
    power_parts: tuple[tuple[str, str], ...]
    code: tuple[str, ...]
    """Paths of which one should hold the code, best first."""


class SystemPaths(NamedTuple):
    """A system of a submitter: description, results, and the other folders named after it."""

    subject: Subject
    description: str | None
    expected_description: str
    results_folder: str | None
    folders: tuple[tuple[str, str], ...]
    results: tuple[ResultPaths, ...]


class SubmitterPaths(NamedTuple):
    """A submitter's folder in one division."""

    subject: Subject
    path: str
    systems: tuple[SystemPaths, ...]
    has_results: bool
    calibration: tuple[str, ...]
    mapping: str | None
    half_results: tuple[tuple[str, str, Subject], ...]
    documents: tuple[str, ...] = ()


class TreePaths(NamedTuple):
    """The whole tree."""

    divisions: tuple[str, ...]
    submitters: tuple[SubmitterPaths, ...]

    def results(self) -> Iterator[ResultPaths]:
        """Yield every result, in order."""
        for submitter in self.submitters:
            for system in submitter.systems:
                yield from system.results


def mapping_paths(table: FileTable, round_: Round) -> dict[tuple[str, str], str]:
    """Return (division, submitter) -> path of the submitter's model mapping file."""
    return {
        (division, submitter): path
        for division in round_.layout.root_dirs
        for submitter in _folders(table, division)
        for template in round_.layout.templates.get("model_mapping", ())
        for path, _ in matches(template, table, {"division": division, "submitter": submitter})
        if path.startswith(f"{division}/")
    }


def build_tree(
    table: FileTable, round_: Round, mappings: Mapping[tuple[str, str], Mapping[str, str]]
) -> TreePaths:
    """Give every path its part; ``mappings`` are the submitters' own model names."""
    builder = _Builder(table, round_, mappings)
    divisions = tuple(name for name in round_.layout.root_dirs if table.is_folder(name))
    submitters = tuple(
        builder.submitter(division, name)
        for division in divisions
        for name in _folders(table, division)
    )
    return TreePaths(divisions, submitters)


def _folders(table: FileTable, path: str) -> list[str]:
    return [
        name
        for name in table.names(path)
        if table.is_folder(f"{path}/{name}" if path else name) and not name.startswith(".")
    ]


class _Builder(NamedTuple):
    table: FileTable
    round: Round
    mappings: Mapping[tuple[str, str], Mapping[str, str]]

    def submitter(self, division: str, name: str) -> SubmitterPaths:
        subject = Subject(division, name)
        bound = {"division": division, "submitter": name}
        ids = self._system_ids(bound)
        systems = tuple(self._system(subject, system, bound) for system in ids)
        mapping = [
            path
            for template in self.round.layout.templates.get("model_mapping", ())
            for path, _ in matches(template, self.table, bound)
        ]
        calibration = [
            path
            for template in self.round.layout.templates.get("calibration", ())
            for path, _ in matches(template, self.table, bound)
        ]
        return SubmitterPaths(
            subject,
            f"{division}/{name}",
            systems,
            any(system.results_folder for system in systems),
            tuple(calibration),
            mapping[0] if mapping else None,
            tuple(self._half_results(bound, systems)),
            tuple(self._documents(f"{division}/{name}")),
        )

    def _documents(self, path: str) -> Iterator[str]:
        """Yield the files of a submitter's folder itself and of its documentation folder."""
        for name in self.table.names(path):
            full = f"{path}/{name}"
            if self.table.follow(full) is not None:
                yield full
            elif name.casefold().startswith(DOCUMENT_FOLDERS):
                yield from (e.path for e in self.table.below(full) if self.table.follow(e.path))

    def _stem(self, role: str) -> str | None:
        """Return the template of a role up to and with its system folder, None where absent."""
        for template in self.round.layout.templates.get(role, ()):
            head, slot, _ = template.partition("{system}")
            if slot:
                return head + slot
        return None

    def _system_ids(self, bound: Mapping[str, str]) -> list[str]:
        found: dict[str, None] = {}
        for role in ("results", "systems", "measurements", "compliance"):
            for template in self.round.layout.templates.get(role, ()):
                want = template if role == "systems" else self._stem(role)
                if want is None:
                    continue
                for path, slots in matches(want, self.table, bound):
                    is_folder = self.table.is_folder(path)
                    if is_folder != (role == "systems") and not slots["system"].startswith("."):
                        found.setdefault(slots["system"])
        return sorted(found)

    def _system(self, owner: Subject, system: str, bound: Mapping[str, str]) -> SystemPaths:
        here = {**bound, "system": system}
        subject = Subject(owner.division, owner.submitter, system)
        candidates = [fill(t, here) for t in self.round.layout.templates.get("systems", ())]
        description = next((path for path in candidates if self.table.follow(path)), None)
        stem = self._stem("results")
        results_folder = fill(stem, here) if stem else None
        if results_folder is not None and not self.table.is_folder(results_folder):
            results_folder = None
        folders = tuple(
            (role, fill(other, here))
            for role in ("measurements", "compliance")
            if (other := self._stem(role)) is not None and other != stem
            and self.table.is_folder(fill(other, here))
        )
        return SystemPaths(
            subject, description, candidates[0] if candidates else "", results_folder, folders,
            tuple(self._results(subject, here)) if results_folder else (),
        )

    def _results(self, system: Subject, bound: Mapping[str, str]) -> Iterator[ResultPaths]:
        for template in self.round.layout.templates["results"]:
            for path, slots in matches(template, self.table, bound):
                if self.table.is_folder(path) and not slots["scenario"].startswith("."):
                    yield self._result(system, path, slots)

    def _result(self, system: Subject, path: str, slots: dict[str, str]) -> ResultPaths:
        mapping = self.mappings.get((system.division, system.submitter), {})
        name = resolve_model(slots["model"], system.division, self.round, mapping)
        scenario, near = resolve_scenario(slots["scenario"], self.round)
        subject = Subject(
            system.division, system.submitter, system.system, slots["model"], slots["scenario"]
        )
        measurements = self._locate("measurements", slots, scenario)
        accuracy = self._locate("accuracy", slots, scenario)
        return ResultPaths(
            subject, path, name.model, name.by, name.near, scenario, near,
            tuple(self._runs(slots)),
            accuracy,
            measurements,
            tuple(self._descriptions(measurements, slots)) if measurements else (),
            tuple(self._audits(slots, scenario)),
            tuple(self._power(slots)),
            tuple(self._code(slots, name.model)),
        )

    def _runs(self, slots: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        found = []
        for template in self.round.layout.templates["performance"]:
            for path, bound in matches(template, self.table, slots, fold_case=self.fold_case):
                number = RUN_NAME.match(bound.get("run", ""))
                if number and self.table.is_folder(path):
                    found.append((int(number[1]), bound["run"], path))
        for _, run, path in sorted(found):
            yield run, path

    def _locate(self, role: str, slots: Mapping[str, str], scenario: str | None) -> str | None:
        """Return the folder of a role; another spelling of the same scenario is accepted."""
        for template in self.round.layout.templates.get(role, ()):
            for spelling in self._spellings(template, slots, scenario):
                here = {**slots, "scenario": spelling}
                for path, _ in matches(template, self.table, here, fold_case=self.fold_case):
                    if self.table.is_folder(path):
                        return path
        return None

    def _spellings(
        self, template: str, slots: Mapping[str, str], scenario: str | None
    ) -> Iterator[str]:
        """Yield the folder's own spelling of its scenario, then others that lie there."""
        yield slots["scenario"]
        head, slot, _ = template.partition("/{scenario}")
        if slot and scenario is not None:
            for name in self.table.names(fill(head, slots)):
                if name != slots["scenario"] and self.round.layout.scenario_of(name) == scenario:
                    yield name

    @property
    def fold_case(self) -> bool:
        """Whether folders of this round's templates are found in any case."""
        return self.round.layout.fold_case

    def _descriptions(self, folder: str, slots: Mapping[str, str]) -> Iterator[str]:
        """Yield the description files of a measurements folder; the scenario form comes first."""
        patterns = [
            fill(name, slots)
            for name in self.round.layout.required_measurements
            if name.endswith(".json")
        ]
        names = [
            name
            for name in self.table.names(folder)
            if self.table.follow(f"{folder}/{name}")
            and any(fnmatchcase(name, _glob(pattern)) for pattern in patterns)
        ]
        own = f"_{slots['scenario']}.json".casefold()
        for name in sorted(names, key=lambda item: (not item.casefold().endswith(own), item)):
            yield f"{folder}/{name}"

    def _audits(
        self, slots: Mapping[str, str], scenario: str | None
    ) -> Iterator[tuple[str, str]]:
        for template in self.round.layout.templates.get("compliance", ()):
            parent, slot, _ = template.partition("/{test}")
            for spelling in self._spellings(template, slots, scenario):
                folder = fill(parent, {**slots, "scenario": spelling})
                names = [name for name in _folders(self.table, folder) if AUDIT_NAME.match(name)]
                if slot and names:
                    yield from ((name, f"{folder}/{name}") for name in names)
                    return

    def _power(self, slots: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        for role in ("power", "ranging"):
            for template in self.round.layout.templates.get(role, ()):
                path = fill(template, slots)
                if self.table.is_folder(path):
                    yield role, path

    def _code(self, slots: Mapping[str, str], model: str | None) -> Iterator[str]:
        """Yield the places that may hold the code of a benchmark, best first."""
        names = [slots["model"]]
        if model is not None:
            names += [model, *self.round.models[model].aliases]
        for template in self.round.layout.templates.get("code", ()):
            head = template.removesuffix("/{implementation}")
            for name in dict.fromkeys(names):
                yield fill(head, {**slots, "model": name})
                if "{model}" not in head:
                    break

    def _half_results(
        self, bound: Mapping[str, str], systems: tuple[SystemPaths, ...]
    ) -> Iterator[tuple[str, str, Subject]]:
        """Yield (role, path, subject) of measurements and audits that belong to no result."""
        known = {
            (result.subject.system, result.subject.benchmark, result.scenario)
            for system in systems
            for result in system.results
        }
        with_results = {system.subject.system for system in systems if system.results_folder}
        for role in ("measurements", "compliance"):
            for template in self.round.layout.templates.get(role, ()):
                head, slot, _ = template.partition("{scenario}")
                if not slot or template in self.round.layout.templates["results"]:
                    continue
                for path, slots in matches(head + slot, self.table, bound):
                    scenario = self.round.layout.scenario_of(slots["scenario"])
                    key = (slots["system"], slots["model"], scenario)
                    if scenario is None or key in known or not self.table.is_folder(path):
                        continue
                    if slots["system"] not in with_results:
                        continue
                    subject = Subject(
                        bound["division"], bound["submitter"], slots["system"], slots["model"],
                        slots["scenario"],
                    )
                    yield role, path, subject


def _glob(pattern: str) -> str:
    """Return a pattern in which only ``*`` is special."""
    return re.sub(r"([\[\]?])", r"[\1]", pattern)
