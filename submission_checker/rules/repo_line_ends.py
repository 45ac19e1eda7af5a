"""Which files of a result had other line ends when their hashes were taken; and REPO007."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.line_ends import ChangedLineEnds
from submission_checker.model.subjects import SubmitterSubject
from submission_checker.model.submission import Result
from submission_checker.rules.texts import counted, quote

PLACES = 10
"""Places that a finding lists."""


def changed_line_ends(result: Result) -> Iterator[ChangedLineEnds]:
    """Yield the files of a result that have their recorded hash with other line ends."""
    accuracy, power = result.accuracy, result.power
    if accuracy is not None and accuracy.log is not None and accuracy.text is not None:
        ends = accuracy.log.by_line_ends
        had = ends.that_give(accuracy.text.hashes[-1][1]) if ends is not None else None
        if had is not None:
            yield ChangedLineEnds(accuracy.log.path, had, accuracy.text.path)
    for document in (power.client, power.server) if power is not None else ():
        recorded = document.get("results") if document is not None else None
        if power is None or document is None or not isinstance(recorded, dict):
            continue
        for name, ends in power.sha1_by_line_ends.items():
            value = recorded.get(name)
            had = ends.that_give(value) if isinstance(value, str) else None
            if had is not None and value != power.sha1[name]:
                yield ChangedLineEnds(f"{result.path}/performance/{name}", had, document.path)


@rule(
    id="REPO007", name="line-ends-kept", title="Line ends stay as the tools wrote them",
    level=Level.WARNING, scope=Scope.SUBMITTER,
    why="git changed the line ends when the files were committed or checked out, so that their "
        "hashes do not fit any more",
    fix="add the line `* -text` to a .gitattributes in the submitter's folder and commit the "
        "files of the run again",
    source="own; gitattributes(5), text",
)
def line_ends_kept(submitter: SubmitterSubject, context: Context) -> Iterator[Fault]:
    """No log has the hash of the power session or of accuracy.txt with other line ends only.

    Said once per submitter; ACCU006 and POWR015 name both hashes of each file.
    """
    results = [facts for system in submitter.systems for facts in system.results]
    if not any(facts.accuracy_hash or facts.has_power for facts in results):
        raise Skip("no hash is recorded")
    changed = {item.path: item for facts in results for item in facts.line_ends}
    if changed:
        first = changed[min(changed)]
        yield Fault(Location(first.path), f"{counted(len(changed), 'file')} with other line ends "
                    f"than when hashed; this one had {first.had}",
                    f"the bytes whose hash stands in {quote(first.recorded_in)}",
                    evidence=tuple(f"{path}: {changed[path].had}"
                                   for path in sorted(changed)[:PLACES]),
                    subject=submitter.subject)
