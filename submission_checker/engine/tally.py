"""Counts of rules and the digest of a judgement."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence

from submission_checker.engine.judge import Judgement
from submission_checker.engine.rule import Rule
from submission_checker.model.files import FileTable
from submission_checker.model.findings import Finding, Subject, fingerprint
from submission_checker.model.report import RuleCount
from submission_checker.rounds.types import Round


def rule_counts(rules: Sequence[Rule], judgement: Judgement) -> Iterator[RuleCount]:
    """Yield how often each rule passed, failed, was skipped or crashed."""
    reasons: dict[str, list[tuple[str, int]]] = {}
    bounded = Counter((check.rule, check.subject) for check in judgement.bounded)
    bounds = Counter(rule for rule, _ in bounded)
    for (rule, reason), times in judgement.skipped.items():
        reasons.setdefault(rule, []).append((reason, times))
    suppressed = Counter[str]()
    hidden = {f.fingerprint for f in judgement.findings if f.suppressed is not None}
    for rule, fingerprints in judgement.failures:
        if hidden.issuperset(fingerprints):
            suppressed[rule] += 1
    for declared in rules:
        skipped = reasons.get(declared.id, [])
        yield RuleCount(
            declared.id, judgement.passed[declared.id],
            judgement.failed[declared.id] - suppressed[declared.id],
            sum(times for _, times in skipped), suppressed[declared.id],
            judgement.crashed[declared.id], tuple(sorted(skipped)), declared.name, declared.title,
            declared.level.label, declared.why, declared.fix, declared.source,
            bounds[declared.id],
        )


def digest_of(
    version: str, round_: Round, table: FileTable, findings: Sequence[Finding]
) -> str:
    """Return a hash over program version, round data, file table and findings."""
    digest = hashlib.sha256(f"{version}\n{round_!r}\n".encode())
    for path in sorted(table.entries):
        entry = table.entries[path]
        line = f"{path}\x1f{entry.kind.value}\x1f{entry.size_bytes}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))
    for finding in findings:
        line = f"{finding.fingerprint}\x1f{finding.level.label}\x1f{finding.found}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def stand_ins(findings: Sequence[Finding], table: FileTable) -> Iterator[tuple[str, str]]:
    """Yield (path, nearest file) for the paths of findings that are no files, in order."""
    for path in sorted({finding.location.path for finding in findings}):
        if path and table.follow(path) is None and (nearest := table.nearest_file(path)):
            yield path, nearest


def fold_equal(findings: Sequence[Finding]) -> tuple[list[Finding], dict[str, str]]:
    """Fold findings of one rule that say the same about one place for several subjects.

    Returns (findings, fingerprint of a folded finding -> fingerprint of the one that stands for
    it); the one that stays names only the parts of the subject that all of them share.
    """
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for f in findings:
        key = (f.rule, f.level, f.location, f.subcode, f.found, f.required, f.suppressed)
        groups.setdefault(key, []).append(f)
    kept: list[Finding] = []
    replaced: dict[str, str] = {}
    for group in groups.values():
        first = group[0]
        if len(group) > 1:
            subject = shared_subject([f.subject for f in group])
            mark = fingerprint(first.rule, first.subcode, subject, first.location)
            replaced.update((f.fingerprint, mark) for f in group)
            first = first._replace(subject=subject, fingerprint=mark)
        kept.append(first)
    return kept, replaced


def shared_subject(subjects: Sequence[Subject]) -> Subject:
    """Return the parts that all subjects have in common."""
    names = ("division", "submitter", "system", "benchmark", "scenario", "run")
    values = {name: {getattr(subject, name) for subject in subjects} for name in names}
    return Subject(**{
        name: next(iter(found)) if len(found) == 1 else "" for name, found in values.items()
    })
