"""What changed between two rounds, as rows that read well to a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LEFT_OUT = ("round", "predecessor", "title", "sources")
ORDER = (
    "models", "durations_ms", "scenarios", "early_stopping", "inference", "compliance", "layout",
    "system", "measurements", "loadgen", "seeds", "power", "endpoints", "review", "weights",
    "rules",
    "mlperf_conf",
)
LONGEST = 400
"""Longer values are cut; `rounds show` has them whole."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: ``before`` None means added, ``after`` None removed."""

    section: str
    key: str
    before: Any
    after: Any
    item: str = ""
    """First part of the key: a model, a scenario, a rule."""
    name: str = ""
    """What of the item changed, "" where it is the item itself."""

    def text(self, key: str = "") -> str:
        """Return the change in words, under another key where one is given."""
        name = key or self.key
        if self.before is None:
            return f"+ {name}" + ("" if self.after is True else f" = {short(self.after)}")
        if self.after is None:
            return f"- {name}"
        if isinstance(self.before, list) and isinstance(self.after, list):
            return f"~ {name}: {_list_change(self.before, self.after)}"
        return f"~ {name}: {short(self.before)} -> {short(self.after)}"


def told(changes: Iterable[Change]) -> Iterator[str]:
    """Yield a line per change of a section; what changed alike in several items is said once."""
    alike: dict[tuple[str, str, str], list[Change]] = {}
    for change in changes:
        alike.setdefault((change.name, repr(change.before), repr(change.after)), []).append(change)
    for (name, _, _), same in alike.items():
        items = ", ".join(change.item for change in same)
        if len(same) == 1:
            yield same[0].text()
        elif name:
            yield f"{same[0].text(name)} in {items}"
        else:
            yield same[0].text(items)


def short(value: Any) -> str:
    """Return a value on one line, cut where it is long."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in ([], {}, ""):
        return "none"
    if isinstance(value, Mapping):
        text = ", ".join(f"{key} {short(item)}" for key, item in value.items())
    elif isinstance(value, list):
        text = ", ".join(short(item) for item in value)
    else:
        text = str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _list_change(before: list[Any], after: list[Any]) -> str:
    added = [item for item in after if item not in before]
    gone = [item for item in before if item not in after]
    parts = [f"without {short(gone)}"] if gone else []
    parts += [f"with {short(added)}"] if added else []
    return "; ".join(parts) or "another order"


def leaves(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted key, value) of every value that is no table; empty tables too."""
    if not isinstance(data, Mapping) or not data:
        yield path, data
        return
    for key, value in data.items():
        name = f'"{key}"' if "." in key else key
        yield from leaves(value, f"{path}.{name}" if path else name)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return what changed, section by section in the order a reader looks for it.

    That the same value stands in a newer edition of its source is no change.
    """
    before, after = _without_sources(before), _without_sources(after)
    sections = [key for key in ORDER if key in before or key in after]
    sections += [
        key for key in {**before, **after} if key not in ORDER and key not in LEFT_OUT
    ]
    changes: list[Change] = []
    for section in sections:
        changes += _section(section, before.get(section), after.get(section))
    return changes


def _without_sources(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_sources(item) for key, item in value.items() if key != "source"}
    return [_without_sources(item) for item in value] if isinstance(value, list) else value


def _section(section: str, before: Any, after: Any) -> Iterator[Change]:
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        if before != after:
            yield Change(section, section, before, after)
        return
    for key in sorted({**before, **after}):
        yield from _below(section, (key,), before.get(key), after.get(key), new=section == "models")


def _below(
    section: str, key: tuple[str, ...], before: Any, after: Any, *, new: bool
) -> Iterator[Change]:
    if before == after:
        return
    names = (section, ".".join(key))
    parts = (key[0], ".".join(key[1:]))
    if new and (before is None or after is None):
        yield Change(*names, before and True, after and True, *parts)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({**before, **after}):
            yield from _below(section, (*key, name), before.get(name), after.get(name), new=False)
    else:
        yield Change(*names, before, after, *parts)
