"""The accuracy run's answers to the samples of an audit, as a log of their own.

Where answers may vary, the accuracy script is run on it and on the audit's log. Source:
mlcommons/inference compliance/TEST01/create_accuracy_baseline.sh.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from compliance_tests.long_answers import HEADER, HEADER_BYTES

NAME = "mlperf_log_accuracy_baseline.json"
PIECE = 1 << 20


def write(audit: Path, accuracy: Path, out: Path) -> int:
    """Write the entries of the accuracy log whose samples the audit's has; return how many."""
    wanted = {sample for begins, piece in _pieces(audit)
              if begins and (sample := _sample(piece)) is not None}
    part = out.with_name(f"{out.name}.part")
    count, keep, held = 0, False, b""
    with part.open("wb") as file:
        file.write(b"[\n")
        for begins, piece in _pieces(accuracy):
            if begins:
                keep, held = _sample(piece) in wanted, b""
                if keep:
                    file.write(b",\n" if count else b"")
                    count += 1
            if keep:  # what ends an entry is held back: another one may not follow
                piece = held + piece
                body = piece.rstrip(b",\r\n")
                held = piece[len(body) :]
                file.write(body)
        file.write(b"\n]\n" if count else b"]\n")
    part.replace(out)
    return count


def _sample(piece: bytes) -> int | None:
    match = HEADER.search(piece[:HEADER_BYTES])
    return None if match is None else int(match[1])


def _pieces(log: Path) -> Iterator[tuple[bool, bytes]]:
    """Yield (whether a line begins, bytes) of a log; a long line comes in several pieces."""
    begins = True
    with log.open("rb") as file:
        while piece := file.readline(PIECE):
            yield begins, piece
            begins = piece.endswith(b"\n")
