"""Open a detail log of any generation."""

from __future__ import annotations

from collections.abc import Iterable

from submission_checker.logs.json_detail import JsonDetail
from submission_checker.logs.streamed import from_blocks
from submission_checker.logs.text_detail import TextDetail, is_text_detail
from submission_checker.model.run import RecordStore


def open_detail(data: bytes, path: str, *, every: bool = False) -> RecordStore:
    """Return the records of a detail log; bytes of another kind give a log without records.

    ``every`` says that all records will be asked for: they are then read together.
    """
    return TextDetail(data) if is_text_detail(data) else JsonDetail(data, every=every)


def open_detail_blocks(blocks: Iterable[bytes], path: str) -> RecordStore:
    """Return the records of a detail log of any length, with bounded memory."""
    return from_blocks(blocks)
