"""Lay a judged audit out as the round wants it: logs, texts, hashes; nothing is overwritten."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compliance_tests.runner.locate import ACCURACY, DETAIL, SUMMARY
from compliance_tests.runner.official import Judged
from compliance_tests.runner.problems import Refused
from compliance_tests.runner.reading import blocks, sha256
from compliance_tests.runner.session import Done
from submission_checker.rounds.types import AuditSpec

PERFORMANCE_FOLDER, ACCURACY_FOLDER = "performance/run_1", "accuracy"
ACCURACY_TEXT = "accuracy.txt"


@dataclass(frozen=True, slots=True)
class Filed:
    """Where an audit was filed, and the SHA-256 of every file."""

    folder: Path
    hashes: Mapping[str, str]
    missing: tuple[str, ...]
    """Files that the round wants and that are not made here."""


def file_audit(
    spec: AuditSpec, judged: Judged, done: Done, folder: Path, quality: str | None
) -> Filed:
    """Write an audit into its folder of the submission.

    Args:
        spec: the test in the round data.
        judged: its verdict with the texts.
        done: its run.
        folder: the folder of the test; what lies there already is left as it is.
        quality: output of the benchmark's accuracy script on the sampled answers, if it was run.

    Raises:
        Refused: a file of another run lies there.
    """
    sources: dict[str, Path | bytes] = {
        f"{PERFORMANCE_FOLDER}/{name}": done.logs / name for name in (SUMMARY, DETAIL)
    }
    log = done.logs / ACCURACY
    if done.spec.expected.answers and log.is_file():
        sources[f"{ACCURACY_FOLDER}/{ACCURACY}"] = log
        if quality is not None or f"{ACCURACY_FOLDER}/{ACCURACY_TEXT}" in spec.files_required:
            text = f"{quality or ''}\nhash={sha256(log)}\n"
            sources[f"{ACCURACY_FOLDER}/{ACCURACY_TEXT}"] = text.lstrip("\n").encode()
    sources |= {name: text.encode() for name, text in judged.texts.items()}
    for name, source in sources.items():
        _write(folder / name, source)
    hashes = {name: sha256(folder / name) for name in sorted(sources)}
    missing = tuple(name for name in spec.files_required if not (folder / name).is_file())
    return Filed(folder, hashes, missing)


def _write(path: Path, source: Path | bytes) -> None:
    """Write a new file whole or not at all; an equal one is left as it is."""
    if path.exists():
        same = path.read_bytes() == source if isinstance(source, bytes) else (
            sha256(path) == sha256(source))
        if same:
            return
        raise Refused(f"{path} exists already and is of another run; nothing is overwritten")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            for block in [source] if isinstance(source, bytes) else blocks(source):
                file.write(block)
        os.link(part, path)
    finally:
        part.unlink(missing_ok=True)
