"""The record of a packing: every file with its SHA-256 before and after."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from submission_checker import __version__
from submission_checker.model.errors import WrongUse
from submission_checker.packing.actions import Plan
from submission_checker.packing.planned import PlannedSource
from submission_checker.packing.truncation import truncated
from submission_checker.sources.base import Source, Unreadable

FORM = 1
"""Version of the manifest's form."""


@dataclass(frozen=True, slots=True)
class Line:
    """One file: where it came from, where it went, and what was done."""

    source: str
    target: str
    doing: str
    why: str
    sha256_before: str | None
    sha256_after: str | None


def sha256_of(blocks: Iterable[bytes]) -> str:
    """Return the SHA-256 of a file given in blocks."""
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


def lines_of(plan: Plan, source: Source) -> Iterator[Line]:
    """Yield a line per packed file and per file left behind; every original is hashed once."""
    packed = PlannedSource(source, plan.actions)
    known: dict[str, str] = {}
    for action in plan.ordered():
        if action.source and action.source not in known:
            known[action.source] = sha256_of(source.blocks(action.source))
        before = known.get(action.source)
        after = before if action.content is None else sha256_of(packed.blocks(action.target))
        yield Line(action.source, action.target, action.doing.value, action.why, before, after)
    for action in plan.left_out:
        yield Line(action.source, "", action.doing.value, action.why, None, None)


def text_of(lines: Iterable[Line], round_name: str) -> str:
    """Return the manifest as JSON."""
    document = {
        "form": FORM, "tool": f"submission-checker {__version__}", "round": round_name,
        "files": [asdict(line) for line in lines],
    }
    return json.dumps(document, indent=1) + "\n"


def read_manifest(text: str, path: str) -> list[Line]:
    """Return the lines of a manifest; raises ``WrongUse`` where it is none of this form."""
    try:
        document = json.loads(text)
        if document["form"] != FORM:
            raise ValueError(f"form {document['form']}")
        return [Line(**line) for line in document["files"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WrongUse(f"{path} is no manifest that pack wrote: {error}") from None


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A file that is not what the manifest says, with what was found and what is required."""

    path: str
    found: str
    required: str


def verified(lines: list[Line], packed: Source, originals: Source) -> Iterator[Mismatch]:
    """Yield every way in which a packed tree does not belong to given originals."""
    targets = {line.target: line for line in lines if line.target}
    present = {entry.path for entry in packed.walk() if entry.kind.value == "file"}
    for path in sorted(present - set(targets)):
        yield Mismatch(path, "a file of the packed tree", "no such file (manifest)")
    for path, line in sorted(targets.items()):
        if path not in present:
            yield Mismatch(path, "no such file in the packed tree", f"SHA-256 {line.sha256_after}")
            continue
        yield from _same(path, packed, line.sha256_after)
        if line.source:
            yield from _same(line.source, originals, line.sha256_before)
        if line.doing == "truncated":
            yield from _truncated_from(line, packed, originals)


def _same(path: str, source: Source, required: str | None) -> Iterator[Mismatch]:
    try:
        found = sha256_of(source.blocks(path))
    except Unreadable as error:
        yield Mismatch(path, f"{error.reason} in {source.label}", f"SHA-256 {required}")
        return
    if found != required:
        yield Mismatch(path, f"SHA-256 {found} in {source.label}", f"{required} (manifest)")


def _truncated_from(line: Line, packed: Source, originals: Source) -> Iterator[Mismatch]:
    """Yield a mismatch where the truncated log is not made from the original."""
    try:
        wanted, _ = truncated(originals.blocks(line.source))
        found = b"".join(packed.blocks(line.target))
    except Unreadable as error:
        yield Mismatch(line.target, error.reason, "both ends of the original log")
        return
    if found != wanted:
        yield Mismatch(line.target, "not the two ends of the original", line.source)
