"""INPUT: what of the input could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, rule
from submission_checker.model.findings import Level
from submission_checker.model.submission import TreeSubject


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
        yield Fault(problem.at, problem.text, "a readable file", absent=True,
                    subject=tree.subject_of(problem.at.path))
