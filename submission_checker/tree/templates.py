"""Path templates of a round, matched against the file table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from submission_checker.model.files import FileTable

SLOT = re.compile(r"\{(\w+)\}")


@lru_cache(maxsize=256)
def _parts(template: str) -> tuple[tuple[str, re.Pattern[str] | None, tuple[str, ...]], ...]:
    """Split a template into (literal text, pattern or None, slot names) per path part."""
    parts: list[tuple[str, re.Pattern[str] | None, tuple[str, ...]]] = []
    for part in template.split("/"):
        slots = tuple(SLOT.findall(part))
        if not slots:
            parts.append((part, None, slots))
            continue
        pattern, at = "", 0
        for found in SLOT.finditer(part):
            pattern += re.escape(part[at : found.start()]) + f"(?P<{found[1]}>.+)"
            at = found.end()
        parts.append((part, re.compile(pattern + re.escape(part[at:]) + r"\Z"), slots))
    return tuple(parts)


def fill(template: str, bound: Mapping[str, str]) -> str:
    """Return the path of a template with every slot bound."""
    return SLOT.sub(lambda found: bound[found[1]], template)


def matches(
    template: str, table: FileTable, bound: Mapping[str, str], *, fold_case: bool = False
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (path, bindings) of every existing path that fits a template; bound slots are fixed.

    With ``fold_case`` a part that does not exist as it is written is taken in any case.
    """
    yield from _walk(_parts(template), 0, "", dict(bound), table, fold_case)


def _walk(
    parts: tuple[tuple[str, re.Pattern[str] | None, tuple[str, ...]], ...],
    depth: int,
    path: str,
    bound: dict[str, str],
    table: FileTable,
    fold_case: bool,
) -> Iterator[tuple[str, dict[str, str]]]:
    if depth == len(parts):
        yield path, bound
        return
    text, pattern, slots = parts[depth]
    prefix = f"{path}/" if path else ""
    if all(slot in bound for slot in slots):
        name = fill(text, bound) if slots else text
        names = [name] if prefix + name in table else _folded(name, path, table, fold_case)
        for found_name in names:
            yield from _walk(parts, depth + 1, prefix + found_name, bound, table, fold_case)
        return
    assert pattern is not None
    for name in table.names(path):
        found = pattern.match(name)
        if found is None:
            continue
        if any(found[slot] != bound.get(slot, found[slot]) for slot in slots):
            continue
        further = {**bound, **found.groupdict()}
        yield from _walk(parts, depth + 1, prefix + name, further, table, fold_case)


def _folded(name: str, folder: str, table: FileTable, fold_case: bool) -> list[str]:
    """Return the names in a folder that are a name in another case, none unless it counts."""
    if not fold_case:
        return []
    return [other for other in table.names(folder) if other.casefold() == name.casefold()]
