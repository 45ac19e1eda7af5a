"""Load rounds: read the TOML files, resolve the chain of predecessors, build the typed form.

A file holds ``round``, ``predecessor`` and what changed: tables are merged key by key, every other
value replaces the inherited one, and ``remove`` lists dotted keys that the round no longer has
(quoted parts may hold dots, as in TOML). Integers above 2^63 are written as text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from submission_checker.rounds.build import build_round
from submission_checker.rounds.types import Round

DATA = "data"


class UnknownRound(ValueError):
    """A round name that no data file has; ``known`` are the names there are."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        from difflib import get_close_matches  # only here: most runs know their round

        close = get_close_matches(name.casefold(), known, n=1, cutoff=0.7)
        near = f"did you mean {close[0]!r}? " if close else ""
        super().__init__(f"unknown round {name!r}; {near}known: {', '.join(known)}")
        self.name = name
        self.known = known


class RoundDataError(ValueError):
    """The round data themselves are wrong."""


@cache
def _file(name: str) -> Mapping[str, Any]:
    resource = resources.files(__package__).joinpath(DATA, f"{name}.toml")
    try:
        return tomllib.loads(resource.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise RoundDataError(f"{name}.toml: {error}") from error


@cache
def round_names() -> tuple[str, ...]:
    """Return every round in order of publication; those chosen only by name come last."""
    names = sorted(
        item.name.removesuffix(".toml")
        for item in resources.files(__package__).joinpath(DATA).iterdir()
        if item.name.endswith(".toml")
    )
    return tuple(sorted(names, key=lambda name: (not name.startswith("v"), _number(name))))


def _number(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.lstrip("v").split(".") if part.isdigit())


@cache
def resolved_data(name: str) -> dict[str, Any]:
    """Return the complete data of a round as plain values; do not change the result."""
    if name not in round_names():
        raise UnknownRound(name, round_names())
    own = dict(_file(name))
    before = own.pop("predecessor", None)
    removed = own.pop("remove", [])
    base: dict[str, Any] = {} if before is None else resolved_data(before)
    for key in removed:
        base = _without(base, split_key(key), name)
    merged = merge(base, own)
    merged["predecessor"] = before
    return merged


def merge(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``base`` with the tables of ``change`` merged in and its other values replaced."""
    out = dict(base)
    for key, value in change.items():
        old = out.get(key)
        nested = isinstance(value, Mapping) and isinstance(old, Mapping)
        out[key] = merge(old, value) if nested else value  # type: ignore[arg-type]
    return out


def _without(base: Mapping[str, Any], path: tuple[str, ...], name: str) -> dict[str, Any]:
    out = dict(base)
    if path[0] not in out:
        raise RoundDataError(f"{name}.toml removes {'.'.join(path)}, which is not inherited")
    if len(path) == 1:
        del out[path[0]]
    else:
        out[path[0]] = _without(out[path[0]], path[1:], name)
    return out


def split_key(text: str) -> tuple[str, ...]:
    """Split a dotted key; parts in double quotes may hold dots."""
    parts, current, quoted = [], "", False
    for char in text:
        if char == '"':
            quoted = not quoted
        elif char == "." and not quoted:
            parts.append(current)
            current = ""
        else:
            current += char
    return (*parts, current)


@cache
def load_round(name: str) -> Round:
    """Return a round in its typed form; raises ``UnknownRound``."""
    return build_round(resolved_data(name))


@cache
def _section(name: str, section: str) -> dict[str, Any]:
    """Return one table of a round's own file, reading nothing else of it."""
    text = resources.files(__package__).joinpath(DATA, f"{name}.toml").read_text("utf-8")
    table = text.partition(f"\n[{section}]\n")[2].partition("\n[")[0]
    return tomllib.loads(table)


@cache
def _head(name: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath(DATA, f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text.partition("\nremove")[0].partition("\ninference")[0]
                         .partition("\n[")[0])


@cache
def rule_tables() -> Mapping[str, Mapping[str, Any]]:
    """Return the resolved ``[rules]`` table of every round, reading nothing else of the files."""
    return {name: data.get("rules", {})
            for name, data in section_of_every_round("rules").items()}


def section_of_every_round(section: str) -> dict[str, dict[str, Any]]:
    """Return round -> ``{section: its resolved value}``, reading nothing else of the files."""
    @cache
    def resolved(name: str) -> dict[str, Any]:
        own = _part(name, section)
        before = own.get("predecessor")
        base = resolved(before) if before else {}
        for key in own.get("remove", []):
            if split_key(key)[0] == section:
                base = _without(base, split_key(key), name)
        return merge(base, {section: own[section]} if section in own else {})

    return {name: resolved(name) for name in round_names()}


@cache
def _part(name: str, section: str) -> dict[str, Any]:
    """Return what a round's own file says before its first table and in the tables of a section."""
    text = resources.files(__package__).joinpath(DATA, f"{name}.toml").read_text("utf-8")
    first, *tables = re.split(r"^(?=\[)", text, flags=re.MULTILINE)
    begins = (f"[{section}]", f"[{section}.", f"[[{section}]]")
    return tomllib.loads("".join([first, *(t for t in tables if t.startswith(begins))]))


def real_round_names() -> tuple[str, ...]:
    """Return the names of the rounds that take part in detection, oldest first."""
    return tuple(name for name in round_names() if _head(name).get("detectable", True))


@cache
def seed_triples() -> Mapping[str, tuple[int, int, int]]:
    """Return the seeds of every round that takes part in detection, without loading the rounds."""
    keys = ("qsl_rng_seed", "sample_index_rng_seed", "schedule_rng_seed")
    found = {}
    for name in real_round_names():
        seeds = _section(name, "seeds")
        if all(key in seeds for key in keys):
            found[name] = (int(seeds[keys[0]]), int(seeds[keys[1]]), int(seeds[keys[2]]))
    return found
