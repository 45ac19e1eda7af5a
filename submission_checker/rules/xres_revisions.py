"""XRES014: a result beside itself in the revision before (``--since``)."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.subjects import TreeSubject

SHORT = 10
"""Characters of a commit that are shown."""


@rule(
    id="XRES014", name="result-moved", title="A result stays what it was between two revisions",
    level=Level.WARNING, scope=Scope.TREE,
    why="a fix in review that moves a result materially makes it another result, which the "
        "reviewers have not seen",
    fix="say in the pull request what changed and why the number moved",
    source="inference_policies MLPerf_Audit_Guidelines.adoc (2 %); policies "
        "submission_rules.adoc, Issues discovered after publication (5 %)",
    key="review.moved_share",
)
def result_moved(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No number moves by more than 2 % from the base revision to this one; either way counts."""
    base, found = tree.beside.base, tree.repository.range
    if base is None or found is None:
        raise Skip("no range of changes (--since)")
    share = context.limit(context.round.review.moved_share, "review.moved_share")
    if not base:
        raise Skip("the range changes no result that the base revision has")
    for submitter in tree.submitters:
        for system in submitter.systems:
            for facts in system.results:
                old = base.get(facts.path)
                if old is None or facts.value is None or old.unit != facts.unit or not old.value:
                    continue
                moved = facts.value / old.value - 1
                if abs(moved) > share:
                    yield Fault(Location(facts.path),
                                f"{facts.value:.6g} {facts.unit}, moved by {moved:+.1%}",
                                f"within {share:.0%} of {old.value:.6g} {old.unit} in "
                                f"{found.base[:SHORT]} ({context.cite('review.moved_share')})",
                                subject=facts.subject)
