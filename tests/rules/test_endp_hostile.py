"""Any value at any place of the harness's files is a finding or nothing, never a crash."""

import copy
import json
import random

import pytest

from fixtures.builder import Tree
from fixtures.endpoints import BASE, CLOUD, ROUND, Maker
from tests.rules.cases_endp import AUDIT, SCORES, SUMMARY, WAN

VALUES = (None, "", "x", "1", True, [], {}, [None], {"a": None}, -1, 0, 1e308, 10**30, 2.5,
          [[1]], {"99": "x", "99.0": []}, "\x1b[31m", "2026-01-01")
FILES = (f"{WAN}/Offline/{SUMMARY}", f"{WAN}/Offline/{SCORES}", AUDIT,
         f"{BASE}/results/{CLOUD}/gpt-oss-120b/Interactive/{SUMMARY}",
         f"{BASE}/results/{CLOUD}/gpt-oss-120b/Interactive/{SCORES}")
CONFIG = f"{BASE}/results/{CLOUD}/gpt-oss-120b/Interactive/config.yaml"
ROUNDS_OF_EDITS = 40
EDITS = 6


def places(value, path=()):
    """Yield the path of every value inside of another."""
    items = value.items() if isinstance(value, dict) else (
        enumerate(value) if isinstance(value, list) and len(value) < 20 else ())
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def put(data, path, value):
    for key in path[:-1]:
        data = data[key]
    data[path[-1]] = value


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    tree = Tree(tmp_path_factory.mktemp("endpoints"))
    maker = Maker(tree)
    maker.system(CLOUD, "datacenter")
    maker.gpt_oss()
    maker.wan()
    return tree


def test_any_value_anywhere_is_judged(made):
    rng = random.Random(1)
    texts = {name: made.text(name) for name in FILES}
    settings = made.text(CONFIG)
    for _ in range(ROUNDS_OF_EDITS):
        for name, text in texts.items():
            data = json.loads(text)
            for path in rng.sample(sorted(places(data), key=str), EDITS):
                try:
                    put(data, path, copy.deepcopy(rng.choice(VALUES)))
                except (KeyError, TypeError, IndexError):  # an edit before took its place away
                    continue
            made.write(name, json.dumps(data))
        lines = settings.splitlines()
        number = rng.randrange(len(lines))
        key = lines[number].partition(":")[0]
        lines[number] = f"{key}: {json.dumps(rng.choice(VALUES))}"
        made.write(CONFIG, "\n".join(lines) + "\n")
        report = made.report(round=ROUND)
        assert [f for f in report.findings if f.subcode == "crashed"] == []
