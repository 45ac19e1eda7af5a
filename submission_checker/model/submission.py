"""A result as rules see it: its system, runs, audits and measurements."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from submission_checker.model.accuracy import AccuracyRun, AccuracyText, JoinedAnswers
from submission_checker.model.derived import Derives
from submission_checker.model.documents import ConfFile, JsonFile, Problem, TextFile
from submission_checker.model.files import Folder
from submission_checker.model.findings import Subject
from submission_checker.model.pipeline import PipelineLog
from submission_checker.model.power import PowerPart
from submission_checker.model.private import PrivateHit
from submission_checker.model.run import Run

if TYPE_CHECKING:
    from submission_checker.model.endpoints import EndpointsPart

LOADGEN = "loadgen"
ENDPOINTS = "endpoints"
"""The harnesses that a result can come from."""


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
