"""Whether the sources a log was built from are a published state of LoadGen.

A log carries the SHA-1 of every file of LoadGen's folder at build time and the commit that was
checked out. Shipped data list the core files of every published state; see ``data/SOURCES.md``.

Source: mlcommons/inference@v5.1:loadgen/version_generator.py, loadgen/version.cc.
"""

from __future__ import annotations

import functools
import gzip
import json
import re
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import NamedTuple

GENERATED = frozenset(("/version_generated.cc", "/mlperf_conf.h"))
"""Made by the build: their content is not in any commit."""

CODE = (".cc", ".h")
OTHER_CORE = frozenset(("/mlperf.conf", "/version_generator.py"))
REVISION = re.compile(r"@ ?([0-9a-f]{7,40})\b")
DIGITS = 10
"""Digits of a commit in a log."""


class SourceVerdict(Enum):
    """How the sources of a log stand to the published ones."""

    NAMED = "identical to the commit the log names"
    PUBLIC = "identical to another published state"
    UNKNOWN = "not a published state"
    ABSENT = "the log has no source hashes"


class SourceState(NamedTuple):
    """A published state: number, first commit (ten digits), its date and version."""

    number: int
    commit: str
    date: str
    version: str | None


class SourceMatch(NamedTuple):
    """Comparison of a log's source hashes with the published states.

    Attributes:
        verdict: see `SourceVerdict`.
        revision: commit that the log names, None where it names none (``NA``).
        revision_known: that commit is among those whose state is known here. Commits that did not
            touch LoadGen are known only if some published log names them.
        state: the identical state, or the one compared with: the named one if known, else the
            nearest.
        differing: core files whose content differs from that state.
        missing: core files of that state that the log does not list.
        extra: code files that the log lists and that state does not have.
        unpublished: core files whose content is in no published state.
    """

    verdict: SourceVerdict
    revision: str | None
    revision_known: bool
    state: SourceState | None
    differing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    unpublished: tuple[str, ...] = ()


Core = frozenset[tuple[str, str]]


class _Known(NamedTuple):
    states: tuple[SourceState, ...]
    cores: tuple[Core, ...]
    numbers: Mapping[Core, tuple[int, ...]]
    commits: Mapping[str, int]
    files: Core
    paths: frozenset[str]


def is_core(path: str) -> bool:
    """Return whether a file of LoadGen's folder decides what LoadGen does."""
    if path in GENERATED:
        return False
    if path.startswith("/bindings/"):
        return True
    return path.count("/") == 1 and (path.endswith(CODE) or path in OTHER_CORE)


@functools.cache
def _known() -> _Known:
    packed = Path(__file__).with_name("data") / "loadgen_sources.json.gz"
    data = json.loads(gzip.decompress(packed.read_bytes()))
    paths: list[str] = data["paths"]
    files = [(paths[path], sha1) for path, sha1 in data["files"]]
    states: list[SourceState] = []
    cores: list[Core] = []
    numbers: dict[Core, tuple[int, ...]] = {}
    commits: dict[str, int] = {}
    current: dict[str, str] = {}
    for number, (commit, date, version, changed, gone) in enumerate(data["states"]):
        for path in gone:
            del current[paths[path]]
        current.update(files[file] for file in changed)
        core = frozenset(current.items())
        states.append(SourceState(number, commit, date, version))
        cores.append(core)
        numbers[core] = (*numbers.get(core, ()), number)
        commits[commit] = number
    commits.update(data["commits"])
    return _Known(
        tuple(states), tuple(cores), numbers, commits, frozenset(files), frozenset(paths),
    )


def revision_of(version: str) -> str | None:
    """Return the commit in ``5.1.0 @ b9ed3c7fec``, None where it says ``NA``."""
    found = REVISION.search(version[:128])
    return None if found is None else found[1]


def core_of(hashes: Mapping[str, object]) -> Core:
    """Return the core files of a log's map of paths to SHA-1.

    Files that no published state has are build leftovers unless they are code at the top level.
    """
    known = _known().paths
    return frozenset(
        (path, sha1) for path, sha1 in hashes.items()
        if isinstance(sha1, str) and is_core(path) and (path in known or path.endswith(CODE))
    )


def match_sources(hashes: Mapping[str, object], version: str) -> SourceMatch:
    """Return how a log's sources stand to the published ones.

    Args:
        hashes: value of ``loadgen_file_sha1``: path with leading slash to SHA-1 in hexadecimal.
        version: value of ``loadgen_version``.
    """
    texts = ((path, sha1) for path, sha1 in hashes.items() if isinstance(sha1, str))
    return _match(frozenset(texts), version)


@functools.lru_cache(maxsize=256)
def _match(hashes: Core, version: str) -> SourceMatch:
    """Return the match of equal maps once: the logs of a submission are of few builds."""
    known = _known()
    revision = revision_of(version)
    named = known.commits.get(revision[:DIGITS]) if revision is not None else None
    core = core_of(dict(hashes))
    if not core:
        return SourceMatch(SourceVerdict.ABSENT, revision, named is not None, None)
    if named is not None and known.cores[named] == core:
        return SourceMatch(SourceVerdict.NAMED, revision, True, known.states[named])
    equal = known.numbers.get(core)
    if equal is not None:
        return SourceMatch(
            SourceVerdict.PUBLIC, revision, named is not None, known.states[equal[-1]],
        )
    number = named if named is not None else _nearest(core, known)
    return _differences(core, known, number, revision, named is not None)


def _nearest(core: Core, known: _Known) -> int:
    """Return the latest state with the fewest differing files."""
    return min(
        range(len(known.cores)),
        key=lambda number: (len(known.cores[number] ^ core), -number),
    )


def _differences(
    core: Core, known: _Known, number: int, revision: str | None, revision_known: bool,
) -> SourceMatch:
    expected, found = dict(known.cores[number]), dict(core)
    return SourceMatch(
        SourceVerdict.UNKNOWN, revision, revision_known, known.states[number],
        tuple(sorted(p for p in found if p in expected and found[p] != expected[p])),
        tuple(sorted(p for p in expected if p not in found)),
        tuple(sorted(p for p in found if p not in expected)),
        tuple(sorted(path for path, sha1 in core if (path, sha1) not in known.files)),
    )
