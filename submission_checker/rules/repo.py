"""REPO: what a repository of results must not take in, and what a range of changes may change."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.changes import ADDED, DELETED, Change, Range
from submission_checker.model.files import Kind
from submission_checker.model.findings import Level, Location, Subject
from submission_checker.model.subjects import TreeSubject
from submission_checker.rules.texts import count, counted, quote

PLACES = 10
"""Places that a finding lists."""

LOG_NAME = "mlperf_log_"
SIBLING_ROLES = ("results", "measurements", "compliance")


def changes_of(tree: TreeSubject) -> Range:
    """Return the range that is judged; skips the rule where the whole tree is."""
    if tree.repository.range is None:
        raise Skip("no range of changes (--since)")
    return tree.repository.range


def by_submitter(changes: tuple[Change, ...], context: Context) -> dict[str, list[Change]]:
    """Return the changes by ``division/submitter``; those outside of all by their first part."""
    groups: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        parts = change.path.split("/")
        inside = parts[0] in context.round.layout.root_dirs and len(parts) > 2
        groups["/".join(parts[:2]) if inside else parts[0]].append(change)
    return groups


def owner_of(groups: dict[str, list[Change]]) -> str:
    """Return the submitter with the most changes, in all divisions together."""
    counts: Counter[str] = Counter()
    for place, changes in groups.items():
        if "/" in place:
            counts[place.partition("/")[2]] += len(changes)
    return min(counts, key=lambda name: (-counts[name], name)) if counts else ""


def foreign(tree: TreeSubject, context: Context) -> Iterator[tuple[str, list[Change], str]]:
    """Yield (place, changes, owner) of what lies outside of the owner's folders."""
    groups = by_submitter(changes_of(tree).changes, context)
    owner = owner_of(groups)
    for place, changes in sorted(groups.items()):
        if place.partition("/")[2] != owner or "/" not in place:
            yield place, changes, owner


def subject_of(place: str) -> Subject:
    """Return the submitter of a place."""
    division, _, submitter = place.partition("/")
    return Subject(division, submitter) if submitter else Subject()


def evidence(changes: list[Change]) -> tuple[str, ...]:
    """Return the first changed paths, each with its status."""
    return tuple(f"{change.status} {change.path}" for change in changes[:PLACES])


@rule(
    id="REPO001", name="own-folders", title="A change touches the folders of one submitter",
    level=Level.ERROR, scope=Scope.TREE,
    why="a pull request of a submitter has no business in workflows and in folders of others",
    fix="leave the other files as they are in the base revision",
    source="policies submission_rules.adoc, Submission",
)
def own_folders(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """All changed paths lie below one submitter's name; a warning outside of the gate."""
    for place, changes, owner in foreign(tree, context):
        if "/" in place and any(change.status != ADDED for change in changes):
            continue
        yield Fault(Location(changes[0].path),
                    f"{counted(len(changes), 'changed file')} in {quote(place)}",
                    f"changes below {quote(f'<division>/{owner}')} only" if owner else
                    "changes below one submitter's folder only",
                    subcode=place, subject=subject_of(place), evidence=evidence(changes),
                    level=None if context.gate else Level.WARNING)


@rule(
    id="REPO002", name="others-results", title="A change keeps what others submitted",
    level=Level.ERROR, scope=Scope.TREE,
    why="what another submitter published is deleted or changed without their knowledge",
    fix="restore the files from the base revision",
    source="own",
)
def others_results(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No file of another submitter is deleted, changed or renamed; a warning outside the gate."""
    for place, changes, owner in foreign(tree, context):
        lost = [change for change in changes if change.status != ADDED]
        if "/" in place and lost:
            gone = sum(1 for change in lost if change.status == DELETED)
            yield Fault(Location(lost[0].path),
                        f"{counted(gone, 'deleted file')} and "
                        f"{counted(len(lost) - gone, 'changed file')} in {quote(place)}",
                        f"the files of the base revision; the change is by {quote(owner)}",
                        subcode=place, subject=subject_of(place), evidence=evidence(lost),
                        level=None if context.gate else Level.WARNING)


@rule(
    id="REPO003", name="large-file-storage", title="The repository holds the files themselves",
    level=Level.ERROR, scope=Scope.TREE,
    why="a pointer is all that a plain clone gets, and the file behind it may vanish",
    fix="commit the files themselves and remove the filter from .gitattributes",
    source="own",
)
def large_file_storage(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No file is a pointer of Git LFS, and no attribute sends files through a filter."""
    groups: dict[str, list[str]] = defaultdict(list)
    for path in tree.repository.pointers:
        groups["/".join(path.split("/")[:2])].append(path)
    for place, paths in sorted(groups.items()):
        yield Fault(Location(paths[0], 1),
                    f"{counted(len(paths), 'pointer')} of Git LFS below {quote(place)}",
                    "the content of the file", subcode=place, absent=True,
                    subject=tree.subject_of(paths[0]), evidence=tuple(paths[:PLACES]))
    for path, line, text in tree.repository.filters:
        yield Fault(Location(path, line), quote(text), "attributes without a filter",
                    subcode=text, subject=tree.subject_of(path))


@rule(
    id="REPO004", name="modes", title="No submodules, and logs are not executable",
    level=Level.ERROR, scope=Scope.TREE,
    why="a submodule holds nothing in this repository, and an executable log was handled by hand",
    fix="commit the files of the submodule; `git update-index --chmod=-x` for logs",
    source="mlcommons/inference tools/submission/repository_checks.sh",
)
def modes(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """There is no submodule; executable files among results are warnings.

    Where each file is executable the file system keeps no modes, and they say nothing.
    """
    files = executables = 0
    groups: dict[str, list[str]] = defaultdict(list)
    for path, entry in tree.table.entries.items():
        if entry.kind is Kind.SUBMODULE:
            yield Fault(Location(path), entry.problem or "a submodule", "the files themselves",
                        subject=tree.subject_of(path), absent=True)
        if entry.kind is Kind.FILE:
            files += 1
            executables += entry.executable
            parts = path.split("/")
            if entry.executable and len(parts) > 3 and parts[2] in tree.role_folders:
                groups["/".join(parts[:2])].append(path)
    if files == executables:
        return
    for place, paths in sorted(groups.items()):
        yield Fault(Location(paths[0]), f"{counted(len(paths), 'executable file')} among results",
                    "files that are not executable", subcode="executable", level=Level.WARNING,
                    subject=subject_of(place), evidence=tuple(paths[:PLACES]))


@rule(
    id="REPO005", name="repository-size", title="A submission fits into the repository",
    level=Level.WARNING, scope=Scope.TREE,
    why="everyone who clones the results has to load it, also what a later commit deletes again",
    fix="truncate accuracy logs (`submission-checker pack`); squash commits with large files",
    source="docs.github.com, About large files on GitHub", key="layout.submitter_size_notice_bytes",
)
def repository_size(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """A submitter's files are small enough, as are files that come and go within a range."""
    key = "layout.submitter_size_notice_bytes"
    limit = context.limit(context.round.layout.submitter_size_notice_bytes, key)
    for submitter in tree.submitters:
        size = sum(e.size_bytes for e in tree.table.below(submitter.path))
        if size > limit:
            yield Fault(Location(submitter.path), f"{count(size)} bytes",
                        f"at most {count(limit)} bytes ({context.cite(key)})",
                        subject=submitter.subject)
    most = context.round.layout.file_size_limit_bytes
    found = tree.repository.range
    if most is None or found is None:
        return
    for path, size in found.passing:
        if size > most:
            yield Fault(Location(path), f"{count(size)} bytes in a commit before the last",
                        f"at most {count(most)} bytes in every commit "
                        f"({context.cite('layout.file_size_limit_bytes')})",
                        subcode="passing", subject=tree.subject_of(path))


@rule(
    id="REPO006", name="merge-markers", title="No merge was left unfinished",
    level=Level.ERROR, scope=Scope.TREE,
    why="both versions stand in the file, and which one counts is open",
    fix="keep one version and remove the markers",
    source="own",
)
def merge_markers(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No log, JSON, conf or text has lines of <<<<<<< and >>>>>>>."""
    for path, line, text in tree.repository.markers:
        yield Fault(Location(path, line), quote(text), "a file without merge markers",
                    subject=tree.subject_of(path))


@rule(
    id="REPO008", name="logs-kept", title="Logs stay as they were submitted",
    level=Level.WARNING, scope=Scope.TREE,
    why="a run gives new logs; a log that changes in place was edited or swapped",
    fix="submit a new run with all of its logs, and say in the pull request why",
    source="policies submission_rules.adoc, Fixing objections",
)
def logs_kept(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No LoadGen log of the base revision has another content in this one."""
    groups = by_submitter(changes_of(tree).changes, context)
    for place, changes in sorted(groups.items()):
        logs = [change for change in changes if change.status not in (ADDED, DELETED)
                and change.path.rpartition("/")[2].startswith(LOG_NAME)]
        if logs:
            yield Fault(Location(logs[0].path), f"{counted(len(logs), 'log')} changed in place",
                        "the logs of the base revision", subcode=place, subject=subject_of(place),
                        evidence=evidence(logs))


@rule(
    id="REPO009", name="whole-moves", title="A result that moves to open moves as a whole",
    level=Level.ERROR, scope=Scope.TREE,
    why="what stays behind is a half result, what is lost makes the moved one incomplete",
    fix="move the result with its measurements, and leave nothing of it in the old place",
    source="policies submission_rules.adoc, Fixing objections",
)
def whole_moves(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """Results whose logs moved to the open division left no files and lost none on the way."""
    changes = changes_of(tree).changes
    arrived = {c.after for c in changes if c.status == ADDED and c.path.startswith("open/")}
    moved = {
        tuple(c.path.split("/")[:6]) for c in changes
        if c.status == DELETED and not c.path.startswith("open/") and c.before in arrived
        and c.path.endswith(f"{LOG_NAME}detail.txt") and c.path.count("/") > 6
        and c.path.split("/")[2] == "results"
    }
    for division, submitter, _, *rest in sorted(moved):
        subject = Subject("open", submitter, *rest)
        for role in SIBLING_ROLES:
            old = "/".join((division, submitter, role, *rest))
            left = [e.path for e in tree.table.below(old) if e.kind is Kind.FILE]
            if left:
                yield Fault(Location(left[0]), f"{counted(len(left), 'file')} left in {quote(old)}",
                            "nothing, as the result moved to open/", subject=subject,
                            subcode=role, evidence=tuple(left[:PLACES]))
            lost = [
                c.path for c in changes
                if c.status == DELETED and c.path.startswith(f"{old}/") and role != "compliance"
                and f"open/{c.path.partition('/')[2]}" not in tree.table
            ]
            if lost:
                yield Fault(Location(lost[0]), f"{counted(len(lost), 'file')} of {quote(old)} lost",
                            f"the same files below {quote('open/' + old.partition('/')[2])}",
                            subject=subject, subcode=f"lost-{role}", absent=True,
                            evidence=tuple(lost[:PLACES]))
