"""Statements about whole rounds, recomputed for those of their systems that are in the trees.

The facts give what others measured per system; each entry here is (what, facts, recomputed), the
recomputed value from the tables of ``report``. The statement itself stays undecided where systems
are missing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from submission_checker.model.tables import Cell
from submission_checker.review.kinds import kind_of
from submission_checker.review.records import records_of
from submission_checker.review.tables import tables_of
from submission_checker.rounds.loader import load_round
from tests.acceptance.claims import claims, report

Entry = tuple[str, Any, Any]


@functools.cache
def observed(claim: str) -> Any:
    """Return what the facts say was measured."""
    return next(item["observed"] for item in claims() if item["id"] == claim)


@functools.cache
def table(round_: str, name: str) -> list[dict[str, Cell]]:
    """Return a table of a tree as rows by column name."""
    (made,) = tables_of(report(round_), (name,))
    return [dict(zip((c.name for c in made.columns), row, strict=True)) for row in made.rows]


OURS = {"ssd-mobilenet": "ssd-small", "ssd-resnet34": "ssd-large", "resnet50": "resnet"}
"""Name of the facts -> name of the round data."""


def one(round_: str, name: str, **wanted: Cell) -> dict[str, Cell]:
    """Return the only row of a table with these cells."""
    found = [row for row in table(round_, name) if all(row[k] == v for k, v in wanted.items())]
    assert len(found) == 1, (wanted, found)
    return found[0]


def server_ratios() -> Iterator[Entry]:
    """Figure 6: Server as a share of Offline."""
    for benchmark, systems in observed("f6-all-below-1")["ratios"].items():
        for row in table("v0.5", "ratios"):
            name = f"{row['submitter']} {row['system']}"
            if row["benchmark"] == OURS.get(benchmark, benchmark) and name in systems:
                yield f"{benchmark} {name}", systems[name], row["ratio"]


def extreme(claim: str, end: str) -> Callable[[], Iterator[Entry]]:
    """Figure 8: the smallest or largest number of a benchmark and scenario."""
    def entries() -> Iterator[Entry]:
        facts = observed(claim)
        _, benchmark, scenario = claim.replace("ssd-", "ssd_").split("-")
        benchmark = OURS.get(benchmark.replace("_", "-"), benchmark)
        submitter, _, system = facts[f"{end}_by"].partition(" ")
        rows = [row for row in table("v0.5", "relative") if row["division"] == "closed"
                and (row["benchmark"], row["scenario"]) == (benchmark, scenario)
                and row["submitter"] == submitter and system in str(row["system"])]
        assert len(rows) == 1, (claim, rows)
        yield facts[f"{end}_by"], facts[end], rows[0]["result"]
    return entries


def ssd_ratio() -> Iterator[Entry]:
    """Throughput of the small over the large SSD model."""
    system = "alibaba_cloud_t4"
    small, large = (one("v0.5", "relative", system=system, benchmark=name, scenario="Offline")
                    for name in ("ssd-small", "ssd-large"))
    yield (system, observed("p-ssd-50-60x")["Offline"][f"Alibaba {system}"],
           float(str(small["result"])) / float(str(large["result"])))


def kind(submitter: str, expected: str, system: str = "") -> Callable[[], Iterator[Entry]]:
    """Table VII: the kind of processor on which a submitter's framework ran."""
    def entries() -> Iterator[Entry]:
        found = {kind_of(r) for r in records_of(report("v0.5"), everything=True)
                 if r.row.subject.submitter == submitter and system in r.system}
        assert found, submitter
        yield submitter, {expected}, found
    return entries


def framework(name: str, kinds: set[str]) -> Callable[[], Iterator[Entry]]:
    """Table VII: the kinds of processors of a framework, as far as its systems are here."""
    def entries() -> Iterator[Entry]:
        row = one("v0.5", "frameworks", framework=name)
        yield name, kinds, {k for k, v in row.items() if v and k not in ("framework", "all")}
    return entries


def ranked(claim: str, benchmark: str, scenario: str) -> Callable[[], Iterator[Entry]]:
    """Top-ten lists of v1.0: the values of systems that are here, and that their order is theirs.

    As in the lists, only what is available counts, and only datacenter systems.
    """
    def entries() -> Iterator[Entry]:
        rows = [row for row in table("v1.0", "ranking")
                if (row["suite"], row["division"], row["category"]) == (
                    "datacenter", "closed", "available")
                and (row["benchmark"], row["scenario"]) == (benchmark, scenario)]
        listed = [(item["submitter"], item["system"], item["value"]) for item in observed(claim)]
        here = [row for row in rows if any(_same(row, item) for item in listed)]
        theirs = [item for item in listed if any(_same(row, item) for row in here)]
        for row, item in zip(here, theirs, strict=True):
            yield f"{item[0]} {item[1]}", item[2], row["result"]
    return entries


def _same(row: dict[str, Cell], item: tuple[str, str, float]) -> bool:
    submitter, system, _ = item
    return row["submitter"] == submitter and str(row["system"]).removeprefix(
        f"{submitter}_") == system.partition(" ")[0]


def published(round_: str, claim: str, key: str, benchmark: str, scenario: str, system: str
              ) -> Callable[[], Iterator[Entry]]:
    """One of the numbers that a comparison of two rounds starts from."""
    def entries() -> Iterator[Entry]:
        row = one(round_, "ranking", system=system, benchmark=benchmark, scenario=scenario)
        yield system, observed(claim)[key], row["result"]
    return entries


def columns_of_the_page(*wanted: str) -> Callable[[], Iterator[Entry]]:
    """The columns that the results page of v0.7 has."""
    def entries() -> Iterator[Entry]:
        (made,) = tables_of(report("v0.7"), ("results",))
        yield "columns", set(wanted), {column.name for column in made.columns} & set(wanted)
    return entries


def systems_of_alibaba() -> Iterator[Entry]:
    """The systems of a submitter in both divisions."""
    facts = observed("ali-systems")
    rows = [row for row in table("v2.0", "relative") if row["submitter"] == "Alibaba"]
    opened = {name.partition(" ")[0] for name in facts["open"]}
    yield "open", opened, {row["system"] for row in rows if row["division"] == "open"}
    yield ("closed", set(facts["closed_edge"]),
           {row["system"] for row in rows if row["division"] == "closed"})


def orin() -> Iterator[Entry]:
    """A preview system and its benchmarks."""
    facts = observed("nv-preview")
    rows = [row for row in report("v2.0").results if row.subject.system == "Orin_TRT"]
    yield "benchmarks", set(facts["benchmarks"]), {row.subject.benchmark for row in rows}
    yield "status", {facts["status"]}, {row.category for row in rows}


def units(scenario: str, unit: str) -> Callable[[], Iterator[Entry]]:
    """What a scenario is reported in."""
    def entries() -> Iterator[Entry]:
        found = {row.result.unit for row in report("v0.7").results
                 if row.scenario == scenario and row.result is not None}
        yield f"v0.7 {scenario}", {unit}, found
    return entries


def counted(claim: str, division: str, *submitters: str) -> Callable[[], Iterator[Entry]]:
    """Results of submitters in a division, as the facts count them."""
    def entries() -> Iterator[Entry]:
        for name in submitters:
            row = one("v0.5", "counts", by="submitter", division=division, value=name)
            yield name, observed(claim)[name], row["results"]
    return entries


def with_qualcomm() -> Iterator[Entry]:
    """Results of partners on systems named after the accelerator's software."""
    for name in ("GIGABYTE", "Alibaba"):
        yield name, observed("q-200")["by"][name], sum(
            "qaic" in str(row["system"]) for row in table("v2.0", "ranking")
            if row["submitter"] == name)


def bootstrap(letter: str) -> Callable[[], Iterator[Entry]]:
    """Rates and quality of a submitter's own model."""
    def entries() -> Iterator[Entry]:
        mine = [row for row in report("v2.0").results
                if row.subject.benchmark == f"resnet50_bootstrapnas{letter}"]
        for row in mine:
            assert row.result is not None
            yield row.scenario, observed(f"int-bnas-{letter}")[row.scenario.lower()], (
                row.result.value)
            yield "quality", observed(f"int-acc-{letter}")["top1"], row.accuracy[0].value
    return entries


def virtual_machines() -> Iterator[Entry]:
    """Sizes of virtual machines with their accelerators."""
    listed = {name for family in observed("az-offers").values() for name in family}
    yield "machines (accelerators)", listed, {
        f"{str(row['system']).partition('_')[0]} ({row['accelerators']})"
        for row in table("v2.0", "relative") if row["submitter"] == "Azure"}


def seeds() -> Iterator[Entry]:
    """The seeds of the first round, that rule PERF009 wants in every log."""
    facts, own = observed("p-seeds-fixed"), load_round("v0.5").seeds
    for name in ("qsl", "sample_index", "schedule"):
        yield name, facts[f"{name}_rng_seed"], getattr(own, name)


def categories() -> Iterator[Entry]:
    """The categories of closed systems."""
    yield "closed", set(observed("p-categories-3")["closed"]), {
        row["category"] for row in table("v0.5", "ranking") if row["division"] == "closed"}


def not_all_int8() -> Iterator[Entry]:
    """Numerics of the variant that the facts find in no other format."""
    (kind_,) = observed("s-all-int8")["bert-99.9"]
    yield "bert-99.9", {kind_}, {
        row["numerics"] for row in table("v1.0", "ranking")
        if (row["suite"], row["division"], row["benchmark"]) == (
            "datacenter", "closed", "bert-99.9")}


NEUCHIPS = ("dlrm-99", "Neuchips-triple-RecAccel")
PARTS: dict[str, Callable[[], Iterator[Entry]]] = {
    "f6-all-below-1": server_ratios,
    "f8-mobilenet-SingleStream": extreme("f8-mobilenet-SingleStream", "smallest"),
    "f8-resnet50-SingleStream": extreme("f8-resnet50-SingleStream", "smallest"),
    "f8-resnet50-MultiStream": extreme("f8-resnet50-MultiStream", "largest"),
    "f8-ssd-resnet34-Server": extreme("f8-ssd-resnet34-Server", "smallest"),
    "p-ssd-50-60x": ssd_ratio,
    "p-partial-suite": counted("p-partial-suite", "closed", "Habana", "FuriosaAI", "Qualcomm"),
    "p-open-429": counted("p-open-429", "open", "Habana", "Qualcomm", "Inspur"),
    "p-seeds-fixed": seeds,
    "p-categories-3": categories,
    "s-all-int8": not_all_int8,
    "q-200": with_qualcomm,
    "az-offers": virtual_machines,
    "int-bnas-B": bootstrap("B"),
    "int-bnas-C": bootstrap("C"),
    "t7-furiosa-ai": kind("FuriosaAI", "FPGA"),
    "t7-hanguang-ai": kind("Alibaba", "ASIC", "HanGuang"),
    "t7-snpe": framework("Snapdragon Neural Processing Engine", {"DSP"}),
    "t7-synapse": framework("Synapse", {"ASIC"}),
    "t7-tensorrt": framework("TensorRT", {"GPU"}),
    "s-resnet-top10": ranked("s-resnet-top10", "resnet", "Server"),
    "s-unet-top10": ranked("s-unet-top10", "3d-unet-99", "Offline"),
    "neu-server": published("v2.0", "neu-server", "v2.0", *NEUCHIPS[:1], "Server", NEUCHIPS[1]),
    "neu-offline": published("v2.0", "neu-offline", "v2.0", *NEUCHIPS[:1], "Offline",
                             NEUCHIPS[1]),
    "ali-systems": systems_of_alibaba,
    "nv-preview": orin,
    "w-closed-columns": columns_of_the_page(
        "submitter", "system", "processor", "processors", "accelerator", "accelerators",
        "software", "resnet Offline", "details", "code"),
    "w-open-columns": columns_of_the_page("models used", "notes"),
    "w-metric-SingleStream": units("SingleStream", "ms"),
    "w-metric-MultiStream": units("MultiStream", "streams"),
    "w-metric-Server": units("Server", "Queries/s"),
    "w-metric-Offline": units("Offline", "Samples/s"),
}
"""Statement -> what of it the trees decide."""
