"""The paths of a tree that are nearest to one that is not in it."""

from __future__ import annotations

from collections.abc import Iterable

from submission_checker.engine.selection import proposal

MOST, MOST_HELD = 3, 5


def did_you_mean_path(path: str, known: Iterable[str]) -> str:
    """Return ``; did you mean X?`` or what the deepest folder holds that is there.

    A path that ends with what was typed goes first, then the longest that what was typed ends
    with (the path from another folder), then what is nearest name by name from the root.
    """
    wanted = path.replace("\\", "/").strip("/")
    paths = sorted({item for item in known if item})
    close = [item for item in paths if wanted and f"/{item}".endswith(f"/{wanted}")][:MOST]
    if not close:
        ends = [item for item in paths if f"/{wanted}".endswith(f"/{item}")]
        close = sorted(ends, key=len)[-1:]
    at = ""
    names = [name for name in wanted.split("/") if name]
    if not close and names:
        close, at = _walked(names, paths)
    if not close and names:
        close = [item for item in paths if item.rpartition("/")[2] == names[-1]][:MOST]
    if close:
        return proposal(close)
    here = sorted(_children(paths, at))
    more = " ..." if len(here) > MOST_HELD else ""
    return f"; {at or 'the tree'} holds {', '.join(here[:MOST_HELD]) or 'nothing'}{more}"


def _walked(names: list[str], paths: list[str]) -> tuple[list[str], str]:
    """Return the nearest paths (none where a name is like no other), and how far all was right."""
    candidates, exact = [""], ""
    for name in names:
        found = []
        for folder in candidates:
            children = _children(paths, folder)
            found += [f"{folder}/{child}".lstrip("/") for child in _close(name, children)]
        candidates = found[:MOST]
        if not candidates:
            return [], exact
        if candidates[0] == f"{exact}/{name}".lstrip("/"):
            exact = candidates[0]
    return candidates, exact


def _children(paths: list[str], folder: str) -> set[str]:
    start = f"{folder}/" if folder else ""
    return {item[len(start):].partition("/")[0] for item in paths if item.startswith(start)}


def _close(name: str, names: set[str]) -> list[str]:
    if name in names:
        return [name]
    import difflib  # only here: most names are right

    folded: dict[str, str] = {item.casefold(): item for item in sorted(names)}
    typed = name.casefold()
    if typed in folded:
        return [folded[typed]]
    return [folded[item] for item in difflib.get_close_matches(typed, list(folded), n=MOST)]
