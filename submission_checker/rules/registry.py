"""The list of rule modules: registration is explicit, nothing is searched for."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from submission_checker.engine.rule import Rule, collect

MODULES = (
    "inputs", "rndx", "tree.layout", "tree.names", "tree.results",
    "syst", "syst_network", "meas", "meas_conf",
    "perf.log", "perf.latency", "perf.length", "perf.settings",
    "accu", "accu_text", "powr", "powr_samples",
    "audits.presence", "audits.verdicts", "audits.speed", "audits.content", "audits.runs",
    "audits.copies", "infr",
)


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return every rule in order of ids."""
    return collect(tuple(import_module(f"submission_checker.rules.{name}") for name in MODULES))


def by_name() -> dict[str, Rule]:
    """Return the rules by id and by short name."""
    return {key: rule for rule in all_rules() for key in (rule.id, rule.name)}
