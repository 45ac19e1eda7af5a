"""Shipped prefix sums of the unit-rate exponential draws of the official schedule seeds.

One file per seed, named by it. See `make_tables` for what stands in a file and how it is made.
"""

from __future__ import annotations

import functools
import io
from importlib import resources

import numpy as np

from submission_checker.evidence.schedule_bounds import PrefixTable

NAME = "prefix_{seed}.npz"
UNIT = 8.0
"""Deviations are stored in multiples of this, rounded away from zero."""


@functools.lru_cache(maxsize=4)
def prefix_table(seed: int) -> PrefixTable | None:
    """Return the table of a schedule seed, None where none is shipped."""
    file = resources.files(__package__) / NAME.format(seed=seed)
    if not file.is_file():
        return None
    with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as arrays:
        return PrefixTable(
            seed, arrays["sums"], arrays["below"] * UNIT, arrays["above"] * UNIT,
        )


def shipped_seeds() -> tuple[int, ...]:
    """Return the schedule seeds that have a table, ascending."""
    head, _, tail = NAME.partition("{seed}")
    names = (file.name for file in resources.files(__package__).iterdir())
    return tuple(sorted(
        int(name[len(head) : -len(tail)]) for name in names
        if name.startswith(head) and name.endswith(tail)
    ))
