"""Damaged submissions are judged: no rule crashes, and nothing is raised but what is documented.

``FUZZ_SECONDS`` is the time of each test; a failure names the seed that makes it again.
"""

import os
import random
import shutil
import time

import pytest

from fixtures.builder import Tree
from submission_checker import Options, SourceError, check
from submission_checker.model.errors import WrongUse
from tests.conftest import published
from tests.fuzz.tree_damage import damage
from tests.rules.power_fixture import with_power

SECONDS = float(os.environ.get("FUZZ_SECONDS", "1"))
LARGEST_BYTES = 15 << 20
"""Larger submitters take too long for the few that a second allows."""


def judged(root, round_):
    """Return the evidence of every rule that crashed."""
    try:
        report = check(str(root), round=round_, options=Options(jobs=1))
    except (SourceError, WrongUse):
        return []
    return [(f.rule, f.evidence[-2:]) for f in report.findings if f.subcode == "crashed"]


def seeds():
    """Yield seeds until the time is over, the same ones in every run of the same length."""
    end = time.monotonic() + SECONDS
    seed = int(os.environ.get("FUZZ_SEED", "0"))
    while time.monotonic() < end:
        yield seed
        seed += 1


def test_damaged_submissions(tmp_path):
    whole = with_power(Tree.demo(tmp_path / "whole")).copy_division()
    for seed in seeds():
        chance, root = random.Random(seed), tmp_path / "damaged"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(whole.root, root, symlinks=True)
        done = damage(root, chance)
        assert judged(root, chance.choice(["demo", "v1.1", "v5.1", None])) == [], (seed, done)


@pytest.mark.real
@pytest.mark.parametrize("round_", ["v0.5", "v0.7", "v1.0", "v2.0", "v4.1", "v5.1", "v6.0"])
def test_damaged_published_submissions(round_, tmp_path):
    tree = published(round_)
    owners = [folder for folder in sorted(tree.glob("*/*")) if folder.is_dir()
              and sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) < LARGEST_BYTES]
    for seed in seeds():
        chance, root = random.Random(seed), tmp_path / "damaged"
        owner = chance.choice(owners)
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(owner, root / owner.relative_to(tree), symlinks=True)
        done = damage(root, chance)
        assert judged(root, round_) == [], (seed, owner.name, done)
