"""Settings of this process that make judging cheaper; only commands set them, never the library."""

from __future__ import annotations

import gc
import os

GC_THRESHOLD = 200_000
"""Records of logs hold no cycles; looking for them as often as usual costs a tenth of the time."""


def tune() -> None:
    """Set them; call before numpy is imported.

    numpy's library of linear algebra starts a thread per core, and nothing here multiplies
    matrices: starting them costs as much as half of importing numpy, in every process.
    """
    gc.set_threshold(GC_THRESHOLD)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
