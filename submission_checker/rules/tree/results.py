"""TREE018-034: systems, benchmarks, scenarios, runs and their files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from glob import escape

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.files import Folder
from submission_checker.model.findings import Level, Location, Subject
from submission_checker.model.run import Run
from submission_checker.model.subjects import ResultFacts, SubmitterSubject, SystemSubject
from submission_checker.model.submission import LOADGEN, Result
from submission_checker.rules.texts import listed, quote, suggestion
from submission_checker.tree.names import near

CHECKER = "submission checker of the round"
ACCURACY_LOG = "mlperf_log_accuracy.json"


@rule(
    id="TREE018", name="system-description-exists", title="Every system is described",
    level=Level.ERROR, scope=Scope.SYSTEM,
    why="a result without the description of its system cannot be published",
    fix="add the system description under exactly the name of the results folder",
    source=CHECKER, key="layout.templates",
)
def system_description_exists(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """For each folder in results/ there is a description of exactly that name."""
    description = system.description
    if description.has_results and description.document is None:
        near = description.near
        yield Fault(Location(description.path), "no such file",
                    f"a description of system {quote(description.id)}{suggestion(near)}",
                    absent=True, fix=f"rename {quote(near)} if it is meant" if near else None)


@rule(
    id="TREE019", name="system-without-results", title="Every system has results",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.SYSTEM,
    why="a description, measurements or audits without results are leftovers or a lost result",
    fix="add the results of this system, or remove its other files",
    source=f"{CHECKER}; mlcommons/inference#891",
)
def system_without_results(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """Descriptions and other folders of a system come with results."""
    description = system.description
    if description.has_results:
        return
    if description.document is not None:
        yield Fault(Location(description.path), "a description without results",
                    f"results of system {quote(description.id)}", subcode="systems")
    for role, path in description.folders:
        yield Fault(Location(path), f"{role} without results",
                    f"results of system {quote(description.id)}", subcode=role,
                    level=None if role == "measurements" else Level.WARNING)


@rule(
    id="TREE020", name="benchmark-name", title="The benchmark is a model of the round",
    level=Level.ERROR, scope=Scope.RESULT,
    why="limits and targets are known only for the models of the round",
    fix="rename the folder to the model, or map it in model_mapping.json (open division)",
    source=CHECKER, key="models",
)
def benchmark_name(result: Result, context: Context) -> Iterator[Fault]:
    """The benchmark folder resolves to a model."""
    if result.model is None:
        yield Fault(Location(result.path.rpartition("/")[0]),
                    f"benchmark folder {quote(result.subject.benchmark)}",
                    f"a model of {context.round.name}{suggestion(result.near_model)}")


@rule(
    id="TREE022", name="model-of-suite", title="The model is offered for the system type",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.RESULT,
    requires=("TREE020",),
    why="each suite has its own benchmarks",
    fix="correct system_type, or leave this benchmark out",
    source=f"{CHECKER}; inference_policies inference_rules.adoc", key="models.*.system_types",
)
def model_of_suite(result: Result, context: Context) -> Iterator[Fault]:
    """The round offers the model for the declared system type."""
    declared = result.system_type
    if declared is None:
        raise Skip("the system type is not known")
    if context.model.scenarios(declared) is None:
        offered = ", ".join(context.model.system_types) or "none"
        yield Fault(Location(result.path),
                    f"{context.model.name} on a system of type {quote(declared)}",
                    f"a system of type {offered} "
                    f"({context.cite(context.model_key('system_types'))})")


@rule(
    id="TREE023", name="required-scenarios", title="All required scenarios are there and valid",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.SYSTEM,
    why="a benchmark is submitted with all its scenarios, so that none can be picked",
    fix="add the missing scenario (run it, or infer it where the round allows)",
    source="inference_policies inference_rules.adoc, required scenarios",
    key="models.*.system_types",
)
def required_scenarios(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """Every required scenario of each benchmark has a valid result."""
    declared = system.description.system_type
    if declared is None:
        raise Skip("the system type is not known")
    by_benchmark: dict[tuple[str, str], list[ResultFacts]] = {}
    for result in system.results:
        if result.model is not None and result.scenario is not None:
            by_benchmark.setdefault((result.subject.benchmark, result.model), []).append(result)
    for (benchmark, name), have in by_benchmark.items():
        lists = context.round.models[name].scenarios(declared)
        folder = next(r.path for r in system.results if r.subject.benchmark == benchmark)
        for choice in lists.required if lists else ():
            there = [result for result in have if result.scenario in choice]
            if any(result.valid for result in there):
                continue
            broken = any(result.errors for result in there)
            found = "present but not valid" if broken else (
                "present but incomplete" if there else "absent")
            subject = system.description.subject
            yield Fault(
                Location(folder.rpartition("/")[0]), f"{' or '.join(choice)} {found}",
                f"a valid result for {' or '.join(choice)} on {declared} systems "
                f"({context.cite(f'models.{name}.system_types')})",
                subcode="/".join((benchmark, *choice)), absent=not broken,
                subject=Subject(subject.division, subject.submitter, subject.system, benchmark),
            )


@rule(
    id="TREE024", name="known-scenario", title="The scenario is offered for the model and suite",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RESULT,
    requires=("TREE020", "TREE022", "TREE025"),
    why="the round has no such result for this model and system type",
    fix="leave this scenario out, or correct system_type",
    source=CHECKER, key="models.*.system_types",
)
def known_scenario(result: Result, context: Context) -> Iterator[Fault]:
    """The scenario is required or optional for the model on this system type."""
    declared = result.system_type
    lists = context.model.scenarios(declared) if declared is not None else None
    if lists is None:
        raise Skip("the model is not offered for the system type")
    offered = [name for choice in lists.required for name in choice] + list(lists.optional)
    if context.scenario not in offered:
        yield Fault(Location(result.path), f"scenario {context.scenario}",
                    f"one of {', '.join(dict.fromkeys(offered))} for {context.model.name} on "
                    f"{declared} ({context.cite(context.model_key('system_types'))})")


@rule(
    id="TREE025", name="scenario-spelling", title="The scenario folder is spelled officially",
    level=Level.ERROR, scope=Scope.RESULT,
    why="a folder with another name is no scenario of the round",
    fix="rename the folder to the official spelling",
    source=CHECKER, key="layout.scenario_folder_names",
)
def scenario_spelling(result: Result, context: Context) -> Iterator[Fault]:
    """The folder's name is the official spelling or its lower-case form."""
    if result.scenario is None:
        official = dict.fromkeys(context.round.layout.scenario_folders.values())
        yield Fault(Location(result.path), f"scenario folder {quote(result.scenario_folder)}",
                    f"one of {', '.join(official)} "
                    f"({context.cite('layout.scenario_folder_names')})"
                    f"{suggestion(result.near_scenario)}")


@rule(
    id="TREE027", name="number-of-runs", title="Every required performance run is there",
    level=Level.ERROR, scope=Scope.RESULT, requires=("TREE025",),
    why="the rules of the round want this many runs of the scenario",
    fix="add the missing runs as run_1, run_2, ...",
    source="MLPerf Inference paper, section III-D; submission checker of the round",
    key="layout.performance_runs",
)
def number_of_runs(result: Result, context: Context) -> Iterator[Fault]:
    """``performance/run_1 ... run_n`` exist; of several, other numbers are a warning."""
    need = context.round.layout.runs_of(context.scenario)
    have = {run.name for run in result.performance}
    wanted = [f"run_{number}" for number in range(1, need + 1)]
    missing = [name for name in wanted if name not in have]
    cite = context.cite("layout.performance_runs")
    enough = len(have) >= need > 1
    if have and missing:
        folder = f"{result.path}/performance"
        yield Fault(Location(folder), f"no {listed(missing, 5)}",
                    f"{need} run{'s' if need > 1 else ''} ({cite})", absent=not enough,
                    level=Level.WARNING if enough else None)
    for name in sorted(have.difference(wanted)):
        yield Fault(Location(f"{result.path}/performance/{name}"), f"an extra run {quote(name)}",
                    f"{need} run{'s' if need > 1 else ''} ({cite})", subcode=name,
                    level=Level.INFO)


def missing_and_extra(
    folder: Folder, required: Iterable[str], tolerated: Iterable[str]
) -> tuple[list[str], list[str]]:
    """Return (required files that are absent, files that are neither required nor tolerated)."""
    required, tolerated = tuple(required), tuple(tolerated)
    missing = [name for name in required if name not in folder.files]
    extra = [
        name for name in folder.files
        if name not in required and not any(fnmatchcase(name, p) for p in tolerated)
    ]
    return missing, extra


def _file_faults(
    folder: Folder, required: Iterable[str], tolerated: Iterable[str], cite: str
) -> Iterator[Fault]:
    missing, extra = missing_and_extra(folder, required, tolerated)
    for name in missing:
        close = near(name, extra)
        yield Fault(Location(f"{folder.path}/{name}"), "no such file",
                    f"{quote(name)} ({cite})", subcode=name, absent=True,
                    fix=f"rename {quote(close)}" if close else None)
    for name in extra:
        yield Fault(Location(f"{folder.path}/{name}"), f"an extra file {quote(name)}",
                    f"only {listed(required, 6)} ({cite})", subcode=name, level=Level.WARNING,
                    why="files that nobody asked for hide the ones that count",
                    fix="remove the file")


def pipeline_logs(result: Result) -> list[str]:
    """Return patterns of the names of logs that the model's pipeline writes (MEAS028)."""
    return [escape(log.path.rpartition("/")[2]) for log in result.pipeline]


@rule(
    id="TREE028", name="performance-files", title="The performance run has its files",
    level=Level.ERROR, scope=Scope.RUN,
    why="the result is decided from these files",
    fix="add the file as LoadGen wrote it",
    source=CHECKER, key="layout.required_files.performance",
)
def performance_files(run: Run, context: Context) -> Iterator[Fault]:
    """The required files are present, and no others."""
    layout = context.round.layout
    power = ("spl.txt",) if context.judged.power is not None else ()
    yield from _file_faults(
        run.folder, layout.required_performance,
        (*layout.optional_files, ACCURACY_LOG, *power, *pipeline_logs(context.judged)),
        context.cite("layout.required_files.performance"),
    )


@rule(
    id="TREE029", name="accuracy-files", title="The accuracy run has its files",
    level=Level.ERROR, scope=Scope.RESULT,
    why="the quality of the result is decided from these files",
    fix="add the file as LoadGen and the accuracy script wrote it",
    source=CHECKER, key="layout.required_files.accuracy",
)
def accuracy_files(result: Result, context: Context) -> Iterator[Fault]:
    """The required files are present, and no others."""
    if result.accuracy is None:
        raise Skip("no accuracy run")
    layout = context.round.layout
    yield from _file_faults(
        result.accuracy.run.folder, layout.required_accuracy,
        (*layout.optional_files, *pipeline_logs(result)),
        context.cite("layout.required_files.accuracy"),
    )


@rule(
    id="TREE030", name="files-not-empty", title="No required file is empty",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.RESULT,
    why="an empty file shows nothing",
    fix="submit the file with its content",
    source=CHECKER, key="layout.required_files",
)
def files_not_empty(result: Result, context: Context) -> Iterator[Fault]:
    """Required logs and texts have a size above 0; those of extra runs decide nothing."""
    layout = context.round.layout
    counted = result.performance[: layout.runs_of(result.scenario or "")]
    folders = [(run.folder, layout.required_performance) for run in counted]
    if result.accuracy is not None:
        folders.append((result.accuracy.run.folder, layout.required_accuracy))
    for folder, required in folders:
        for name in required:
            performance_log = name == ACCURACY_LOG and required is layout.required_performance
            if folder.size(name) == 0 and not performance_log:
                yield Fault(Location(f"{folder.path}/{name}"), "0 bytes", "a file with content",
                            subcode=name, absent=True)


@rule(
    id="TREE031", name="content-not-pointer", title="Files hold their content",
    level=Level.ERROR, scope=Scope.RESULT,
    why="a pointer of large-file storage or an error page stands where the content should be",
    fix="commit the file itself",
    source="own",
)
def content_not_pointer(result: Result, context: Context) -> Iterator[Fault]:
    """No file of a result is a large-file pointer or an HTML page."""
    for problem in result.problems:
        if problem.kind in ("lfs-pointer", "html"):
            yield Fault(problem.at, problem.text, "the file's content", absent=True)


@rule(
    id="TREE032", name="text-encoding", title="Texts are plain UTF-8",
    level=Level.WARNING, scope=Scope.RESULT,
    why="another encoding or other line ends show that a file was opened and saved again",
    fix="submit the file as it was written",
    source="own; measured on the published results of v0.5",
)
def text_encoding(result: Result, context: Context) -> Iterator[Fault]:
    """Logs, confs and JSON decode as UTF-8 without byte order mark, NUL bytes and CR LF."""
    for problem in result.problems:
        if problem.kind in ("bom", "utf-16", "nul", "crlf", "not-utf-8"):
            yield Fault(problem.at, problem.text, "UTF-8 with LF line ends",
                        subcode=problem.kind)


@rule(
    id="TREE034", name="whole-result", title="A result has all of its parts",
    level=Level.ERROR, scope=Scope.SUBMITTER,
    why="speed counts only together with the quality at which it was reached, and measurements "
        "or audits without a result are a lost result",
    fix="add the missing part, or remove what was left",
    source=f"{CHECKER}; mlcommons/inference#891", key="layout.templates",
)
def whole_result(submitter: SubmitterSubject, context: Context) -> Iterator[Fault]:
    """Every result has performance and accuracy; other parts belong to a result."""
    for system in submitter.systems:
        for result in system.results:
            if result.harness != LOADGEN:  # ENDP001 and ENDP003 name the files it lacks
                continue
            if not result.has_performance:
                yield Fault(Location(f"{result.path}/performance"), "no performance run",
                            "performance/run_1", subcode="performance", absent=True,
                            subject=result.subject)
            if not result.has_accuracy:
                yield Fault(Location(f"{result.path}/accuracy"), "no accuracy run",
                            "accuracy/", subcode="accuracy", absent=True, subject=result.subject)
    for role, path, subject in submitter.half_results:
        yield Fault(Location(path), f"{role} without a result",
                    f"results for {quote(subject.benchmark)} {subject.scenario}", subcode=role,
                    subject=subject, level=None if role == "measurements" else Level.WARNING)
