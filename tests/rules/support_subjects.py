"""Systems, submitters and results made in memory, and what single rules find on them."""

import json
import re
from dataclasses import replace

from submission_checker.engine.context import Context
from submission_checker.engine.judge import Judge
from submission_checker.engine.rule import Scope
from submission_checker.formats.conf import read_conf
from submission_checker.formats.json_reader import read_json
from submission_checker.formats.text import read_text
from submission_checker.logs.detail import open_detail
from submission_checker.model.files import Entry, FileTable, Folder, Kind
from submission_checker.model.findings import Location, Subject
from submission_checker.model.run import Run
from submission_checker.model.subjects import (
    MeasurementFacts,
    ResultFacts,
    SubmitterSubject,
    SystemSubject,
    TreeSubject,
)
from submission_checker.model.submission import Measurements, Result, SystemDescription
from submission_checker.rounds.loader import load_round
from submission_checker.tree.names import canonical_system_type

DEMO = load_round("demo")
CITATION = re.compile(r" \(demo; [^)]*\)")


def round_with(*, rules=None, **parts):
    """Return the demo round with changed parts: ``system={...}`` replaces fields of a part."""
    changed = {name: getattr(DEMO, name)._replace(**fields) for name, fields in parts.items()}
    return replace(DEMO, rules={**DEMO.rules, **(rules or {})}, **changed)


def document(path, content):
    """Return a JSON file of a text, or of an object with one field per line from line 2 on."""
    text = content if isinstance(content, str) else json.dumps(content, indent=1)
    return read_json(text.encode(), path)


def facts(path, *, power=False, **measurements):
    """Return the facts of a result."""
    division, submitter, _, system, benchmark, scenario = path.split("/")
    return ResultFacts(
        Subject(division, submitter, system, benchmark, scenario), path, benchmark, scenario,
        scenario, scenario, True, True, 0, 0, 1.0, "samples/s", False, None, None, None, None,
        has_power=power, measurements=MeasurementFacts(**measurements),
    )


def system(content=None, *, division="closed", name="node", results=(), has_results=True,
           private_id=None, round_=DEMO):
    """Return a system with the description ``systems/<name>.json``; None means no such file."""
    path = f"{division}/Acme/systems/{name}.json"
    file = None if content is None else document(path, content)
    declared = file.get("system_type") if file is not None else None
    kind = canonical_system_type(declared, round_) if isinstance(declared, str) else None
    ids = None if private_id is None else document(
        f"{division}/Acme/results/{name}/privateid.json", private_id)
    subject = Subject(division, "Acme", name)
    return SystemSubject(
        SystemDescription(subject, name, path, file, kind, has_results, (), ids), tuple(results)
    )


def submitter(*systems, division="closed", documents=(), calibration=(), has_results=True):
    """Return a submitter's folder with these systems and the documents named."""
    path = f"{division}/Acme"
    return SubmitterSubject(
        Subject(division, "Acme"), path, Folder(path, {}, ()), systems, has_results, calibration,
        None, (), tuple(f"{path}/{name}" for name in documents),
    )


def tree(*submitters, files=()):
    """Return a tree of submitters; ``files`` are further paths in it."""
    table = FileTable.build(Entry(path, Kind.FILE, 1) for path in files)
    return TreeSubject(table, ("closed", "network", "open"), submitters, frozenset(), (), {})


def run(path, scenario="Offline", **values):
    """Return a run whose log holds the values, one per line after the scenario."""
    lines = [{"key": key, "value": value, "metadata": {"is_error": False, "is_warning": False}}
             for key, value in {"effective_scenario": scenario, **values}.items()]
    data = "".join(f":::MLLOG {json.dumps(line)}\n" for line in lines).encode()
    log = f"{path}/mlperf_log_detail.txt"
    return Run("run_1", Folder(path, {}, ()), log, open_detail(data, log), None)


def result(*, division="closed", benchmark="digits", scenario="Offline", log_scenario=None,
           files=("README.md", "user.conf"), description=None, descriptions=None, conf=None,
           mlperf_conf=None, readme=None, code=("code/digits",), code_found=True, log=None,
           fields=None, folder=(), measurements=True):
    """Return a result of system ``node`` with its measurements; ``log`` are values of its run.

    ``files`` are names or (name, size) in the measurements folder, ``folder`` names beside the
    result's runs, ``fields`` the system's description.
    """
    subject = Subject(division, "Acme", "node", benchmark, scenario)
    base = f"{division}/Acme"
    place = f"{base}/measurements/node/{benchmark}/{scenario}"
    path = f"{base}/results/node/{benchmark}/{scenario}"
    named = descriptions if descriptions is not None else (f"node_demo_{scenario}.json",)
    described = [f"{place}/{name}" for name in named]
    sizes = dict(item if isinstance(item, tuple) else (item, 1) for item in (*files, *named))
    entries = {n: Entry(f"{place}/{n}", Kind.FILE, size) for n, size in sizes.items()}
    listing = Folder(place, entries, ()) if measurements else None
    runs = () if log is None else (
        run(f"{path}/performance/run_1", log_scenario or scenario, **log),)
    own = Folder(path, {name: Entry(f"{path}/{name}", Kind.FILE, 1) for name in folder}, ())
    return Result(
        subject, path, benchmark, "name", None, scenario, scenario, None,
        system(fields, division=division).description, own, runs, None, {},
        Measurements(
            place if measurements else "", listing, tuple(described),
            document(described[0], description)
            if described and description is not None else None,
            None if conf is None else read_conf(conf.encode(), f"{place}/user.conf"),
            None if mlperf_conf is None
            else read_conf(mlperf_conf.encode(), f"{place}/mlperf.conf"),
            f"{base}/{code[0]}" if code_found else None, tuple(f"{base}/{name}" for name in code),
            None if readme is None else read_text(readme.encode(), f"{place}/README.md"),
        ),
        None,
    )


def found(rule, subject, round_=DEMO):
    """Return the findings of a rule as (level, place, found, required without its source).

    A place is ``path:line#pointer`` as far as there is one; the level of a finding about
    something absent ends in ``absent``.
    """
    return [shown(finding) for finding in judged(rule, subject, round_).findings]


def status(rule, subject, round_=DEMO):
    """Return the one outcome of a rule: passed, failed, or why it was skipped."""
    judgement = judged(rule, subject, round_)
    reasons = [reason for _, reason in judgement.skipped]
    passed, failed = judgement.passed.total(), judgement.failed.total()
    ends = [*reasons, *["passed"] * passed, *["failed"] * failed]
    assert len(ends) == 1
    return ends[0]


def judged(rule, subject, round_):
    """Judge a subject by one rule alone."""
    judge = Judge([rule])
    if isinstance(subject, Result):
        context = Context(round_, subject.subject, Location(subject.path), subject)
        return judge.result(context)
    owner, scope = Subject(), Scope.TREE
    if isinstance(subject, SystemSubject):
        owner, scope = subject.description.subject, Scope.SYSTEM
    elif isinstance(subject, SubmitterSubject):
        owner, scope = subject.subject, Scope.SUBMITTER
    return judge.other(scope, subject, Context(round_, owner, Location("")))


def shown(finding):
    """Return a finding as a short tuple."""
    at = finding.location
    place = at.path + (f":{at.line}" if at.line else "") + (f"#{at.pointer}" if at.pointer else "")
    level = finding.level.label + (" absent" if finding.absent else "")
    return level, place, finding.found, CITATION.sub("", finding.required)
