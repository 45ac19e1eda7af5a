"""The rule catalogue against the rules: implemented, decided elsewhere, out of scope, or open."""

from __future__ import annotations

import tomllib
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

STATES = ("implemented", "decided elsewhere", "out of scope", "open", "unmapped")
PARTS = ("titles", "elsewhere", "out_of_scope", "open")


@dataclass(frozen=True, slots=True)
class Covered:
    """An id of the catalogue and what decides it."""

    id: str
    title: str
    state: str
    by: str = ""
    why: str = ""


@cache
def catalogue() -> dict[str, Any]:
    """Return the catalogue: titles by id, and the ids that are no rule of their own."""
    text = Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def coverage(rules: Container[str]) -> Iterator[Covered]:
    """Yield every id of the catalogue in order; ``rules`` are the ids that exist."""
    data = catalogue()
    for id_, title in sorted(data["titles"].items()):
        if id_ in rules:
            yield Covered(id_, title, "implemented", id_)
        elif (found := data["elsewhere"].get(id_)) is not None:
            by = found.get("rule") or found["command"]
            yield Covered(id_, title, "decided elsewhere", by, found["why"])
        elif id_ in data["out_of_scope"]:
            yield Covered(id_, title, "out of scope", why=data["out_of_scope"][id_])
        elif id_ in data["open"]:
            yield Covered(id_, title, "open", why=data["open"][id_])
        else:
            yield Covered(id_, title, "unmapped")


def stale(rules: Container[str]) -> list[str]:
    """Return what the catalogue says about ids or rules that do not exist."""
    data = catalogue()
    wrong = [f"{part}: {id_}" for part in PARTS[1:] for id_ in data[part]
             if id_ not in data["titles"]]
    wrong += [f"{id_}: decided by {found['rule']}" for id_, found in data["elsewhere"].items()
              if "rule" in found and found["rule"] not in rules]
    wrong += [f"open: {id_} is a rule" for id_ in data["open"] if id_ in rules]
    return wrong + [f"{part} is not known" for part in data if part not in PARTS]
