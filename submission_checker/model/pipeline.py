"""What the detailed log of a retrieval pipeline says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class PipelineLog(NamedTuple):
    """Settings and hops that a log records; ``settings`` is None where it was too long to read."""

    path: str
    size_bytes: int
    limit_bytes: int
    settings: Mapping[str, tuple[int, ...]] | None = None
    """Name -> the different values that stand in the log."""
    hops: Mapping[str, int] | None = None
    """Component that calls a language model -> its highest hop."""
