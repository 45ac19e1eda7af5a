"""INPUT: what of the input could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, rule
from submission_checker.model.findings import Level
from submission_checker.model.subjects import TreeSubject


@rule(
    id="INPUT001", name="readable", title="Every file can be read",
    level=Level.ERROR, scope=Scope.TREE,
    why="what cannot be read is not judged, so the verdict would rest on a part only",
    fix="make the file readable and check again",
    source="own", suppressible=False,
)
def readable(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No file or folder refused to be read, vanished or changed meanwhile."""
    for problem in tree.problems:
        if problem.kind == "unreadable":
            yield Fault(problem.at, problem.text, "a readable file", absent=True,
                        subject=tree.subject_of(problem.at.path))


@rule(
    id="INPUT002", name="whole-input", title="Every entry of the input has its place",
    level=Level.ERROR, scope=Scope.TREE,
    why="what has no place in the tree is not judged, and unpacking it may write elsewhere",
    fix="pack the submission again from its folder, or send it in smaller parts",
    source="own", suppressible=False,
)
def whole_input(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """The archive is whole, within the limits, and each name in it is a path of its own."""
    for problem in tree.problems:
        if problem.kind == "refused":
            yield Fault(problem.at, problem.text, "one entry per path below the root",
                        subcode=problem.text)
