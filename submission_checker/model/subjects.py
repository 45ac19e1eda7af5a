"""What rules beyond one result see: systems, submitters, the tree, and facts of results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from submission_checker.model.beside import Beside
from submission_checker.model.changes import RepositoryFacts
from submission_checker.model.documents import JsonFile, Problem
from submission_checker.model.files import FileTable, Folder
from submission_checker.model.findings import Location, Subject
from submission_checker.model.line_ends import ChangedLineEnds
from submission_checker.model.private import PrivateHit
from submission_checker.model.run_facts import LogFacts, RunFacts
from submission_checker.model.submission import LOADGEN, SystemDescription


class MeasurementFacts(NamedTuple):
    """What rules about a submitter need of the measurements of each result."""

    weight_types: str = ""
    """The description's weight data types as text."""
    readme: str | None = None
    """Path of the README, None where there is none that could be read."""
    readme_bytes: int = 0
    readme_has_command: bool = False
    readme_names_bandwidth: bool = False
    weights: str = ""
    """What the description names as the weights that were started from."""
    weights_judged: bool = False
    """Whether official names of the model's weights are known and the description names some."""
    odd_weights_at: Location | None = None
    """Where the weights are named, if that resembles no official name."""


NO_FACTS = MeasurementFacts()


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """The small record of a result that rules across results work on."""

    subject: Subject
    path: str
    model: str | None
    scenario: str | None
    scenario_folder: str
    log_scenario: str | None
    has_performance: bool
    has_accuracy: bool
    errors: int
    absences: int
    value: float | None
    unit: str | None
    inferred: bool
    seeds: tuple[int, int, int] | None
    detail_identity: str | None
    accuracy_identity: str | None
    identity: tuple[str, str] | None
    """(test_datetime, power_begin) of the performance run."""
    audits: Mapping[str, str] = field(default_factory=dict)
    """Test -> digest over the logs and texts of a submitted audit."""
    offers: Mapping[str, float] = field(default_factory=dict)
    """Scenario -> number that the round's inferences give for it from this measured result."""
    has_power: bool = False
    measurements: MeasurementFacts = NO_FACTS
    runs: tuple[RunFacts, ...] = ()
    accuracy_hash: str | None = None
    """Hash of the accuracy log as accuracy.txt names it."""
    power: float | None = None
    power_session: str | None = None
    """Name of the power session in server.json."""
    harness: str = LOADGEN
    line_ends: tuple[ChangedLineEnds, ...] = ()
    """Files whose recorded hash is that with other line ends."""
    logs: tuple[LogFacts, ...] = ()
    """Logs of accuracy runs and audits that another log of the tree may equal."""

    @property
    def valid(self) -> bool:
        """Whether nothing was found against the result itself."""
        return self.has_performance and not self.errors and not self.absences


class SystemSubject(NamedTuple):
    """A system together with the facts of its results, for rules of scope ``system``."""

    description: SystemDescription
    results: tuple[ResultFacts, ...]


class CodeFacts(NamedTuple):
    """What the code folders of a submitter hold."""

    paths: tuple[str, ...]
    """The folders, as the round's templates name them."""
    files: int = 0
    sources: int = 0
    """Files that are source or build files by their names."""
    readmes: tuple[str, ...] = ()
    """Paths of READMEs that are not empty."""
    names_loadgen: str | None = None
    """Path of the first file that calls LoadGen, None where none was found."""
    searched_all: bool = True
    """Whether every source was searched, each up to the limit per file."""


class SubmitterSubject(NamedTuple):
    """A submitter's folder in one division, for rules of scope ``submitter``."""

    subject: Subject
    path: str
    folder: Folder
    systems: tuple[SystemSubject, ...]
    has_results: bool
    calibration: tuple[str, ...]
    mapping: JsonFile | None
    half_results: tuple[tuple[str, str, Subject], ...]
    """(role, path, subject) of measurements or audits without a result."""
    documents: tuple[str, ...] = ()
    """Paths of the files beside the systems and results, and in the documentation folder."""
    code: CodeFacts = CodeFacts(())


@dataclass(frozen=True, slots=True)
class TreeSubject:
    """The whole tree, for rules of scope ``tree``."""

    table: FileTable
    divisions: tuple[str, ...]
    submitters: tuple[SubmitterSubject, ...]
    role_folders: frozenset[str]
    """Names of the folders below a submitter that hold systems, benchmarks and scenarios."""
    problems: tuple[Problem, ...]
    """What could not be read anywhere in the tree."""
    seeds: Mapping[tuple[int, int, int], int]
    """Seed triple -> performance logs that carry it."""
    private: tuple[PrivateHit, ...] = ()
    """What files tell that their submitter may not have wanted to publish."""
    repository: RepositoryFacts = field(default_factory=RepositoryFacts)
    beside: Beside = field(default_factory=Beside)
    """What the tree is held against."""

    def subject_of(self, path: str) -> Subject:
        """Return the narrowest subject that a path belongs to."""
        parts = path.split("/")
        if parts[0] not in self.divisions:
            return Subject()
        named = parts[:2]
        if len(parts) > 3 and parts[2] in self.role_folders:
            named += [
                part for depth, part in enumerate(parts[3:6], start=4)
                if self.table.is_folder("/".join(parts[:depth]))
            ]
        return Subject(*named) if self.table.is_folder("/".join(parts[:2])) else Subject(parts[0])
