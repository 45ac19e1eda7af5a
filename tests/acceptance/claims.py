"""Recompute quantitative statements of the published discussions from the published trees.

``RECIPES`` says for each statement what of a tree decides it. The published value, its unit and
relation stand in the facts; what is left over is not decidable here, and ``why_not`` says why.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from submission_checker.check import Options, check
from submission_checker.engine.selection import Selection
from submission_checker.evidence.query_counts import query_minimum
from submission_checker.model.report import Report, ResultRow
from submission_checker.rounds.loader import load_round
from submission_checker.rounds.types import Model
from submission_checker.tree.names import resolve_model
from tests.conftest import facts_folder, published

TREES = ("v0.5", "v0.7", "v1.0", "v2.0")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
ABOUT = 0.05
"""Share by which a value may differ that a statement gives with "about"."""
FIRST = "v0.5"
PAPER_MODELS = ("resnet50", "mobilenet", "ssd-resnet34", "ssd-mobilenet", "gnmt")
DECI_INT8 = {"aws-c6i.2xlarge": 259.65, "aws-c6i.16xlarge": 1532.4, "aws-m5zn.6xlarge": 713.2}
"""System -> the baseline that the submitter's text gives (statements deci-cv-base)."""
WHOLE_ROUND = ("all", "open")
THE_BENCHMARK = ("benchmark", "rules")


def claims() -> list[dict[str, Any]]:
    """Return the statements."""
    found: list[dict[str, Any]] = json.loads((facts_folder() / "claims.json").read_text())["claims"]
    return found


@functools.cache
def report(round_: str) -> Report:
    """Return the report of a round's tree; numbers need no rule."""
    options = Options(round=round_, jobs=1, selection=Selection(select=("INPUT",)))
    return check(str(published(round_)), options=options)


def rows(round_: str) -> tuple[ResultRow, ...]:
    """Return every result of a round's tree."""
    return report(round_).results


def row(round_: str, pattern: str) -> ResultRow:
    """Return the only result whose folder fits a pattern, in any case."""
    found = [r for r in rows(round_) if fnmatchcase(r.location.casefold(), pattern.casefold())]
    assert len(found) == 1, (pattern, [r.location for r in found])
    return found[0]


def value(round_: str, pattern: str) -> float:
    """Return the published number of a result."""
    number = row(round_, pattern).result
    assert number is not None
    return number.value


def quality(round_: str, pattern: str) -> float:
    """Return the first quality value of a result."""
    return row(round_, pattern).accuracy[0].value


def field(round_: str, path: str, name: str) -> Any:
    """Return a field of a JSON file."""
    return json.loads((published(round_) / path).read_text())[name]


def cores(round_: str, path: str) -> float:
    """Return the host cores of a system."""
    names = ("host_processors_per_node", "host_processor_core_count")
    one, other = (field(round_, path, name) for name in names)
    return float(one) * float(other)


def model(name: str) -> Model:
    """Return a model of the first round by the name that the paper gives it."""
    round_ = load_round(FIRST)
    found = resolve_model(name, "closed", round_, {}).model
    assert found is not None, name
    return round_.models[found]


def minimum(name: str, scenario: str) -> float:
    """Return how many queries (in Offline samples) the first round wants."""
    own = model(name)
    if scenario == "Offline":
        assert own.offline_min_samples is not None
        return own.offline_min_samples
    return own.min_queries[scenario]


def target(name: str) -> float:
    """Return the quality that the first round wants."""
    lower = model(name).metrics[0].lower
    assert lower is not None
    return lower


@dataclass(frozen=True)
class Recipe:
    """How a statement is recomputed, and which of the numbers in its value that is."""

    compute: Callable[[], float]
    number: int = 0
    relation: str | None = None
    """Relation that holds for what is computed, where it is not the statement's."""


def _paper() -> Iterator[tuple[str, Recipe]]:
    for share in (90, 95, 99):
        yield f"t4-{share}", Recipe(lambda p=share / 100: round(query_minimum(p).exact))
    yield "t4-97", Recipe(lambda: query_minimum(0.97).rounded)
    for name in PAPER_MODELS:
        yield f"t3-server-{name}", Recipe(lambda n=name: model(n).latency_bound_ms["Server"])
        yield f"t3-ms-{name}", Recipe(lambda n=name: model(n).latency_bound_ms["MultiStream"])
        yield f"t1-quality-{name}", Recipe(lambda n=name: target(n), relation="=")
        for scenario in ("SingleStream", "MultiStream", "Server", "Offline"):
            yield f"t5-{name}-{scenario}", Recipe(
                lambda n=name, s=scenario: minimum(n, s), int(scenario == "Offline"))


DECI = "open/Deci/results"
HAISHEN = "closed/Alibaba/results/haishen-qaic-v1.6.80-aic100"
INTEL = "open/Intel/systems/1-node-2s-icx-openvino-INT8.json"
RECIPES: dict[str, Recipe] = {
    **dict(_paper()),
    "ali-accuracy": Recipe(lambda: quality(
        "v2.0", "open/Alibaba/results/ACS_SINIAN_TVM/resnet50/Offline")),
    "ali-rn-0.75": Recipe(lambda: value("v2.0", f"{HAISHEN}/resnet50/singlestream")),
    "ali-ssd-1.72": Recipe(lambda: value("v2.0", f"{HAISHEN}/ssd-mobilenet/singlestream")),
    "ali-15w": Recipe(lambda: float(NUMBER.findall(re.findall(r"\d+ ?W", field(
        "v2.0", "closed/Alibaba/systems/haishen-qaic-v1.6.80-aic100.json", "hw_notes"))[0])[0])),
    "deci-cv-0": Recipe(lambda: value("v2.0", f"{DECI}/aws-c6i.2xlarge-openvino/resnet50/Offline")),
    "deci-cv-1": Recipe(lambda: value("v2.0", f"{DECI}/aws-c6i.16xlarge*/resnet50/Offline")),
    "deci-cv-2": Recipe(lambda: value("v2.0", f"{DECI}/aws-m5zn.6xlarge*/resnet50/Offline")),
    "deci-hw-0": Recipe(lambda: cores("v2.0", "open/Deci/systems/aws-c6i.2xlarge-openvino.json")),
    "deci-hw-1": Recipe(lambda: cores("v2.0", "open/Deci/systems/aws-c6i.16xlarge-openvino.json")),
    "deci-hw-2": Recipe(lambda: cores("v2.0", "open/Deci/systems/aws-m5zn.6xlarge-openvino.json")),
    "deci-acc": Recipe(lambda: quality("v2.0", f"{DECI}/aws-c6i.2xlarge*/resnet50/Offline")),
    "deci-nlp-0": Recipe(lambda: value("v2.0", f"{DECI}/aws-c6i.16xlarge*/bert-99/Offline")),
    "deci-nlp-1": Recipe(lambda: value("v2.0", f"{DECI}/aws-c6i.16xlarge*/bert-99.9/Offline")),
    "deci-nlp-2": Recipe(lambda: value("v2.0", f"{DECI}/aws-m5dn.8xlarge*/bert-99/Offline")),
    "deci-nlp-3": Recipe(lambda: value("v2.0", f"{DECI}/aws-m5dn.8xlarge*/bert-99.9/Offline")),
    "deci-f1-1": Recipe(lambda: quality("v2.0", f"{DECI}/aws-c6i.16xlarge*/bert-99/Offline")),
    "deci-f1-2": Recipe(lambda: quality("v2.0", f"{DECI}/aws-c6i.16xlarge*/bert-99.9/Offline")),
    "int-system": Recipe(lambda: cores("v2.0", INTEL)),
    "p-server-bound-range": Recipe(lambda: min(
        m.latency_bound_ms["Server"] for m in load_round(FIRST).models.values())),
    "p-four-scenarios": Recipe(lambda: len(load_round(FIRST).scenarios)),
    "p-4x5-20": Recipe(lambda: sum(
        len(model(name).min_queries) for name in PAPER_MODELS)),
    "p-ms-interval-range": Recipe(lambda: min(
        model(name).latency_bound_ms["MultiStream"] for name in PAPER_MODELS)),
    "p-five-runs": Recipe(lambda: load_round(FIRST).layout.runs_of("Server")),
    "p-other-one-run": Recipe(lambda: max(
        load_round(FIRST).layout.runs_of(name) for name in load_round(FIRST).scenarios
        if name != "Server")),
    "p-offline-24576": Recipe(lambda: min(minimum(name, "Offline") for name in PAPER_MODELS),
                              relation="="),
    "p-60s": Recipe(lambda: min(load_round(FIRST).durations_ms.values()) / 1000, relation="="),
    "deci-speedup": Recipe(lambda: min(value("v2.0", f"{DECI}/{system}*/resnet50/Offline") / base
                                       for system, base in DECI_INT8.items())),
    "w-divisions-2": Recipe(lambda: float(len(
        {r.subject.division for r in rows("v0.7")}))),
}
"""Statement -> how it is recomputed."""

ON_A_PART: dict[str, Callable[[], bool]] = {
    "p-five-runs": lambda: all(
        len(r.derivation) > 0 and "5 runs" in r.derivation[-1].formula
        for r in rows(FIRST) if r.scenario == "Server" and r.subject.division == "closed"),
    "t1-quality-all": lambda: all(
        a.value >= target(r.subject.benchmark)
        for r in rows(FIRST) if r.subject.division == "closed" for a in r.accuracy[:1]),
}
"""Statements about every result of a round: whether they hold of the results that are here."""


@dataclass(frozen=True)
class Line:
    """A line of the table: what was said, what the trees give, and whether both agree."""

    id: str
    said: str
    found: float | None
    agrees: bool | None
    why_not: str


def decided() -> list[Line]:
    """Return every statement with its recomputed value, or why there is none."""
    return [_line(claim) for claim in claims()]


def _line(claim: dict[str, Any]) -> Line:
    quantity = claim["quantity"]
    said = " ".join(str(quantity[key]) for key in ("relation", "value", "unit")
                    if quantity.get(key) is not None)
    recipe = RECIPES.get(claim["id"])
    if recipe is None:
        return Line(claim["id"], said, None, None, why_not(claim))
    found = recipe.compute()
    text = NUMBER.findall(f"{quantity['value']}")[recipe.number]
    return Line(claim["id"], said, found, agrees(
        found, text, recipe.relation or quantity["relation"]), "")


def agrees(found: float, text: str, relation: str) -> bool:
    """Return whether a value is what a printed number says, to the digits that are printed."""
    published_ = float(text)
    half = 0.5 * 10 ** -len(text.partition(".")[2])
    if relation == ">=":
        return found >= published_ - half
    if relation == "<=":
        return found <= published_ + half
    if relation == "~":
        return abs(found - published_) <= ABOUT * published_
    return abs(found - published_) <= half * (1 + 1e-9)


def why_not(claim: dict[str, Any]) -> str:
    """Return why a statement cannot be decided from the trees."""
    round_, source = claim["round"], claim["decidable_from"] or ""
    if claim["decided"] is False or claim["verdict_class"] == "undecidable":
        return claim["verdict"].removeprefix("cannot be decided").strip(": ()") or "no data"
    if round_ not in TREES:
        return f"{round_}: no tree of an inference round"
    if "v1.1" in source:
        return "compares with v1.1, of which no tree is here"
    if claim["submitter"] in WHOLE_ROUND:
        return f"about all results of the round; {round_} is here in part"
    if claim["submitter"] in THE_BENCHMARK:
        return "about the benchmark, not about results"
    here = {r.subject.submitter.casefold() for r in rows(round_)}
    submitter = str(claim["submitter"] or "").casefold()
    if not any(submitter and (submitter in name or name in submitter) for name in here):
        return f"needs {claim['submitter']}; the tree of {round_} holds {len(here)} submitters"
    if claim["quantity"].get("value") is None:
        return "a statement in words"
    if not has_rows(claim):
        return f"the results named are not in the tree of {round_}"
    return "no recipe"


def has_rows(claim: dict[str, Any]) -> bool:
    """Return whether the results that a statement names are in the tree of its round."""
    quantity = claim["quantity"]
    system = (quantity.get("system_pattern") or "").casefold()
    name, scenario = (str(quantity.get(key) or "") for key in ("model", "scenario"))
    if not system or " / " in system:
        return False
    return any(
        fnmatchcase(r.subject.system.casefold(), system) and
        (not scenario or scenario == r.scenario) and
        (not name or name in (r.subject.benchmark, r.model))
        for r in rows(claim["round"])
    )
