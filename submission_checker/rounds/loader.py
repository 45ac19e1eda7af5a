"""Load rounds: read the TOML files, resolve the chain of predecessors, build the typed form.

A file holds ``round``, ``predecessor`` and what changed: tables are merged key by key, every other
value replaces the inherited one, and ``remove`` lists dotted keys that the round no longer has
(quoted parts may hold dots, as in TOML). Integers above 2^63 are written as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from submission_checker.rounds.build import build_round
from submission_checker.rounds.compiled import compiled, folder
from submission_checker.rounds.types import Round


class UnknownRound(ValueError):
    """A round name that no data file has; ``known`` are the names there are."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        from difflib import get_close_matches  # only here: most runs know their round

        typed = name.casefold()
        close = [item for item in known if len(typed) > 1 and item.startswith(typed)]
        close = close or get_close_matches(typed, known, n=1, cutoff=0.7)
        near = f"did you mean {' or '.join(map(repr, close))}? " if close else ""
        super().__init__(f"unknown round {name!r}; {near}known: {', '.join(known)}")
        self.name = name
        self.known = known


class RoundDataError(ValueError):
    """The round data themselves are wrong."""


@cache
def _file(name: str) -> Mapping[str, Any]:
    data = folder().joinpath(f"{name}.toml").read_bytes()
    if (values := compiled(name, data)) is not None:
        return values
    import tomllib  # only here: the compiled form is read otherwise

    try:
        return tomllib.loads(data.decode("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise RoundDataError(f"{name}.toml: {error}") from error


@cache
def round_names() -> tuple[str, ...]:
    """Return every round in order of publication; those chosen only by name come last."""
    names = sorted(
        item.name.removesuffix(".toml")
        for item in folder().iterdir()
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
def rule_tables() -> Mapping[str, Mapping[str, Any]]:
    """Return the resolved ``[rules]`` table of every round, without resolving anything else."""
    return {name: data.get("rules", {})
            for name, data in section_of_every_round("rules").items()}


def section_of_every_round(section: str) -> dict[str, dict[str, Any]]:
    """Return round -> ``{section: its resolved value}``, without resolving anything else."""
    @cache
    def resolved(name: str) -> dict[str, Any]:
        own = _file(name)
        before = own.get("predecessor")
        base = resolved(before) if before else {}
        for key in own.get("remove", []):
            if split_key(key)[0] == section:
                base = _without(base, split_key(key), name)
        return merge(base, {section: own[section]} if section in own else {})

    return {name: resolved(name) for name in round_names()}


def real_round_names() -> tuple[str, ...]:
    """Return the names of the rounds that take part in detection, oldest first."""
    return tuple(name for name in round_names() if _file(name).get("detectable", True))


@cache
def seed_triples() -> Mapping[str, tuple[int, int, int]]:
    """Return the seeds of every round that takes part in detection, without loading the rounds."""
    keys = ("qsl_rng_seed", "sample_index_rng_seed", "schedule_rng_seed")
    found = {}
    for name in real_round_names():
        seeds = _file(name).get("seeds", {})
        if all(key in seeds for key in keys):
            found[name] = (int(seeds[keys[0]]), int(seeds[keys[1]]), int(seeds[keys[2]]))
    return found
