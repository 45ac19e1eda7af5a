"""MEAS013, 025: code that others can run, and a text about what an open result changed."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.subjects import ResultFacts, SubmitterSubject
from submission_checker.model.submission import LOADGEN
from submission_checker.rules.texts import counted

POLICY = "policies submission_rules.adoc, Source code requirements"


@rule(
    id="MEAS013", name="code-is-code", title="The code folder holds code that calls LoadGen",
    level=Level.WARNING, scope=Scope.SUBMITTER,
    why="a result counts only if others can repeat it, and its timing is LoadGen's",
    fix="add the sources that were run, with the calls of LoadGen",
    source=f"{POLICY}; mlcommons/logging#243", key="layout.templates.code",
)
def code_is_code(submitter: SubmitterSubject, context: Context) -> Iterator[Fault]:
    """The folder holds a source or build file, and one of the sources names LoadGen's API.

    Nothing calls LoadGen where every result comes from the endpoints harness.
    """
    code = submitter.code
    if not submitter.has_results or not code.files:
        raise Skip("no results or no code folder (MEAS012)")
    at = Location(code.paths[0])
    if not code.sources:
        yield Fault(at, f"{counted(code.files, 'file')}, none of them a source or build file",
                    "the sources of the system under test", subcode="sources", absent=True)
    elif (harnesses := {r.harness for system in submitter.systems for r in system.results}) and (
        LOADGEN not in harnesses
    ):
        return
    elif code.names_loadgen is None and not code.searched_all:
        raise Skip("more code than is searched")
    elif code.names_loadgen is None:
        yield Fault(at, f"{counted(code.sources, 'source')}, none of which names LoadGen",
                    "mlperf_loadgen, loadgen.h or QuerySamplesComplete in one of them",
                    subcode="loadgen")


@rule(
    id="MEAS025", name="open-changes-told", title="A text says what an open result changed",
    level=Level.WARNING, scope=Scope.SUBMITTER,
    when=lambda submitter, context: None if context.division == "open" else "only in open",
    why="an open result may change model and data; readers must be told how",
    fix="write into a README how the result departs from the closed rules",
    source="MLPerf Inference paper, section V-A; inference_rules.adoc, Open division",
)
def open_changes_told(submitter: SubmitterSubject, context: Context) -> Iterator[Fault]:
    """Each open result has a README with content, in its measurements or with its code."""
    results = [result for system in submitter.systems for result in system.results]
    silent = [result for result in results if not _told(result, submitter)]
    if silent:
        yield Fault(Location(silent[0].path),
                    f"no README with content for {counted(len(silent), 'result')}",
                    "a text about what differs from the closed division", absent=True,
                    evidence=tuple(result.path for result in silent))


def _told(result: ResultFacts, submitter: SubmitterSubject) -> bool:
    if result.measurements.readme_bytes:
        return True
    folders = {f"/{name}/" for name in (result.subject.benchmark, result.model) if name}
    return any(
        any(folder in path for folder in folders) or path.rpartition("/")[0] in submitter.code.paths
        for path in submitter.code.readmes
    )
