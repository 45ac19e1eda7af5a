"""Build the subjects of rules: results with their runs, systems, submitters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from submission_checker.intake.endpoints import load_endpoints
from submission_checker.intake.pipeline import load_pipeline
from submission_checker.intake.power import load_power
from submission_checker.intake.reading import (
    ACCURACY_LOG,
    ACCURACY_TEXT,
    DETAIL_LOG,
    Reader,
)
from submission_checker.logs.accuracy_log import WINDOW_BYTES
from submission_checker.logs.line_ends import hashes_by_line_ends
from submission_checker.model.accuracy import AccuracyLog, AccuracyRun, AccuracyText, JoinedAnswers
from submission_checker.model.documents import JsonFile, TextFile
from submission_checker.model.files import FileTable
from submission_checker.model.submission import (
    LOADGEN,
    Audit,
    Measurements,
    Result,
    SystemDescription,
)
from submission_checker.rounds.types import Layout, Model, Round
from submission_checker.tree.build import ResultPaths, SystemPaths
from submission_checker.tree.names import canonical_system_type, near
from submission_checker.tree.templates import fill

CODE_POINTER_BYTES = 512
"""A file ``code/<benchmark>`` that names another folder is one short line."""

README = "README.md"
README_BYTES = 256 << 10
"""Longer texts are not read for the few words that rules look for."""


TRACES = "traces"
"""What a rule that reads traces names."""


def load_system(paths: SystemPaths, reader: Reader, round_: Round) -> SystemDescription:
    """Return a system with its parsed description."""
    document = reader.json(paths.description)
    declared = document.get("system_type") if document is not None else None
    system_type = None
    if isinstance(declared, str):
        system_type = canonical_system_type(declared, round_)
    elif not round_.system.system_type_required:
        system_type = "any"
    return SystemDescription(
        paths.subject, paths.subject.system, paths.description or paths.expected_description,
        document, system_type, paths.results_folder is not None, paths.folders,
        _private_id(paths, reader, round_), _near(paths, reader) if document is None else None,
        _nameplate(paths, reader, round_),
    )


def _near(paths: SystemPaths, reader: Reader) -> str | None:
    """Return the description whose name is nearest to one that is absent."""
    folder, _, name = paths.expected_description.rpartition("/")
    close = near(name, reader.table.names(folder)) if folder else None
    return close if close != name else None


def _private_id(paths: SystemPaths, reader: Reader, round_: Round) -> JsonFile | None:
    found = (reader.json(path) for path in _of_system("private_id", paths, round_))
    return next((file for file in found if file is not None), None)


def _nameplate(paths: SystemPaths, reader: Reader, round_: Round) -> JsonFile | None:
    found = (reader.yaml(path) for path in _of_system("nameplate_power", paths, round_))
    return next((file for file in found if file is not None), None)


def _of_system(role: str, paths: SystemPaths, round_: Round) -> Iterator[str]:
    """Yield the paths of a role's templates for a system."""
    s = paths.subject
    slots = {"division": s.division, "submitter": s.submitter, "system": s.system}
    return (fill(template, slots) for template in round_.layout.templates.get(role, ()))


def load_result(
    paths: ResultPaths, system: SystemDescription, reader: Reader, round_: Round,
    *, wanted: frozenset[str] = frozenset(),
) -> Result:
    """Return a result with every run, audit and text read.

    ``wanted`` names what is costly and read only for rules that ask for it.
    """
    reader.problems.clear()
    reader.private.clear()
    model = round_.models.get(paths.model) if paths.model else None
    harness, endpoints = load_endpoints(paths, reader, round_)
    if harness != LOADGEN:
        paths = paths._replace(performance=(), accuracy=None, audits=())
    traced = TRACES in wanted
    performance = tuple(
        reader.run(name, path, traced=traced) for name, path in paths.performance)
    accuracy = _accuracy(paths.accuracy, model, paths.scenario, reader, covers=True)
    audits = {
        test: _audit(test, path, model, paths.scenario, accuracy, reader, round_.layout)
        for test, path in paths.audits
    }
    measurements = _measurements(paths, reader)
    return replace(
        _named(paths, system, reader),
        performance=performance,
        accuracy=accuracy,
        audits=audits,
        measurements=measurements,
        power=load_power(paths, reader),
        problems=tuple(reader.problems),
        private=tuple(reader.private),
        harness=harness,
        endpoints=endpoints,
        pipeline=load_pipeline(paths, model, reader),
    )


def _named(paths: ResultPaths, system: SystemDescription, reader: Reader) -> Result:
    """Return a result of which nothing is read yet."""
    return Result(
        subject=paths.subject,
        path=paths.path,
        model=paths.model,
        model_by=paths.model_by,
        near_model=paths.near_model,
        scenario=paths.scenario,
        scenario_folder=paths.subject.scenario,
        near_scenario=paths.near_scenario,
        system=system,
        folder=reader.folder(paths.path),
        performance=(),
        accuracy=None,
        audits={},
        measurements=Measurements("", None, (), None, None, None, None, ()),
        power=None,
        problems=(),
    )


def load_runs(
    paths: ResultPaths, system: SystemDescription, reader: Reader, round_: Round
) -> Result:
    """Return a result with its performance runs and power only: enough for its number."""
    reader.problems.clear()
    harness, endpoints = load_endpoints(paths, reader, round_)
    runs = paths.performance if harness == LOADGEN else ()
    return replace(
        _named(paths, system, reader),
        performance=tuple(reader.run(name, path) for name, path in runs),
        power=load_power(paths, reader),
        problems=tuple(reader.problems),
        harness=harness,
        endpoints=endpoints,
    )


def metric_patterns(model: Model | None, scenario: str | None) -> tuple[tuple[str, str], ...]:
    """Return (metric, pattern) of a model for a scenario."""
    if model is None:
        return ()
    metrics = model.metrics_by_scenario.get(scenario or "", model.metrics)
    return tuple((metric.name, metric.pattern) for metric in metrics)


def _accuracy(
    path: str | None, model: Model | None, scenario: str | None, reader: Reader,
    *, covers: bool = False,
) -> AccuracyRun | None:
    if path is None:
        return None
    run = reader.run("accuracy", path)
    text = reader.accuracy_text(f"{path}/{ACCURACY_TEXT}", metric_patterns(model, scenario))
    named = text is not None and bool(text.hashes)
    log = reader.accuracy_log(f"{path}/{ACCURACY_LOG}", covers=covers, hashed=named)
    return AccuracyRun(
        run,
        text,
        _with_line_ends(log, text, reader) if log is not None and text is not None else log,
        {name: tuple(reader.folder(f"{path}/{name}").files) for name in run.folder.folders},
    )


def _with_line_ends(log: AccuracyLog, text: AccuracyText, reader: Reader) -> AccuracyLog:
    """Return a whole log with its hashes by line ends where its own hash is not the recorded one.

    Only then is it read again.
    """
    if log.truncated or not log.size_bytes or not text.hashes:
        return log
    if log.sha256 == text.hashes[-1][1].lower():
        return log
    return log._replace(by_line_ends=hashes_by_line_ends(reader.blocks(log.path), "sha256"))


def _audit(
    test: str, path: str, model: Model | None, scenario: str | None,
    reference: AccuracyRun | None, reader: Reader, layout: Layout,
) -> Audit:
    folder = reader.folder(path)
    texts = {
        name: text
        for name in folder.files
        if name.endswith(".txt") and (text := reader.text(f"{path}/{name}")) is not None
    }
    run_path = _audit_run(path, reader, layout)
    accuracy_path = f"{path}/accuracy"
    accuracy = None
    if reader.table.is_folder(accuracy_path):
        accuracy = _accuracy(accuracy_path, model, scenario, reader, covers=True)
    return Audit(
        test, path, folder, _files_below(path, reader.table),
        reader.run("run_1", run_path) if run_path is not None else None,
        texts,
        accuracy,
        dict(_quality(accuracy_path, model, scenario, reader)),
        _joined(accuracy, reference, reader),
    )


def _audit_run(path: str, reader: Reader, layout: Layout) -> str | None:
    """Return the folder of an audit's run, in v0.5 also one above that which it belongs into."""
    own = f"{path}/performance/run_1"
    if reader.table.is_folder(own):
        return own
    above = (f"{path}/performance", path) if layout.audit_runs_above else ()
    return next((folder for folder in above if DETAIL_LOG in reader.folder(folder).files), None)


def _joined(
    audit: AccuracyRun | None, reference: AccuracyRun | None, reader: Reader
) -> JoinedAnswers | None:
    """Join the answers of two whole logs where one is too long to be seen at once."""
    mine = audit.log if audit is not None else None
    theirs = reference.log if reference is not None else None
    if mine is None or theirs is None or mine.truncated or theirs.truncated:
        return None
    if max(mine.size_bytes, theirs.size_bytes) <= WINDOW_BYTES or not mine.size_bytes:
        return None
    from submission_checker.logs.answer_join import join

    return join(reader.blocks(mine.path), reader.blocks(theirs.path))


def _quality(
    path: str, model: Model | None, scenario: str | None, reader: Reader
) -> Iterator[tuple[str, AccuracyText]]:
    """Yield the quality texts of an audit beside accuracy.txt."""
    for name in reader.folder(path).files:
        if name != ACCURACY_TEXT and name.endswith(f"_{ACCURACY_TEXT}"):
            text = reader.accuracy_text(f"{path}/{name}", metric_patterns(model, scenario))
            if text is not None:
                yield name, text


def _files_below(path: str, table: FileTable) -> Mapping[str, int]:
    return {
        entry.path[len(path) + 1 :]: found.size_bytes
        for entry in table.below(path)
        if (found := table.follow(entry.path)) is not None
    }


def _measurements(paths: ResultPaths, reader: Reader) -> Measurements:
    folder = paths.measurements
    code = next((path for path in paths.code if _is_code(path, reader)), None)
    if folder is None:
        return Measurements("", None, (), None, None, None, code, paths.code)
    return Measurements(
        folder,
        reader.folder(folder),
        paths.descriptions,
        reader.json(paths.descriptions[0]) if paths.descriptions else None,
        reader.conf(f"{folder}/user.conf"),
        reader.conf(f"{folder}/mlperf.conf"),
        code,
        paths.code,
        _readme(folder, reader),
    )


REPORTED = ("unreadable", "merge-marker")
"""Problems of any file that are findings about the tree."""


def _readme(folder: str, reader: Reader) -> TextFile | None:
    """Return the README; how prose is encoded and ends its lines is nobody's finding."""
    if (reader.folder(folder).size(README) or 0) > README_BYTES:
        return None
    known = len(reader.problems)
    text = reader.text(f"{folder}/{README}")
    reader.problems[known:] = [p for p in reader.problems[known:] if p.kind in REPORTED]
    return text


def _is_code(path: str, reader: Reader) -> bool:
    """Return whether a path is a code folder, or a short file that names one beside it."""
    if reader.table.is_folder(path):
        return True
    entry = reader.table.follow(path)
    if entry is None or entry.size_bytes > CODE_POINTER_BYTES:
        return False
    data = reader.data(path) or b""
    named = data.decode("utf-8", "replace").strip().splitlines()
    if not named:
        return False
    parent = path.rpartition("/")[0]
    target = "/".join(
        part for part in f"{parent}/{named[0].strip()}".split("/") if part not in ("", ".")
    )
    while "/../" in f"/{target}/":
        head, _, tail = f"{target}/".partition("/../")
        target = "/".join((head.rpartition("/")[0], tail)).strip("/")
    return reader.table.is_folder(target)
