"""MEAS001-008, 011-012, 020: measurements folder, its description, calibration and code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Scope, Skip, rule
from submission_checker.model.documents import JsonFile
from submission_checker.model.findings import Level, Location
from submission_checker.model.subjects import SubmitterSubject
from submission_checker.model.submission import LOADGEN, Measurements, Result
from submission_checker.rules.syst import json_faults
from submission_checker.rules.texts import listed, quote, suggestion
from submission_checker.rules.values import is_empty, is_placeholder, text_of
from submission_checker.tree.names import near

CHECKER = "submission checker of the round"
RULES = "inference_policies inference_rules.adoc"
NO_WORDS = frozenset({"no", "n", "none", "false", "0", "n/a", "na", "not applicable", "-"})
YES = re.compile(r"\s*(yes|y|true)\b", re.IGNORECASE)
NOT_RETRAINED = re.compile(
    r"(?:no|not|none|nothing)\b|.*(?:\b(?:no|not|never|without)\b|n['’]t\b)[^.;]{0,24}train"
)
NARROW = re.compile(r"fp8|fp6|fp4|int8|int4|(?<![a-z0-9])[iu]8|w[48]a|(?<!\d)[48][- ]bit",
                    re.IGNORECASE)
MILD_FILES = ("mlperf.conf",)
README = "README.md"
USER_CONF = "user.conf"
FIELD_TYPES = (str, list, dict)
ANSWER_CHARS = 2000
"""A yes or no stands at the start of a text."""


def folder_of(result: Result) -> Measurements:
    """Return the measurements, or skip the rule."""
    if result.measurements.folder is None:
        raise Skip("no measurements folder")
    return result.measurements


def description_of(result: Result) -> JsonFile:
    """Return the parsed description, or skip the rule."""
    description = result.measurements.description
    if description is None or not description.readable:
        raise Skip("no readable description of the measurements")
    return description


@rule(
    id="MEAS001", name="measurements-present", title="The result has its measurements folder",
    level=Level.ERROR, scope=Scope.RESULT, requires=("TREE025",),
    why="model, data types and settings of a result are documented there",
    fix="add the folder with the files that the round asks for",
    source=CHECKER, key="layout.templates.measurements",
)
def measurements_present(result: Result, context: Context) -> Iterator[Fault]:
    """The folder exists for the result's system, benchmark and scenario."""
    if result.measurements.folder is None:
        templates = context.round.layout.templates.get("measurements", ())
        s = result.subject
        want = templates[0].format(
            division=s.division, submitter=s.submitter, system=s.system, model=s.benchmark,
            scenario=s.scenario, implementation="*",
        ) if templates else "measurements"
        yield Fault(Location(want), "no such folder",
                    f"{want} ({context.cite('layout.templates')})", absent=True)


def _required(result: Result, context: Context) -> Iterator[str]:
    """Yield the files that the measurements need beside their description."""
    for name in context.round.layout.required_measurements:
        if not name.endswith(".json") and (name != USER_CONF or result.harness == LOADGEN):
            yield name


@rule(
    id="MEAS002", name="measurements-files", title="The measurements have their files",
    level=Level.ERROR, scope=Scope.RESULT, requires=("MEAS001",),
    why="the settings of the run are published with the result",
    fix="add the file",
    source=CHECKER, key="layout.required_files.measurements",
)
def measurements_files(result: Result, context: Context) -> Iterator[Fault]:
    """Configuration and README of the round's list are present."""
    measurements = folder_of(result)
    assert measurements.folder is not None
    files = measurements.folder.files
    for name in _required(result, context):
        if name in files:
            continue
        close = near(name, [n for n in files if not n.endswith(".json")])
        mild = name in MILD_FILES or (name == README and not context.closed)
        yield Fault(Location(f"{measurements.path}/{name}"), "no such file",
                    f"{quote(name)} ({context.cite('layout.required_files.measurements')})",
                    subcode=name, absent=True, level=Level.WARNING if mild else None,
                    fix=f"rename {quote(close)}" if close else None)


@rule(
    id="MEAS003", name="measurements-not-empty", title="The measurements files hold something",
    level=Level.ERROR, scope=Scope.RESULT, requires=("MEAS001",),
    why="an empty README or configuration documents nothing",
    fix="write the file's content",
    source=f"{CHECKER}; mlcommons/inference#1356", key="layout.required_files.measurements",
)
def measurements_not_empty(result: Result, context: Context) -> Iterator[Fault]:
    """Required files of the measurements have a size above 0."""
    measurements = folder_of(result)
    assert measurements.folder is not None
    for name in _required(result, context):
        if measurements.folder.size(name) == 0:
            yield Fault(Location(f"{measurements.path}/{name}"), "0 bytes",
                        "a file with content", subcode=name, absent=True,
                        level=Level.WARNING if name in MILD_FILES else None)


@rule(
    id="MEAS004", name="description-file", title="One file describes the measurements",
    level=Level.ERROR, scope=Scope.RESULT, requires=("MEAS001",),
    why="data types and weights of a result stand in this file",
    fix="add the description under the name that the round wants",
    source=CHECKER, key="layout.required_files.measurements",
)
def description_file(result: Result, context: Context) -> Iterator[Fault]:
    """There is a description; several leave open which one counts."""
    measurements = folder_of(result)
    assert measurements.folder is not None
    wanted = [n for n in context.round.layout.required_measurements if n.endswith(".json")]
    if not wanted:
        raise Skip("the round asks for no description")
    cite = context.cite("layout.required_files.measurements")
    if not measurements.descriptions:
        have = [name for name in measurements.folder.files if name.endswith(".json")]
        found = f"only {listed(have)}" if have else "no JSON file"
        name = wanted[0].replace("{system}", result.subject.system)
        yield Fault(Location(measurements.path), found, f"{quote(name)} ({cite})", absent=True)
        return
    own = f"_{result.subject.scenario}.json".casefold()
    equal = [p for p in measurements.descriptions if p.casefold().endswith(own)]
    first = measurements.descriptions[0].rpartition("/")[2]
    rest = first.removeprefix(result.subject.system)
    if rest != first and rest[:1].isalnum():
        yield Fault(Location(measurements.descriptions[0]), f"the name goes on: {quote(first)}",
                    f"a description of {quote(result.subject.system)}", subcode="system",
                    level=Level.WARNING)
    if len(measurements.descriptions) > 1 and len(equal) != 1:
        yield Fault(Location(measurements.descriptions[1]),
                    f"{len(measurements.descriptions)} descriptions: "
                    f"{listed(p.rpartition('/')[2] for p in measurements.descriptions)}",
                    "one; the first in order counts", level=Level.WARNING)


@rule(
    id="MEAS005", name="description-fields", title="The description has its fields",
    level=Level.ERROR, scope=Scope.RESULT, requires=("MEAS004", "MEAS007"),
    why="the published table needs these fields",
    fix="add the field",
    source=f"{CHECKER}; policies submission_rules.adoc", key="measurements.required_fields",
)
def description_fields(result: Result, context: Context) -> Iterator[Fault]:
    """Every required field stands in the description."""
    description = description_of(result)
    have = set(description.value)
    for name in context.round.measurements.required_fields:
        if name not in have:
            close = near(name, have)
            yield Fault(description.at(), f"no field {quote(name)}",
                        f"{quote(name)} ({context.cite('measurements.required_fields')})"
                        f"{suggestion(close)}", subcode=name, absent=True)


@rule(
    id="MEAS006", name="description-values", title="The description's fields hold values",
    level=Level.ERROR, scope=Scope.RESULT, requires=("MEAS004", "MEAS007"),
    why="an empty field documents nothing",
    fix="fill in the value",
    source=CHECKER, key="measurements.required_nonempty",
)
def description_values(result: Result, context: Context) -> Iterator[Fault]:
    """Required fields are not empty and no placeholders."""
    description = description_of(result)
    for name in context.round.measurements.required_fields:
        if name not in description.value:
            continue
        value = description.get(name)
        if is_empty(value):
            yield Fault(description.at(name), f"{name} is empty",
                        f"a value ({context.cite('measurements.required_nonempty')})",
                        subcode=name)
        elif is_placeholder(value):
            yield Fault(description.at(name), f"{name} {quote(text_of(value))}", "a value",
                        subcode=name, level=Level.WARNING, absent=True)


@rule(
    id="MEAS007", name="measurements-readable", title="The description is a JSON object",
    level=Level.ERROR, scope=Scope.RESULT, requires=("MEAS004",),
    why="what cannot be parsed cannot be published",
    fix="correct the JSON at the place named",
    source="JSON (RFC 8259)",
)
def description_readable(result: Result, context: Context) -> Iterator[Fault]:
    """The file parses to an object whose required fields are texts, lists or objects."""
    description = result.measurements.description
    if description is None:
        raise Skip("no description")
    yield from json_faults(description)
    for name in context.round.measurements.required_fields if description.readable else ():
        value = description.get(name)
        if value is not None and not isinstance(value, FIELD_TYPES):
            yield Fault(description.at(name), f"{name} {quote(value)}",
                        "a text, a list or an object", subcode=name, level=Level.WARNING)


@rule(
    id="MEAS008", name="no-retraining", title="Closed results are not retrained",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RESULT, requires=("MEAS007",),
    why="the closed division compares systems on the same model and weights",
    fix="use the reference weights; retrained ones belong in the open division",
    source=f"{RULES}, Closed Division",
)
def no_retraining(result: Result, context: Context) -> Iterator[Fault]:
    """``retraining`` says no."""
    description = description_of(result)
    value = description.get("retraining")
    if is_empty(value) or is_placeholder(value):
        raise Skip("the field retraining says nothing")
    text = " ".join(text_of(value)[:ANSWER_CHARS].split()).casefold().rstrip(".")
    said_yes = YES.match(text) is not None
    if text in NO_WORDS or (NOT_RETRAINED.match(text) and not said_yes):
        return
    if not context.closed and not said_yes:
        return
    yield Fault(description.at("retraining"), f"retraining {quote(value)}", "no",
                level=None if said_yes else Level.WARNING)


@rule(
    id="MEAS011", name="calibration-text", title="The calibration is documented",
    level=Level.ERROR, open_level=OFF, scope=Scope.SUBMITTER, requires=("TREE004",),
    why="quantised results count in closed only with a documented calibration",
    fix="add calibration.md to the submitter's folder or to documentation/",
    source=f"{CHECKER}; policies submission_rules.adoc", key="layout.templates.calibration",
)
def calibration_text(submitter: SubmitterSubject, context: Context) -> Iterator[Fault]:
    """A calibration text lies where the round looks for it, or under a common name beside it."""
    if submitter.calibration or any(
        "calibration" in path.removeprefix(submitter.path).casefold()
        for path in submitter.documents
    ):
        return
    weights = [result.measurements.weight_types for system in submitter.systems
               for result in system.results]
    if weights and all(weights) and not any(NARROW.search(kinds) for kinds in weights):
        raise Skip("no result has quantised weights")
    wanted = [t.rpartition("{submitter}/")[2] for t in
              context.round.layout.templates.get("calibration", ())]
    yield Fault(Location(submitter.path), "no calibration text",
                f"{' or '.join(wanted)} ({context.cite('layout.templates')})", absent=True)


@rule(
    id="MEAS012", name="code-present", title="The code of the benchmark is there",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.RESULT,
    why="a result counts only if others can repeat it from its code",
    fix="add the code under the benchmark's name",
    source=CHECKER, key="layout.templates.code",
)
def code_present(result: Result, context: Context) -> Iterator[Fault]:
    """A folder for the benchmark exists where the round keeps code."""
    measurements = result.measurements
    if not measurements.code_looked_for:
        raise Skip("the round names no place for code")
    if measurements.code is None:
        yield Fault(Location(measurements.code_looked_for[0]), "no such folder",
                    f"{' or '.join(measurements.code_looked_for[:3])} "
                    f"({context.cite('layout.templates')})", absent=True)


@rule(
    id="MEAS020", name="description-scenario", title="The description is of this scenario",
    level=Level.INFO, scope=Scope.RESULT, requires=("MEAS004",),
    why="a description named after another scenario may describe another run",
    fix="name the file after the scenario of its folder",
    source=CHECKER,
)
def description_scenario(result: Result, context: Context) -> Iterator[Fault]:
    """A scenario in the file's name is the scenario of the folder."""
    if not result.measurements.descriptions:
        raise Skip("no description")
    path = result.measurements.descriptions[0]
    named = path.rpartition("/")[2].removesuffix(".json").rpartition("_")[2]
    official = context.round.layout.scenario_of(named)
    if official is not None and official != result.scenario:
        yield Fault(Location(path), f"a description for {official}", f"one for {result.scenario}")
