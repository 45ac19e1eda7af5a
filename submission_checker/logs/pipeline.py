"""The detailed log of a retrieval pipeline: what it says of itself, in bounded memory.

The reference (mlcommons/inference@826c7847:e2e/llm_logger.py) writes one JSON object with
``experiment_metadata`` and, per query, ``llm_calls`` with ``component`` and ``hop_count``. For a
whole run that is some 40 MB, so that it is searched and not parsed. Prompts and answers stand in
the same file; their quotation marks are escaped, those of keys are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from submission_checker.model.pipeline import PipelineLog

MAX_BYTES = 50 << 20
"""Longer logs are not read: more than a repository of results takes of one file (TREE010)."""

HEAD_BYTES = 1 << 16
KNOWN = (b'"experiment_metadata"', b'"llm_calls"')
"""Keys of which one stands in the head of such a log."""

CALL = rb'component"\s{0,80}:\s{0,80}"([^"\\]{1,80})"\s{0,80},\s{0,80}"hop_count"\s{0,80}:\s{0,80}'
LONGEST = 1 << 10
"""Bytes that a match spans at most, kept when a block ends."""

VALUES, COMPONENTS = 8, 32
"""Different values of a setting, and components, that are kept."""


def is_pipeline_log(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of such a log."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")) and any(
        key in head[:HEAD_BYTES] for key in KNOWN)


def read_pipeline_log(
    blocks: Iterable[bytes], size_bytes: int, path: str, settings: Sequence[str]
) -> PipelineLog:
    """Return the values of the named settings, and the highest hop of each component."""
    if size_bytes > MAX_BYTES:
        return PipelineLog(path, size_bytes, MAX_BYTES)
    names = b"|".join(re.escape(name.encode()) for name in settings)
    pattern = re.compile(
        rb'(?<!\\)"(?:(' + names + rb')"\s{0,80}:\s{0,80}"?(\d{1,9})\D|'
        + CALL + rb"(\d{1,9})\D)")
    found: dict[str, list[int]] = {}
    hops: dict[str, int] = {}
    rest = b""
    for block in blocks:
        text = rest + block
        end = 0
        for match in pattern.finditer(text):
            end = match.end()
            _keep(match, found, hops)
        start = max(end - 1, len(text) - LONGEST, 0)
        rest = text[start + text.endswith(b"\\", 0, start):]  # what it escapes is no key
    return PipelineLog(
        path, size_bytes, MAX_BYTES, {key: tuple(values) for key, values in found.items()}, hops)


def _keep(
    match: re.Match[bytes], found: dict[str, list[int]], hops: dict[str, int]
) -> None:
    name, value, component, hop = match.groups()
    if name is not None:
        values = found.setdefault(name.decode(), [])
        if int(value) not in values and len(values) < VALUES:
            values.append(int(value))
        return
    key = component.decode("utf-8", "replace")
    if key in hops or len(hops) < COMPONENTS:
        hops[key] = max(hops.get(key, 0), int(hop))
