"""Where a finished run belongs in a submission, and why it may not go there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from submission_checker.formats.json_reader import read_json
from submission_checker.model.errors import WrongUse
from submission_checker.packing.atomic import put
from submission_checker.packing.recognise import ACCURACY, PERFORMANCE, Found, audits_of
from submission_checker.packing.truncation import ACCURACY_LOG
from submission_checker.rounds.types import Model, Round
from submission_checker.tree.names import resolve_model
from submission_checker.tree.templates import fill


@dataclass(frozen=True, slots=True)
class Where:
    """What the user says about the run; what is None follows from the log."""

    division: str
    submitter: str
    system: str
    benchmark: str
    scenario: str | None = None
    test: str | None = None


@dataclass(frozen=True, slots=True)
class Filing:
    """The files of a run with their places in the submission."""

    target: str
    files: Mapping[str, str]
    """Name in the run's folder -> path in the submission."""
    what: str


def filed(found: Found, where: Where, root: Path, round_: Round, *, even_invalid: bool) -> Filing:
    """Return where the run goes.

    Raises:
        WrongUse: the run does not fit, with the reason.
    """
    model = _model(where, root, round_)
    scenario = _scenario(found, where, model, root, round_)
    test = _test(found, where, model, round_)
    against = [*reasons_against(found, model, test, round_, even_invalid=even_invalid)]
    against += _of_another_benchmark(found, model, scenario, test, round_)
    if against:
        raise WrongUse(f"{found.folder}: {'; '.join(against)}")
    slots = {"division": where.division, "submitter": where.submitter, "system": where.system,
             "model": where.benchmark, "scenario": scenario}
    if test is not None:
        template = round_.layout.templates["compliance"][0]
        base = fill(template, {**slots, "test": test})
        target = f"{base}/performance/run_1" if found.mode == PERFORMANCE else f"{base}/accuracy"
    elif found.mode == ACCURACY:
        target = fill(round_.layout.templates["accuracy"][0], slots)
    else:
        target = _free_run(slots, root, round_)
    files = {name: f"{target}/{name}" for name in found.files}
    if test is not None:
        files |= _of_audit(found.files, base, round_.audits[test].files_required)
    taken = [path for path in files.values() if (root / path).exists()]
    if taken:
        raise WrongUse(f"{taken[0]} exists already; nothing is overwritten")
    what = f"{test} of {where.benchmark} {scenario}" if test else f"{where.benchmark} {scenario}"
    return Filing(target, files, what)


def _model(where: Where, root: Path, round_: Round) -> Model:
    name = resolve_model(where.benchmark, where.division, round_, _mapping(where, root, round_))
    if name.model is None:
        near = f"; did you mean {name.near}?" if name.near else ""
        raise WrongUse(f"no benchmark {where.benchmark!r} in {round_.name}{near}")
    return round_.models[name.model]


def _of_audit(
    names: tuple[str, ...], base: str, required: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Yield the places of an audit's logs that the round names, or that lie outside of the run.

    The accuracy log of an audit that is about answers alone belongs into accuracy/: verify scripts
    copy it there.
    """
    answers_only = not any(path.startswith("performance/") for path in required)
    for name in names:
        wanted = [path for path in required if path.endswith(f"/{name}")]
        if len(wanted) == 1:
            yield name, f"{base}/{wanted[0]}"
        elif name == ACCURACY_LOG and answers_only:
            yield name, f"{base}/accuracy/{name}"


def _mapping(where: Where, root: Path, round_: Round) -> dict[str, str]:
    """Return the submitter's own names of benchmarks, empty where there is no such file."""
    for template in round_.layout.templates.get("model_mapping", ()):
        path = fill(template, {"submitter": where.submitter, "division": where.division})
        if not (root / path).is_file():
            continue
        try:
            file = read_json((root / path).read_bytes(), path)
        except OSError as error:
            raise WrongUse(f"cannot read {path}: {error.strerror}") from None
        if isinstance(file.value, dict):
            return {key: text for key, text in file.value.items() if isinstance(text, str)}
    return {}


def _of_another_benchmark(
    found: Found, model: Model, scenario: str, test: str | None, round_: Round
) -> Iterator[str]:
    """Yield why an accuracy run is one of another benchmark: its data set has another size."""
    if found.mode != ACCURACY or test is not None:
        return
    need = model.accuracy_sample_count_by_scenario.get(scenario) or model.accuracy_sample_count
    have = found.run.integer("effective_accuracy_sample_count") or found.run.integer(
        "qsl_reported_total_count"
    )
    if need is None or have is None or have.value == need:
        return
    others = [other.name for other in round_.models.values()
              if other.accuracy_sample_count == have.value]
    hint = f"; that is the data set of {', '.join(others)}" if others else ""
    yield (f"{have.key} is {have.value}, but {model.name} has {need} samples "
           f"({round_.source(f'models.{model.name}.accuracy_sample_count')}){hint}")


def _scenario(found: Found, where: Where, model: Model, root: Path, round_: Round) -> str:
    """Return the official scenario; several can run as one scenario of LoadGen.

    Where several fit and one of them is begun in the submission, that one is meant.
    """
    offered = {
        scenario for lists in model.system_types.values()
        for scenario in (*lists.optional, *(s for group in lists.required for s in group))
    }
    fitting = sorted(s for s in offered if round_.log_scenarios.get(s, s) == found.scenario)
    if where.scenario is not None:
        official = round_.layout.scenario_of(where.scenario)
        if official not in fitting:
            raise WrongUse(f"{found.folder}: LoadGen ran {found.scenario}, not {where.scenario}")
        return official
    if len(fitting) > 1:
        slots = {"division": where.division, "submitter": where.submitter,
                 "system": where.system, "model": where.benchmark}
        template = round_.layout.templates["results"][0]
        begun = [s for s in fitting if (root / fill(template, {**slots, "scenario": s})).is_dir()]
        fitting = begun if len(begun) == 1 else fitting
    if len(fitting) != 1:
        known = ", ".join(fitting) or "none"
        raise WrongUse(f"{found.folder}: LoadGen ran {found.scenario}; give --scenario, one of "
                       f"{known}")
    return fitting[0]


def _test(found: Found, where: Where, model: Model, round_: Round) -> str | None:
    """Return the audit that the run is, None for a run of a result."""
    specs = {name: round_.audits[name] for name in round_.audits
             if name in model.required_audits or name == where.test}
    if where.test is not None and where.test not in round_.audits:
        raise WrongUse(f"{round_.name} has no {where.test}; known: {', '.join(round_.audits)}")
    fitting = audits_of(found, specs, round_)
    if where.test is not None:
        return where.test
    if len(fitting) > 1:
        raise WrongUse(f"{found.folder}: its settings are those of {' and '.join(fitting)}; "
                       "give --test")
    if not fitting and found.mode == PERFORMANCE and _sampled(found):
        raise WrongUse(f"{found.folder}: answers were logged as in an audit; give --test")
    return fitting[0] if fitting else None


def _sampled(found: Found) -> bool:
    keys = ("effective_accuracy_log_sampling_target", "effective_accuracy_log_probability")
    return any((n := found.run.number(key)) is not None and n.value for key in keys)


def reasons_against(
    found: Found, model: Model, test: str | None, round_: Round, *, even_invalid: bool
) -> Iterator[str]:
    """Yield why the run does not belong into a submission of the round."""
    if found.mode not in (PERFORMANCE, ACCURACY):
        yield f"mode {found.mode}; results come from {PERFORMANCE} and {ACCURACY}"
    official = (round_.seeds.qsl, round_.seeds.sample_index, round_.seeds.schedule)
    own = test in round_.audit_seeds if test else False
    if found.seeds is not None and found.seeds != official and not own:
        whose = f"those of {found.round_by_seeds}" if found.round_by_seeds else "of no round"
        yield (f"its seeds are {whose}, not those of {round_.name} "
               f"(qsl_rng_seed {official[0]}; {round_.source('seeds')})")
    count = found.run.integer("effective_performance_sample_count")
    least = model.performance_sample_count
    if found.mode == PERFORMANCE and count is not None and least and count.value < least:
        yield (f"performance_sample_count {count.value}, but {model.name} needs at least {least} "
               f"({round_.source(f'models.{model.name}.performance_sample_count')})")
    validity = found.run.text("result_validity")
    refused = test is None and not even_invalid  # audits are judged by their own measure
    if validity is not None and validity.value != "VALID" and refused:
        yield f"LoadGen says {validity.value}; run again, or give --even-invalid"


def _free_run(slots: Mapping[str, str], root: Path, round_: Round) -> str:
    """Return the folder of the first run that is still missing."""
    needed = round_.layout.runs_of(slots["scenario"])
    template = round_.layout.templates["performance"][0]
    for number in range(1, needed + 1):
        target = fill(template, {**slots, "run": f"run_{number}"})
        folder = root / target
        if not folder.is_dir() or not any(folder.iterdir()):
            return target
    raise WrongUse(f"{fill(template, {**slots, 'run': 'run_1'})} has its run already; "
                   "move it away first, nothing is overwritten")


def copy(found: Found, filing: Filing, root: Path) -> None:
    """Copy the files of a run, all or none; a file that appeared meanwhile is not overwritten."""
    made: list[Path] = []
    try:
        for name, path in filing.files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f".{target.name}.part")
            try:
                with (found.folder / name).open("rb") as read, part.open("wb") as write:
                    shutil.copyfileobj(read, write)
                put(part, target)
                made.append(target)
            finally:
                part.unlink(missing_ok=True)
    except BaseException:
        for target in made:
            target.unlink(missing_ok=True)
        raise
