"""Make tables of prefix sums: ``python -m submission_checker.evidence.tables.make_tables SEED...``.

A file holds, for every 2^16 draws, the sum of all unit draws so far (float64) and how far the sum
leaves the straight line to the next entry on either side (int8, in units of 8, rounded outwards).
4096 entries cover 2^28 draws, more than any schedule of an official round up to 268 million
queries; making one takes about 10 seconds.
"""

from __future__ import annotations

import argparse
import io
import math
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from submission_checker.evidence.draws import BLOCK
from submission_checker.evidence.rng import Reals, WordStream, survivals, unit_exponentials
from submission_checker.evidence.tables import NAME, UNIT

ENTRIES = 4096
FIXED_DATE = (1980, 1, 1, 0, 0, 0)


def prefix_sums(seed: int, entries: int) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a table: ``sums`` (entries + 1,), ``below`` and ``above`` (entries,)."""
    stream = WordStream(seed)
    sums = [0.0]
    below, above = [], []
    line = np.arange(1, BLOCK + 1) / BLOCK
    for _ in range(entries):
        steps: Reals = np.cumsum(unit_exponentials(survivals(stream, BLOCK)))
        off = steps - steps[-1] * line
        below.append(math.ceil(max(0.0, -float(off.min())) / UNIT))
        above.append(math.ceil(max(0.0, float(off.max())) / UNIT))
        sums.append(math.fsum((sums[-1], float(steps[-1]))))
    return {
        "sums": np.array(sums), "below": np.array(below, np.int8),
        "above": np.array(above, np.int8),
    }


def write_table(path: Path, arrays: dict[str, NDArray[np.generic]]) -> None:
    """Write a compressed npz whose bytes depend on the arrays only."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", FIXED_DATE)
            archive.writestr(info, buffer.getvalue(), zipfile.ZIP_DEFLATED, 9)


def main() -> None:
    """Write one table per seed given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("seeds", nargs="+", type=int, metavar="SEED")
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--into", type=Path, default=Path(__file__).parent)
    options = parser.parse_args()
    for seed in options.seeds:
        path = options.into / NAME.format(seed=seed)
        write_table(path, prefix_sums(seed, options.entries))
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
