"""The list of rule modules: registration is explicit, nothing is searched for."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from submission_checker.engine.rule import Rule, collect

MODULES = (
    "inputs",
    "rndx",
    "tree.layout",
    "tree.names",
    "tree.results",
    "syst",
    "syst_hardware",
    "syst_network",
    "syst_power",
    "meas",
    "meas_types",
    "meas_texts",
    "meas_conf",
    "meas_limits",
    "meas_code",
    "meas_pipeline",
    "meas_weights",
    "perf.log",
    "perf.latency",
    "perf.length",
    "perf.settings",
    "perf.client",
    "perf.leads",
    "lgen",
    "lgen_settings",
    "lgen_numbers",
    "lgen_latency",
    "lgen_validity",
    "lgen_stopping",
    "lgen_summary",
    "lgen_replay",
    "lgen_order",
    "lgen_source",
    "lgen_clock",
    "lgen_tokens",
    "lgen_furniture",
    "lgen_form",
    "lgen_messages",
    "lgen_trace",
    "accu",
    "accu_text",
    "accu_log",
    "powr",
    "powr_log",
    "powr_records",
    "powr_samples",
    "powr_session",
    "powr_clocks",
    "powr_daemon",
    "audits.presence",
    "audits.verdicts",
    "audits.speed",
    "audits.content",
    "audits.runs",
    "audits.copies",
    "endp",
    "endp_run",
    "endp_latency",
    "endp_sums",
    "endp_series",
    "endp_accuracy",
    "endp_scores",
    "infr",
    "xres_runs",
    "xres_logs",
    "xres_leads",
    "xres_systems",
    "xres_rounds",
    "xres_revisions",
    "xres_table",
    "priv",
    "repo",
    "repo_line_ends",
)


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return every rule in order of ids."""
    return collect(tuple(import_module(f"submission_checker.rules.{name}") for name in MODULES))


def find_rule(name: str) -> Rule | None:
    """Return the rule of an id or short name; an id loads only the modules of its family."""
    family = rules_of(name.upper().rstrip("0123456789"))
    own = next((rule for rule in family if rule.id == name.upper()), None)
    return own or by_name().get(name)


def rules_of(family: str) -> tuple[Rule, ...]:
    """Return the rules of a family; only its modules are loaded."""
    return collect(tuple(
        import_module(f"submission_checker.rules.{module}")
        for module in MODULES if FAMILIES.get(module.partition(".")[0].partition("_")[0]) == family
    ))


FAMILIES = {
    "inputs": "INPUT", "rndx": "RNDX", "tree": "TREE", "syst": "SYST", "meas": "MEAS",
    "perf": "PERF", "lgen": "LGEN", "accu": "ACCU", "powr": "POWR", "audits": "AUDT",
    "endp": "ENDP", "infr": "INFR", "xres": "XRES", "priv": "PRIV",
    "repo": "REPO",
}
"""First part of a module's name -> family of the rules in it."""


def by_name() -> dict[str, Rule]:
    """Return the rules by id and by short name."""
    return {key: rule for rule in all_rules() for key in (rule.id, rule.name)}
