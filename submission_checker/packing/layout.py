"""A new submission tree: folders, descriptions with a hint per field, stubs of texts."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from submission_checker.engine.levels import level_in_force
from submission_checker.engine.selection import did_you_mean
from submission_checker.model.errors import WrongUse
from submission_checker.model.findings import Level
from submission_checker.rounds.types import Model, Round
from submission_checker.rules.tree.names import blank_names
from submission_checker.tree.names import resolve_model
from submission_checker.tree.templates import fill

TO_DO = "TODO: "
README_STUB = """\
# {benchmark} {scenario} on {system}

TODO: the commands that repeat this result, from a fresh machine to the logs.

    TODO
"""
CODE_STUB = """\
# Code of {benchmark}

TODO: add the sources that were run, with the calls of LoadGen, and say how to build them.
"""
CALIBRATION_STUB = "# Calibration\n\nTODO: how weights and activations were quantised.\n"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new tree is for; benchmarks and scenarios are those of the round."""

    division: str
    submitter: str
    system: str
    system_type: str
    benchmarks: tuple[str, ...]
    scenarios: tuple[str, ...] = ()
    """Empty: every scenario that the round requires of the benchmark on such a system."""


@cache
def hints() -> Mapping[str, Mapping[str, str]]:
    """Return the hint per field of the descriptions."""
    return tomllib.loads(Path(__file__).with_name("hints.toml").read_text(encoding="utf-8"))


def new_files(wanted: Wanted, round_: Round) -> dict[str, str | None]:
    """Return path -> text of every new file, None for a folder that is to hold logs.

    Raises:
        WrongUse: division, system type, benchmark or scenario is none of the round's.
    """
    _known("division", wanted.division, round_.layout.root_dirs)
    if round_.system.system_types:
        _known("system type", wanted.system_type, round_.system.system_types)
    slots = {"division": wanted.division, "submitter": wanted.submitter, "system": wanted.system}
    for name, value in slots.items():
        if not value or value != value.strip() or "/" in value or value.startswith("."):
            raise WrongUse(f"{name} {value!r} is no name of a folder")
        if " " in value and level_in_force(blank_names, round_, wanted.division) is Level.ERROR:
            raise WrongUse(f"{name} {value!r} has a blank, which {round_.name} refuses (TREE012); "
                           f"take {value.replace(' ', '_')!r}")
    found: dict[str, str | None] = {}
    templates = round_.layout.templates
    found[fill(templates["systems"][0], slots)] = _description(wanted, round_)
    for template in templates.get("calibration", ())[:1]:
        if "{scenario}" not in template:
            found[fill(template, slots)] = CALIBRATION_STUB
    for benchmark in wanted.benchmarks:
        model = model_of(benchmark, wanted, round_)
        for scenario in scenarios_of(model, wanted, round_):
            here = {**slots, "model": benchmark, "scenario": scenario}
            found |= dict(_result(here, model, round_))
    return found


def model_of(benchmark: str, wanted: Wanted, round_: Round) -> Model:
    """Return the round's model of a benchmark folder, official name or alias."""
    name = resolve_model(benchmark, wanted.division, round_, {}).model
    if name is None:
        aliases = (alias for model in round_.models.values() for alias in model.aliases)
        _known("benchmark", benchmark, (*round_.models, *aliases))
    return round_.models[name or benchmark]


def scenarios_of(model: Model, wanted: Wanted, round_: Round) -> tuple[str, ...]:
    """Return the scenarios asked for, or those that the round requires of the benchmark."""
    lists = model.scenarios(wanted.system_type)
    if lists is None:
        raise WrongUse(f"{round_.name} has {model.name} for "
                       f"{' or '.join(model.system_types)} systems, not for "
                       f"{wanted.system_type}; choose with --system-type")
    offered = tuple(dict.fromkeys((*(s for group in lists.required for s in group),
                                   *lists.optional)))
    if not wanted.scenarios:
        return tuple(group[0] for group in lists.required) or offered
    for scenario in wanted.scenarios:
        _known("scenario", scenario, offered, f" of {model.name} on {wanted.system_type} systems")
    return wanted.scenarios


def _known(what: str, name: str, known: Iterable[str], of: str = "") -> None:
    names = tuple(known)
    if name not in names:
        raise WrongUse(f"no {what} {name!r}{of}{did_you_mean(name, names)}")


def _description(wanted: Wanted, round_: Round) -> str:
    known = {"division": wanted.division, "submitter": wanted.submitter,
             "system_type": wanted.system_type, "is_network": False}
    texts = hints()["system"]
    fields = {
        name: known.get(name, TO_DO + texts.get(name, "see the submission rules of the round"))
        for name in round_.system.required_fields
    }
    return json.dumps(fields, indent=2) + "\n"


def _result(
    slots: Mapping[str, str], model: Model, round_: Round
) -> Iterator[tuple[str, str | None]]:
    """Yield the files and folders of one result."""
    templates = round_.layout.templates
    runs = round_.layout.runs_of(slots["scenario"])
    for number in range(1, runs + 1):
        yield fill(templates["performance"][0], {**slots, "run": f"run_{number}"}), None
    yield fill(templates["accuracy"][0], slots), None
    folder = fill(templates["measurements"][0], slots)
    for pattern in round_.layout.required_measurements:
        name = fill(pattern, slots).replace("*", f"_{slots['scenario']}")
        yield f"{folder}/{name}", _stub(name, slots, model, round_)
    for template in templates.get("calibration", ())[:1]:
        if "{scenario}" in template:
            yield fill(template, slots), CALIBRATION_STUB
    for template in templates.get("code", ())[:1]:
        head = template.removesuffix("/{implementation}")
        yield f"{fill(head, slots)}/README.md", CODE_STUB.format(benchmark=slots["model"])


def _stub(name: str, slots: Mapping[str, str], model: Model, round_: Round) -> str:
    """Return the first text of a file of the measurements."""
    if name.endswith(".json"):
        texts = hints()["measurements"]
        return json.dumps({field: TO_DO + texts.get(field, "see the submission rules")
                           for field in round_.measurements.required_fields}, indent=2) + "\n"
    if name == "user.conf":
        scenario = round_.log_scenarios.get(slots["scenario"], slots["scenario"])
        key = "target_latency" if scenario in LATENCY else "target_qps"
        return (f"# Settings of LoadGen: model.Scenario.key = value, with blanks around =\n"
                f"# {model.mlperf_conf_model or slots['model']}.{scenario}.{key} = TODO\n")
    if name == "mlperf.conf":
        return "# TODO: the mlperf.conf of the LoadGen that ran\n"
    return README_STUB.format(benchmark=slots["model"], scenario=slots["scenario"],
                              system=slots["system"])


LATENCY = ("SingleStream", "MultiStream")
"""Scenarios in which LoadGen is told an expected latency instead of a rate."""


def write_new(root: Path, files: Mapping[str, str | None]) -> tuple[list[str], list[str]]:
    """Write what is not there yet; returns (paths made, paths that were there and stay)."""
    made: list[str] = []
    kept: list[str] = []
    for path, text in sorted(files.items()):
        target = root / path
        if text is None:
            (made if not target.exists() else kept).append(f"{path}/")
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with target.open("x", encoding="utf-8", newline="\n") as out:
                out.write(text)
            made.append(path)
        except FileExistsError:
            kept.append(path)
    return made, kept
