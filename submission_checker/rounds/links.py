"""Where the source of a rule can be read: a link to it as it was for a round.

Only what the round data name with repository and revision is linked, or a folder that holds it: a
path that may not exist at that revision is none. Where nothing can be derived there is no link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from submission_checker.rounds.loader import load_round, real_round_names
from submission_checker.rounds.types import Round

HOST = "https://github.com"
OWNER = "mlcommons"
PINNED = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)@(?P<rev>[\w.-]+)(?::(?P<path>[\w./-]+))?")
THREAD = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(?:#| issue )(?P<number>\d+)")
RFC = re.compile(r"\bRFC (\d+)")
DOCUMENT = re.compile(rf"(?:{OWNER}/)?(?P<repo>(?:inference_)?policies) (?P<path>[\w./-]+\.adoc)")
BY_WORDS = (
    (re.compile(r"submission checker of the round"), "round"),
    (re.compile(r"mlperf\.conf"), "mlperf_conf"),
    (re.compile(rf"{OWNER}/inference compliance"), "compliance"),
)
"""Words in the source of a rule -> key of the round data whose source they mean."""
FOLDERS = re.compile(rf"{OWNER}/(?P<repo>[\w.-]+)(?: (?P<folder>loadgen|tools/submission)/)?")
"""Folders that every revision of a repository has, at its root or below a folder of the round."""


def source_url(source: str, round_: Round) -> str | None:
    """Return a link to the source of a rule as a round has it, None where none can be derived.

    Args:
        source: where the rule comes from, as it declares it.
        round_: the round that is judged.
    """
    return next((url for part in source.split("; ") for url in _urls(part, round_)), None)


def _urls(part: str, round_: Round) -> Iterator[str]:
    """Yield links for one of the sources of a rule, the closest first."""
    if url := _pinned(part):
        yield url
    if match := THREAD.search(part):
        yield f"{HOST}/{match['repo']}/issues/{match['number']}"
    if match := DOCUMENT.search(part):
        yield from _document(match["repo"], match["path"], round_)
    for words, key in BY_WORDS:
        if words.search(part) and (url := _pinned(round_.source(key))):
            yield url
    if match := FOLDERS.search(part):
        yield from _folder(match["repo"], match["folder"], round_)
    if match := RFC.search(part):
        yield f"https://www.rfc-editor.org/rfc/rfc{match[1]}"


def _pinned(text: str) -> str | None:
    """Return the link of ``owner/repository@revision:path``; a path without an ending is a tree."""
    match = PINNED.search(text)
    if match is None:
        return None
    repo, rev, path = match["repo"], match["rev"], (match["path"] or "").rstrip("/.")
    if not path:
        return f"{HOST}/{repo}/tree/{rev}"
    kind = "blob" if "." in path.rpartition("/")[2] else "tree"
    return f"{HOST}/{repo}/{kind}/{rev}/{path}"


def _document(repo: str, path: str, round_: Round) -> Iterator[str]:
    """Yield the links of a document: the round's revision of it, else the newest one known."""
    for match in _all_pinned(round_):
        if match["repo"] == f"{OWNER}/{repo}" and match["path"] == path:
            yield f"{HOST}/{OWNER}/{repo}/blob/{match['rev']}/{path}"
    for known in _newest_first():
        for match in _all_pinned(known):
            if match["repo"] == f"{OWNER}/{repo}":
                yield f"{HOST}/{OWNER}/{repo}/blob/{match['rev']}/{path}"


def _folder(repo: str, folder: str | None, round_: Round) -> Iterator[str]:
    """Yield the link of a folder of a repository at the revision that the round uses."""
    pinned = [match for match in _all_pinned(round_) if match["repo"] == f"{OWNER}/{repo}"]
    for match in pinned:
        before, found, _ = (match["path"] or "").partition(folder) if folder else ("", "", "")
        if found:
            yield f"{HOST}/{OWNER}/{repo}/tree/{match['rev']}/{before}{folder}"
    for match in pinned:
        yield "/".join(filter(None, (HOST, OWNER, repo, "tree", match["rev"], folder)))


def _all_pinned(round_: Round) -> Iterator[re.Match[str]]:
    for key in sorted(round_.sources):
        yield from PINNED.finditer(round_.sources[key])


def _newest_first() -> Iterator[Round]:
    """Yield the rounds that are real ones, the newest first."""
    yield from map(load_round, reversed(real_round_names()))
