"""Read the power part of a result."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from submission_checker.intake.reading import Reader
from submission_checker.logs.line_ends import hashes_by_line_ends
from submission_checker.logs.power import read_ptd_log, read_spl
from submission_checker.model.documents import JsonFile
from submission_checker.model.line_ends import LineEnds
from submission_checker.model.power import PowerPart, SplLog
from submission_checker.tree.build import ResultPaths

RUN = "run_1"
HASHED = ("power", "ranging", RUN)
LEVELS_ABOVE = 3
TEXTS = ("analyzer_table", "power_settings")


def load_power(paths: ResultPaths, reader: Reader) -> PowerPart | None:
    """Return the power part, None where nothing of a power measurement is submitted."""
    performance = f"{paths.path}/performance"
    parts = dict(paths.power_parts)
    spl = f"{performance}/{RUN}/spl.txt"
    if not parts and reader.table.follow(spl) is None:
        return None
    power = parts.get("power")
    ranging = parts.get("ranging")
    client = reader.json(f"{power}/client.json") if power else None
    server = reader.json(f"{power}/server.json") if power else None
    hashes, other = _hashes(performance, reader, (client, server))
    return PowerPart(
        power=reader.table.folder(power) if power else None,
        ranging=reader.run("ranging", ranging) if ranging else None,
        spl=_spl(spl, reader),
        ranging_spl=_spl(f"{ranging}/spl.txt", reader, peaks=True) if ranging else None,
        client=client,
        server=server,
        ptd=read_ptd_log(reader.blocks(f"{power}/ptd_logs.txt"), f"{power}/ptd_logs.txt")
        if power and reader.table.follow(f"{power}/ptd_logs.txt") else None,
        sha1=hashes,
        sha1_by_line_ends=other,
        texts=_texts(paths.measurements, reader),
    )


def _spl(path: str, reader: Reader, *, peaks: bool = False) -> SplLog | None:
    if reader.table.follow(path) is None:
        return None
    return read_spl(reader.blocks(path), path, peaks=peaks)


def _hashes(
    performance: str, reader: Reader, documents: tuple[JsonFile | None, ...]
) -> tuple[dict[str, str], dict[str, LineEnds]]:
    """Return the SHA-1 of each file; by line ends where a document records another one."""
    hashes: dict[str, str] = {}
    other: dict[str, LineEnds] = {}
    for part in HASHED:
        for name in reader.table.names(f"{performance}/{part}"):
            path, key = f"{performance}/{part}/{name}", f"{part}/{name}"
            if reader.table.follow(path) is None:
                continue
            digest = hashlib.sha1()
            for block in reader.blocks(path):
                digest.update(block)
            hashes[key] = digest.hexdigest()
            if any(wanted != hashes[key] for wanted in _recorded(key, documents)):
                other[key] = hashes_by_line_ends(reader.blocks(path), "sha1")
    return hashes, other


def _recorded(name: str, documents: tuple[JsonFile | None, ...]) -> Iterator[str]:
    """Yield the hashes that the records of a session give for a file."""
    for document in documents:
        results = document.get("results") if document is not None else None
        value = results.get(name) if isinstance(results, dict) else None
        if isinstance(value, str):
            yield value


def _texts(measurements: str | None, reader: Reader) -> dict[str, dict[str, int]]:
    """Find the free texts in the measurements folder or up to three levels above it.

    Their names begin as the round's checker wants them; what follows is free.
    """
    found: dict[str, dict[str, int]] = {name: {} for name in TEXTS}
    folder = measurements or ""
    for _ in range(LEVELS_ABOVE + 1):
        for name in reader.table.names(folder) if folder else ():
            entry = reader.table.follow(f"{folder}/{name}")
            begin = next((text for text in TEXTS if name.startswith(text)), None)
            if entry is not None and begin is not None:
                found[begin][f"{folder}/{name}"] = entry.size_bytes
        folder = folder.rpartition("/")[0]
    return found
