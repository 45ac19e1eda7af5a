"""Read what the endpoints harness left in a scenario folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from submission_checker.intake.reading import DETAIL_LOG, Reader
from submission_checker.logs.endpoints import (
    read_accuracy,
    read_audit,
    read_config,
    read_summary,
)
from submission_checker.model.endpoints import AuditFile, EndpointsPart
from submission_checker.model.submission import ENDPOINTS, LOADGEN
from submission_checker.rounds.types import Round
from submission_checker.tree.build import ResultPaths
from submission_checker.tree.templates import fill

ROLES = ("endpoints_config", "endpoints_performance", "endpoints_accuracy")
AUDIT = ("audit_", ".json")


def load_endpoints(
    paths: ResultPaths, reader: Reader, round_: Round
) -> tuple[str, EndpointsPart | None]:
    """Return the harness of a result and its endpoints files, None where there are none.

    A result is one of the endpoints harness if it has one of that harness's own files and no
    detail log of LoadGen; a result with neither is a broken one of LoadGen.
    """
    templates = round_.layout.templates
    if not all(role in templates for role in ROLES):
        return LOADGEN, None
    s = paths.subject
    slots = {"division": s.division, "submitter": s.submitter, "system": s.system,
             "model": s.benchmark, "scenario": s.scenario}
    wanted = [fill(templates[role][0], slots) for role in ROLES]
    config = _existing(wanted[0], reader)
    below = [entry.path for entry in reader.table.below(paths.path)]
    own = [path for path in (config, *wanted[1:]) if reader.table.follow(path)]
    elsewhere = dict(_elsewhere((config, *wanted[1:]), below, reader))
    logs = any(path.endswith(f"/{DETAIL_LOG}") for path in below)
    results = [path.rpartition("/")[2] for path in wanted[1:]]
    if not own and (logs or elsewhere.keys().isdisjoint(results)):
        return LOADGEN, None
    part = _part(paths, (config, wanted[1], wanted[2]), tuple(own), elsewhere, reader,
                 read=not logs)
    return (LOADGEN if logs else ENDPOINTS), part


def _existing(path: str, reader: Reader) -> str:
    """Return the configuration with the ending that it has; both endings are in use."""
    other = path.removesuffix(".yaml") + ".yml"
    return other if not reader.table.follow(path) and reader.table.follow(other) else path


def _elsewhere(
    wanted: tuple[str, ...], below: list[str], reader: Reader
) -> Iterator[tuple[str, str]]:
    """Yield (name, path) of files that lie in another folder of the result."""
    for path in wanted:
        name = path.rpartition("/")[2]
        if not reader.table.follow(path):
            found = [other for other in below if other.endswith(f"/{name}")]
            if found:
                yield name, found[0]


def _part(
    paths: ResultPaths, wanted: tuple[str, str, str], own: tuple[str, ...],
    elsewhere: Mapping[str, str], reader: Reader, *, read: bool,
) -> EndpointsPart:
    config, summary, accuracy = wanted
    config_file = reader.yaml(config) if read else None
    summary_file = reader.json(summary) if read else None
    accuracy_file = reader.json(accuracy) if read else None
    folder = accuracy.rpartition("/")[0]
    audits = f"{paths.path}/audit"
    return EndpointsPart(
        config, summary, accuracy,
        None if config_file is None else read_config(config_file),
        None if summary_file is None else read_summary(summary_file),
        None if accuracy_file is None else read_accuracy(accuracy_file),
        dict(_audits(audits, reader)) if read else {},
        audits,
        elsewhere,
        own,
        tuple(_extra((summary, accuracy), reader)),
        {name: tuple(reader.folder(f"{folder}/{name}").files)
         for name in reader.folder(folder).folders},
        _sha256(summary, reader) if summary_file is not None else None,
    )


def _sha256(path: str, reader: Reader) -> str:
    digest = hashlib.sha256()
    for block in reader.blocks(path):
        digest.update(block)
    return digest.hexdigest()


def _audits(folder: str, reader: Reader) -> Iterator[tuple[str, AuditFile]]:
    start, end = AUDIT
    for name in reader.folder(folder).files:
        if name.startswith(start) and name.endswith(end):
            file = reader.json(f"{folder}/{name}")
            if file is not None:
                test = name.removeprefix(start).removesuffix(end)
                yield test, read_audit(file, test)


def _extra(wanted: tuple[str, ...], reader: Reader) -> Iterator[str]:
    """Yield files beside those of the harness, and folders of runs, which it does not have."""
    for path in wanted:
        folder, _, name = path.rpartition("/")
        listing = reader.folder(folder)
        yield from (f"{folder}/{other}" for other in listing.files if other != name)
        yield from (f"{folder}/{other}" for other in listing.folders if other.startswith("run_"))
