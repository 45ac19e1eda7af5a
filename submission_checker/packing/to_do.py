"""From a report on a half-finished submission to the list of what is still to be done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from submission_checker.intake.reading import DETAIL_LOG
from submission_checker.model.findings import Finding, Subject
from submission_checker.model.report import Report
from submission_checker.render.style import shell_word
from submission_checker.render.to_do import ToDo, is_to_do
from submission_checker.rounds.types import Round
from submission_checker.tree.templates import fill

FIELDS_SHOWN = 6
RUN_PARTS = {"performance": "{run}", "accuracy": ""}
"""Role of a run's folder -> the slot below it; a missing log there is a missing run."""
AUDITS_LAST = len(RUN_PARTS)


@dataclass(slots=True)
class _Gathered:
    """What is missing in one place, while it is being gathered."""

    runs: dict[str, dict[str, None]] = field(default_factory=dict)
    """Scenario -> runs and audits that are missing."""
    fields: dict[str, list[str]] = field(default_factory=dict)
    """File -> fields that are to be filled in."""
    others: list[tuple[str, str]] = field(default_factory=list)
    scenarios: list[str] = field(default_factory=list)
    """Scenarios that the round requires and that are not begun."""


def to_do_of(report: Report, round_: Round) -> list[ToDo]:
    """Return what is missing, by system and benchmark, each with the command that helps."""
    findings = [finding for finding in report.findings if is_to_do(finding, report)]
    paths = [finding.location.path for finding in findings]
    places: dict[Subject, _Gathered] = {}
    for finding in findings:
        subject = finding.subject
        place = Subject(subject.division, subject.submitter, subject.system, subject.benchmark)
        gathered = places.setdefault(place, _Gathered())
        folder = f"{finding.location.path}/"
        if subject.scenario and any(path.startswith(folder) for path in paths):
            continue
        _gather(finding, gathered, report, round_)
    return [
        ToDo(_name(place), tuple(_lines(gathered)), tuple(_commands(place, gathered, report)))
        for place, gathered in sorted(places.items()) if any(_lines(gathered))
    ]


def _name(place: Subject) -> str:
    owner = "/".join(filter(None, (place.division, place.submitter, place.system)))
    return f"{owner} {place.benchmark}".strip() or "the whole tree"


def _gather(finding: Finding, into: _Gathered, report: Report, round_: Round) -> None:
    subject, path = finding.subject, finding.location.path
    choice = finding.subcode.split("/")[1:]
    if subject.benchmark and not subject.scenario and choice and set(choice) <= set(
        round_.layout.scenario_folders.values()
    ):
        begun = {row.scenario for row in report.results
                 if row.subject.system == subject.system
                 and row.subject.benchmark == subject.benchmark}
        if not begun.intersection(choice):
            into.scenarios.append(choice[0])
            into.others.append((" or ".join(choice), "not begun"))
        return
    if subject.run in round_.audits:
        what = subject.run if not path.rpartition("/")[2].count(".") else (
            f"{subject.run} {path.rpartition('/')[2]}")
        into.runs.setdefault(subject.scenario, {})[what] = None
        return
    if finding.location.pointer:
        names = into.fields.setdefault(path, [])
        names.append(finding.location.pointer.rpartition("/")[2])
        return
    run = _run_of(subject, path, round_)
    if run is not None:
        into.runs.setdefault(subject.scenario, {})[run] = None
        return
    into.others.append((subject.scenario, _said(finding)))


def _said(finding: Finding) -> str:
    """Return what is missing where in one line."""
    found, path = finding.found, finding.location.path
    if found.startswith("no such"):
        return path
    return f"{path}: {found}; needs {finding.required}"


def _run_of(subject: Subject, path: str, round_: Round) -> str | None:
    """Return the run whose logs are missing, or the file that is missing in a run."""
    slots = {"division": subject.division, "submitter": subject.submitter,
             "system": subject.system, "model": subject.benchmark, "scenario": subject.scenario}
    for role, part in RUN_PARTS.items():
        for template in round_.layout.templates.get(role, ()):
            head = fill(template.partition("/{run}")[0], slots)
            if path != head and not path.startswith(f"{head}/"):
                continue
            rest = path.removeprefix(head).strip("/").split("/")
            name = rest[-1]
            where = f"{role} {rest[0]}" if part and rest[0].startswith("run_") else f"{role} run"
            if name == DETAIL_LOG or "." not in name:
                return where
            return f"{role}/{'/'.join(rest)}"
    return None


def _lines(gathered: _Gathered) -> Iterator[tuple[str, str]]:
    for scenario, runs in gathered.runs.items():
        yield scenario, ", ".join(sorted(_without_files_of_missing_runs(runs), key=_order))
    for path, names in gathered.fields.items():
        names = list(dict.fromkeys(names))
        shown = ", ".join(names[:FIELDS_SHOWN])
        rest = f" and {len(names) - FIELDS_SHOWN} more" if len(names) > FIELDS_SHOWN else ""
        fields = "field" if len(names) == 1 else "fields"
        yield "", f"{path}: {len(names)} {fields} to fill in: {shown}{rest}"
    yield from gathered.others


def _order(run: str) -> tuple[int, str]:
    """Order in which runs are made: performance, accuracy with its text, audits."""
    head = run.partition(" ")[0].partition("/")[0]
    return (list(RUN_PARTS).index(head) if head in RUN_PARTS else AUDITS_LAST, run)


def _without_files_of_missing_runs(runs: Iterable[str]) -> Iterator[str]:
    """Yield the missing runs, and single files only of runs that are there."""
    names = list(runs)
    whole = {name.replace(" ", "/", 1).removesuffix("/run") for name in names if " " in name}
    for name in names:
        inside = any(name.startswith(f"{run}/") for run in whole)
        if not inside or name.endswith("/accuracy.txt"):
            yield name


def _commands(place: Subject, gathered: _Gathered, report: Report) -> Iterator[str]:
    """Yield the arguments of the commands that bring this place further."""
    if not place.benchmark:
        return
    who = _who(place, report)
    at = f"--round {report.round}{who} --benchmark {shell_word(place.benchmark)}"
    if gathered.runs:
        yield f"add RUN_DIR --to {{path}} {at}"
    if any(_order(run)[0] == AUDITS_LAST for runs in gathered.runs.values() for run in runs):
        yield (f"audit plan {{path}} --round {report.round} "
               f"--benchmark {shell_word(place.benchmark)}")
    if gathered.scenarios:
        scenarios = "".join(f" --scenario {name}" for name in gathered.scenarios)
        kind = next((row.system_type for row in report.results
                     if row.subject.system == place.system), "")
        names = "".join(f" --{name} {shell_word(value)}" for name, value in (
            ("division", place.division), ("submitter", place.submitter),
            ("system", place.system), ("system-type", kind)) if value)
        yield (f"init {{path}} --round {report.round}{names} --benchmark "
                f"{shell_word(place.benchmark)}{scenarios}")


def _who(place: Subject, report: Report) -> str:
    """Return the options that say whose run it is, where the tree holds several."""
    rows = [row.subject for row in report.results]
    several: Mapping[str, bool] = {
        "division": place.division != "closed",
        "submitter": len({(s.division, s.submitter) for s in rows}) > 1,
        "system": len({(s.division, s.submitter, s.system) for s in rows}) > 1,
    }
    return "".join(f" --{name} {shell_word(getattr(place, name))}"
                   for name, wanted in several.items() if wanted)
