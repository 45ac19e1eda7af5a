"""Keep the part of the tree that a range of changes touches.

The unit is the system: its results are judged together, as they decide each other's verdicts. A
change that belongs to no single system, such as code that no result names, touches the submitter
with all systems.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from submission_checker.model.files import FileTable, Kind
from submission_checker.tree.build import SubmitterPaths, SystemPaths, TreePaths


def touched_tree(tree: TreePaths, changed: Iterable[str]) -> tuple[TreePaths, tuple[str, ...]]:
    """Return (the touched part of the tree, the folders of what is left out)."""
    below: dict[str, list[str]] = defaultdict(list)
    for path in changed:
        below["/".join(path.split("/")[:2])].append(path)
    kept, left = [], []
    for submitter in tree.submitters:
        paths = below.get(submitter.path)
        if not paths:
            left.append(submitter.path)
            continue
        systems = _touched_systems(submitter, paths)
        kept.append(submitter._replace(systems=systems))
        left += [system.results_folder for system in submitter.systems
                 if system not in systems and system.results_folder]
    return TreePaths(tree.divisions, tuple(kept)), tuple(left)


def _touched_systems(submitter: SubmitterPaths, paths: list[str]) -> tuple[SystemPaths, ...]:
    owners: dict[str, set[int]] = defaultdict(set)
    for number, system in enumerate(submitter.systems):
        for place in _places(system):
            owners[place].add(number)
    touched: set[int] = set()
    for path in paths:
        found = {number for place in _upwards(path) for number in owners.get(place, ())}
        if not found:
            return submitter.systems
        touched |= found
    return tuple(submitter.systems[number] for number in sorted(touched))


def _places(system: SystemPaths) -> Iterator[str]:
    """Yield the paths whose content belongs to a system."""
    yield system.expected_description
    if system.description is not None:
        yield system.description
    if system.results_folder is not None:
        yield system.results_folder
    yield from (path for _, path in system.folders)
    for result in system.results:
        yield from result.code


def _upwards(path: str) -> Iterator[str]:
    """Yield a path and the folders that it lies in."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def without(table: FileTable, tree: TreePaths, kept: TreePaths) -> FileTable:
    """Return the table without the submitters that are left out."""
    gone = {s.path for s in tree.submitters} - {s.path for s in kept.submitters}
    entries = [e for path, e in table.entries.items()
               if "/".join(path.split("/", 2)[:2]) not in gone]
    part = FileTable.build(entries)
    linked = {e.resolved for e in entries if e.kind is Kind.LINK and e.resolved}
    part.entries.update({path: table.entries[path] for path in linked if path in table})
    part.refused = table.refused
    return part
