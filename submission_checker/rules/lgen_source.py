"""LGEN001-004, 025: which LoadGen ran, and whether it was a published one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.evidence.loadgen_sources import (
    SourceMatch,
    SourceVerdict,
    match_sources,
    revision_of,
)
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Run
from submission_checker.rules.texts import counted, listed, quote
from submission_checker.rules.told import json_log, readable

RULES = "inference_policies inference_rules.adoc, LoadGen"
REBUILD = "build LoadGen from a tagged, clean checkout of mlcommons/inference and rerun"
UNCOMMITTED = "error_uncommitted_loadgen_changes"
OUTSIDE = " ../"
"""In a line of `git status`: a path outside LoadGen's folder."""

CLEAN = ("", "NA")
HASH = re.compile(r"\s*([0-9a-f]{7,40})\b")
ZONES = timedelta(hours=15)
"""Build and test times may be printed in two time zones (measured: up to 15 h)."""


@rule(
    id="LGEN001", name="loadgen-version", title="LoadGen has a version of the round",
    level=Level.WARNING, scope=Scope.LOG, when=readable,
    why="each round is run with the LoadGen that was released for it",
    fix=REBUILD, source=RULES, key="loadgen.versions_allowed",
)
def loadgen_version(run: Run, context: Context) -> Iterator[Fault]:
    """The version before ``@`` is one of the round's; ``5.1.x`` stands for any third number."""
    allowed = context.round.loadgen.versions_allowed
    said = run.text("loadgen_version")
    if said is None or not allowed:
        raise Skip("log or round name no version")
    version = said.value.partition("@")[0].strip()
    if not any(version == name or (name.endswith(".x") and version.startswith(name[:-1]))
               for name in allowed):
        yield Fault(said.at, f"loadgen_version {quote(said.value)}",
                    f"{' or '.join(allowed)} ({context.cite('loadgen.versions_allowed')})")


@rule(
    id="LGEN002", name="loadgen-unmodified", title="LoadGen was built from a clean checkout",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.LOG, when=readable,
    why="a LoadGen with changes that are in no commit measures by rules that nobody can read",
    fix=REBUILD, source=RULES, key="loadgen.errors_allowed",
)
def loadgen_unmodified(run: Run, context: Context) -> Iterator[Fault]:
    """``loadgen_git_status_message`` is empty or NA, and LoadGen reports no such error.

    Files outside LoadGen's folder may differ. Rounds whose ``errors_allowed`` name the message get
    a warning.
    """
    allowed = context.round.loadgen.errors_allowed
    level = Level.WARNING if any("uncommitted changes" in text for text in allowed) else None
    said = run.text("loadgen_git_status_message")
    if said is not None and said.value.strip() not in CLEAN:
        changed = [line.strip() for line in said.value.splitlines() if line.strip()]
        own = [line for line in changed if OUTSIDE not in line]
        if own:
            yield Fault(said.at, f"{counted(len(own), 'changed file')}: {listed(own)}",
                        "a clean checkout: an empty loadgen_git_status_message", level=level)
            return
    record = run.log.first(UNCOMMITTED) if run.log is not None else None
    if record is not None:
        yield Fault(Location(run.detail_path, record.line), f"{UNCOMMITTED}: {quote(record.value)}",
                    "a clean checkout", level=level)


@rule(
    id="LGEN003", name="source-hashes", title="LoadGen's sources are published ones",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.LOG, when=readable,
    why="the log holds the SHA-1 of every source file that LoadGen was built from; files that are "
        "in no published state were changed, or their hashes were",
    fix=REBUILD, source=f"{RULES}: without alteration; mlcommons/inference "
                        "loadgen/version_generator.py",
)
def source_hashes(run: Run, context: Context) -> Iterator[Fault]:
    """The core files are those of the commit that the log names, or of another published state.

    Two logs of one build with different hashes are an error: one of them was edited. A state that
    is not published is a warning, as it may be of a commit that was never pushed. Documentation,
    build and generated files may differ from the published ones.
    """
    hashes, version = run.record("loadgen_file_sha1"), run.text("loadgen_version")
    if hashes is None or not isinstance(hashes.value, dict) or version is None:
        raise Skip("the log has no source hashes")
    match = match_sources(hashes.value, version.value)
    if match.verdict is SourceVerdict.ABSENT:
        raise Skip("the log has no source hashes")
    at = run.at("loadgen_file_sha1")
    if (other := _same_build(run, hashes.value, context)) is not None:
        theirs = other.record("loadgen_file_sha1")
        listed_there = theirs.value if theirs is not None else {}
        odd = sorted(path for path in {*hashes.value, *listed_there}
                     if hashes.value.get(path) != listed_there.get(path))
        yield Fault(at, f"{counted(len(odd), 'hash').replace('hashs', 'hashes')} of {listed(odd)} "
                    f"unlike {other.detail_path}, which is of the same build",
                    "one build has one set of sources", subcode="build",
                    evidence=tuple(f"{path}: {hashes.value.get(path)} here, "
                                   f"{listed_there.get(path)} there" for path in odd[:5]))
        return
    if match.verdict is SourceVerdict.UNKNOWN:
        changed = (*match.differing, *match.extra, *match.missing)
        yield Fault(
            at, _difference(match), _state(match), subcode="unpublished", level=Level.WARNING,
            evidence=tuple(f"{path}: {hashes.value.get(path)}" for path in changed[:5]),
        )
    elif match.verdict is SourceVerdict.PUBLIC and match.revision_known:
        yield Fault(at, f"the sources are those of {_name(match)}, not of {match.revision}",
                    f"the sources of the commit that loadgen_version names: {match.revision}",
                    subcode="other-state", level=Level.WARNING)


BUILD = ("loadgen_version", "loadgen_build_date_utc", "loadgen_build_date_local")


def _same_build(run: Run, hashes: dict[str, object], context: Context) -> Run | None:
    """Return a log of the same build that most logs of the build agree with, unlike this one."""
    result = context.judged
    others = [*result.performance, *(other for _, other in result.other_runs())]
    build = [run.record(key) for key in BUILD]
    if None in build:
        return None
    values = [record.value for record in build if record is not None]
    alike, unlike = 0, []
    for other in others:
        told = [record.value for key in BUILD if (record := other.record(key)) is not None]
        record = other.record("loadgen_file_sha1") if told == values else None
        if record is not None and isinstance(record.value, dict):
            if record.value == hashes:
                alike += 1
            else:
                unlike.append(other)
    return unlike[0] if len(unlike) > alike or (unlike and run is result.run) else None


def _name(match: SourceMatch) -> str:
    return "no state" if match.state is None else f"commit {match.state.commit}"


def _difference(match: SourceMatch) -> str:
    known = [path for path in match.differing if path not in match.unpublished]
    parts = [(match.unpublished, "in no published state"), (known, "of another state"),
             (match.missing, "absent"),
             ([path for path in match.extra if path not in match.unpublished], "too many")]
    return "; ".join(
        f"{counted(len(paths), 'file')} {what}: {listed(paths)}" for paths, what in parts if paths)


def _state(match: SourceMatch) -> str:
    which = "which loadgen_version names" if match.revision_known else "the nearest one"
    return f"the sources of {_name(match)}, {which}"


@rule(
    id="LGEN004", name="commit-in-history", title="The named commit is the head of the history",
    level=Level.WARNING, scope=Scope.LOG, when=json_log,
    why="LoadGen takes both from one `git log` at build time",
    fix=REBUILD, source="mlcommons/inference loadgen/version_generator.py",
)
def commit_in_history(run: Run, context: Context) -> Iterator[Fault]:
    """The commit in ``loadgen_version`` begins the first entry of ``loadgen_git_log_message``."""
    version, history = run.text("loadgen_version"), run.text("loadgen_git_log_message")
    revision = revision_of(version.value) if version is not None else None
    head = HASH.match(history.value) if history is not None else None
    if revision is None or history is None or head is None:
        raise Skip("the log names no commit or has no history")
    if not (head[1].startswith(revision) or revision.startswith(head[1])):
        yield Fault(history.at, f"the history begins with {head[1][:10]}",
                    f"{revision}, the commit that loadgen_version names")


@rule(
    id="LGEN025", name="built-before-run", title="LoadGen was built before the run",
    level=Level.WARNING, scope=Scope.LOG, when=readable,
    why="a program cannot run before it is built; more than a time zone apart, one of the dates "
        "is not of this run",
    fix="submit the log as LoadGen wrote it; set the clock of the system",
    source="mlcommons/inference loadgen/version.cc",
)
def built_before_run(run: Run, context: Context) -> Iterator[Fault]:
    """``loadgen_build_date_utc`` is at most 15 hours after ``test_datetime`` (two time zones)."""
    built, ran = run.text("loadgen_build_date_utc"), run.text("test_datetime")
    if built is None or ran is None:
        raise Skip("the log has no dates")
    build, test = moment(built.value), moment(ran.value)
    if build is None or test is None:
        raise Skip("the dates of the log are none")
    if build > test + ZONES:
        yield Fault(ran.at, f"test_datetime {quote(ran.value)}",
                    f"not more than {ZONES.seconds // 3600} hours before the build at "
                    f"{built.value} (line {built.at.line})")


def moment(text: str) -> datetime | None:
    """Return a date of the log without its zone, None where it is none."""
    try:
        return datetime.fromisoformat(text.strip()[:40]).replace(tzinfo=None)
    except ValueError:
        return None
