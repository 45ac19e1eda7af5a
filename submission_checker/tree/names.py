"""Names in the tree: benchmark folders to models, scenario folders to scenarios, near misses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from submission_checker.rounds.types import Round


class ModelName(NamedTuple):
    """What a benchmark folder resolves to: the model, how it was found, the nearest known name."""

    model: str | None
    by: str
    near: str | None = None


def near(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that a reader most likely meant, None where nothing is close."""
    folded = {item.casefold(): item for item in known}
    if name.casefold() in folded:
        return folded[name.casefold()]
    plain = {_plain(item): item for item in folded.values()}
    if _plain(name) in plain:
        return plain[_plain(name)]
    import difflib  # only here: most names are right

    close = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.7)
    return folded[close[0]] if close else None


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def resolve_model(
    folder: str, division: str, round_: Round, mapping: Mapping[str, str]
) -> ModelName:
    """Resolve a benchmark folder: official name, alias table, submitter's mapping, substrings.

    The submitter's mapping counts in the open division only; whether closed may use substrings is
    round data.
    """
    models = round_.models
    if folder in models:
        return ModelName(folder, "name")
    alias = round_.aliases.table.get(folder)
    if alias is None:
        alias = next((name for name, model in models.items() if folder in model.aliases), None)
    if alias is not None and alias in models:
        return ModelName(alias, "alias")
    if division == "open" and mapping.get(folder) in models:
        return ModelName(mapping[folder], "mapping")
    if division == "open" or round_.aliases.closed_uses_substrings:
        for needle, target in round_.aliases.substrings:
            if needle in folder and target in models:
                return ModelName(target, "substring")
    known = [*models, *(alias for model in models.values() for alias in model.aliases)]
    return ModelName(None, "unknown", near(folder, known))


def resolve_scenario(folder: str, round_: Round) -> tuple[str | None, str | None]:
    """Return (official scenario, nearest folder name where the spelling is none of the round's)."""
    scenario = round_.layout.scenario_of(folder)
    if scenario is not None:
        return scenario, None
    official = near(folder, set(round_.layout.scenario_folders.values()))
    return None, official or near(folder, round_.layout.scenario_folders)


def canonical_system_type(text: str, round_: Round) -> str | None:
    """Return the round's spelling of a system type; blanks around commas do not count."""
    squeezed = ",".join(part.strip() for part in text.split(","))
    squeezed = round_.system.system_type_aliases.get(squeezed, squeezed)
    return squeezed if squeezed in round_.system.system_types else None
