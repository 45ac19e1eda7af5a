"""A submission as rules see it: submitters, systems, results, runs, audits, measurements."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from submission_checker.model.beside import Beside
from submission_checker.model.changes import RepositoryFacts
from submission_checker.model.derived import Derives
from submission_checker.model.files import FileTable, Folder
from submission_checker.model.findings import Location, Subject
from submission_checker.model.line_ends import ChangedLineEnds, LineEnds
from submission_checker.model.pipeline import PipelineLog
from submission_checker.model.power import PowerPart
from submission_checker.model.private import PrivateHit
from submission_checker.model.run import Run
from submission_checker.model.run_facts import RunFacts

if TYPE_CHECKING:
    from submission_checker.model.endpoints import EndpointsPart

LOADGEN = "loadgen"
ENDPOINTS = "endpoints"
"""The harnesses that a result can come from."""


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
        pointer = "/" + name.replace("~", "~0").replace("/", "~1")
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


class MetricLine(NamedTuple):
    """A quality value found in accuracy.txt."""

    metric: str
    value: float
    text: str
    line: int


class AccuracyText(NamedTuple):
    """accuracy.txt: the values of the model's metrics and the hash lines."""

    path: str
    values: tuple[MetricLine, ...]
    hashes: tuple[tuple[int, str], ...]
    lines: tuple[str, ...]
    problem: str | None = None


class LogEntry(NamedTuple):
    """One visible record of mlperf_log_accuracy.json."""

    seq_id: int
    qsl_idx: int
    data_hex: str
    complete: bool
    token_count: int | None = None
    token_hex: str | None = None
    line: int | None = None


class Coverage(NamedTuple):
    """Which samples the records of an accuracy log answer."""

    entries: int
    distinct: int
    highest: int
    first_missing: int
    first_repeated: int | None
    sequence_repeated: int | None
    """First ``seq_id`` that stands twice."""
    whole_lines: bool
    """Whether the log is one record per line between its brackets."""
    tokens: int | None
    """Sum of ``token_count``, None where not every record has one."""
    order: tuple[array[int], array[int]] | None = None
    """``seq_id`` and ``qsl_idx`` of every record in file order, None where they are too many."""


class AccuracyLog(NamedTuple):
    """mlperf_log_accuracy.json: size, hash and what is visible of it (head and tail)."""

    path: str
    size_bytes: int
    sha256: str | None
    """None where no text names a hash and no other log is as long."""
    truncated: bool
    entries: tuple[LogEntry, ...]
    starts_well: bool
    ends_well: bool
    marker_at: int | None
    problem: str | None = None
    coverage: Coverage | None = None
    """Set for a whole log."""
    by_line_ends: LineEnds | None = None
    """SHA-256 with other line ends, for a whole log whose hash is not that of accuracy.txt."""

    @property
    def identity(self) -> str:
        """What equal logs share: the hash, or the own path where no other log is as long."""
        return self.sha256 or self.path

    @property
    def complete(self) -> bool:
        """Whether the log is whole, from its first bracket to its last."""
        return (not self.truncated and self.starts_well and self.ends_well
                and self.coverage is not None and self.coverage.whole_lines)


class AccuracyRun(NamedTuple):
    """The accuracy part of a result."""

    run: Run
    text: AccuracyText | None
    log: AccuracyLog | None
    artefacts: Mapping[str, tuple[str, ...]]
    """Sub-folder of ``accuracy/`` -> names of its files."""


class JoinedAnswers(NamedTuple):
    """The answers of an audit's whole log beside those of the whole accuracy log, by sample."""

    audit_entries: int
    accuracy_entries: int
    compared: int
    differing: int
    unknown: int
    """Entries of the audit whose sample the accuracy run did not answer."""
    contradictory: int
    """Further answers of the accuracy run to one sample that differ from its first."""
    first_differing: tuple[int, ...]
    """Samples of the first entries that differ."""
    problems: tuple[str, ...]
    """What makes one of the logs no complete log."""


@dataclass(frozen=True, slots=True)
class Audit:
    """A submitted audit of a result: its runs and the texts of its verdict."""

    test: str
    path: str
    folder: Folder
    files: Mapping[str, int]
    """Path relative to the audit folder -> size in bytes."""
    run: Run | None
    texts: Mapping[str, TextFile]
    accuracy: AccuracyRun | None
    quality: Mapping[str, AccuracyText] = field(default_factory=dict)
    """Name of a further quality text in ``accuracy/`` -> its values (sampled answers of TEST01)."""
    joined: JoinedAnswers | None = None
    """Set where both logs are whole and too long to be seen at once."""


class Measurements(NamedTuple):
    """The measurements part of a result; the same folder as the result in v6 layouts."""

    path: str
    folder: Folder | None
    descriptions: tuple[str, ...]
    description: JsonFile | None
    user_conf: ConfFile | None
    mlperf_conf: ConfFile | None
    code: str | None
    """The first of the folders looked for that is there, or a file that names one."""
    code_looked_for: tuple[str, ...]
    readme: TextFile | None = None
    """README.md of the measurements; None where it is absent or too large to be read."""


class SystemDescription(NamedTuple):
    """A system of a submitter: its description and the folders that belong to it."""

    subject: Subject
    id: str
    path: str
    document: JsonFile | None
    system_type: str | None
    """Declared system type in the round's canonical spelling, None where it cannot be told."""
    has_results: bool
    folders: tuple[tuple[str, str], ...]
    """(role, path) of measurements and compliance folders of this system."""
    private_id: JsonFile | None = None
    near: str | None = None
    """Name of a description that has no results, where it is nearly that of this system."""
    nameplate: JsonFile | None = None
    """The supplies of the system and its parts."""


@dataclass(frozen=True, slots=True)
class Result(Derives):
    """One result: a system, a benchmark and a scenario, with everything submitted for it."""

    subject: Subject
    path: str
    model: str | None
    """Model of the round that the benchmark folder resolves to, None where it does not."""
    model_by: str
    """How it resolved: ``name``, ``alias``, ``mapping``, ``substring`` or ``unknown``."""
    near_model: str | None
    scenario: str | None
    """Official scenario of the folder, None where the folder's name is none."""
    scenario_folder: str
    near_scenario: str | None
    system: SystemDescription
    folder: Folder
    performance: tuple[Run, ...]
    accuracy: AccuracyRun | None
    audits: Mapping[str, Audit]
    measurements: Measurements
    power: PowerPart | None
    problems: Sequence[Problem] = ()
    private: tuple[PrivateHit, ...] = ()
    harness: str = LOADGEN
    """What measured the result; one of the endpoints harness has no runs, accuracy and audits."""
    endpoints: EndpointsPart | None = None
    """Files of the endpoints harness, also where LoadGen's logs stand beside them."""
    pipeline: tuple[PipelineLog, ...] = ()
    """Detailed logs of the model's retrieval pipeline, where the round wants one."""
    _derived: dict[Hashable, Any] = field(
        default_factory=dict, init=False, compare=False, repr=False)

    @property
    def system_type(self) -> str | None:
        """The declared system type."""
        return self.system.system_type

    @property
    def run(self) -> Run | None:
        """The first performance run."""
        return self.performance[0] if self.performance else None

    def other_runs(self) -> Iterator[tuple[str, Run]]:
        """Yield (name, run) of the runs submitted beside the performance runs, if they have a log.

        The names are ``accuracy``, and for audits ``TEST01`` and ``TEST01/accuracy``.
        """
        named = [("accuracy", self.accuracy.run if self.accuracy is not None else None)]
        for test, audit in self.audits.items():
            part = audit.accuracy.run if audit.accuracy is not None else None
            named += [(test, audit.run), (f"{test}/accuracy", part)]
        for name, run in named:
            if run is not None and run.log is not None:
                yield name, run


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
