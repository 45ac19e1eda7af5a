"""The level of a rule in a round and division."""

from __future__ import annotations

from submission_checker.engine.rule import Rule
from submission_checker.model.findings import LEVEL_BY_NAME, Level
from submission_checker.rounds.types import Round


def level_in_force(rule: Rule, round_: Round, division: str) -> Level | None:
    """Return the level of a rule in a round and division, None where it is not in force."""
    usual = rule.usual_level(division)
    setting = round_.rule_setting(rule.id, division or None)
    if setting == "off" or usual is None:
        return None
    if setting == "on":
        return usual
    return LEVEL_BY_NAME[setting] if division != "open" else min(LEVEL_BY_NAME[setting], usual)
