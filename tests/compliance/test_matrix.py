"""Every audit against every system under test, with the real LoadGen: the detection matrix.

Asserted is only what noise cannot break: counts of answers, and factors of five where cheats make
fifty. Rates of false alarms are measured by benchmarks/audit_noise.py and stand in docs/audits.md.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from compliance_tests.records import Verdict
from fixtures.suts import cheaters
from tests.compliance.live import CUSTOM, DIGITS, SLOW, TOYLLM, failed, verdicts

pytestmark = pytest.mark.loadgen
pytest.importorskip("mlperf_loadgen", reason="the extra [audit] is not installed")

ANSWERS = {"answers", "answers-unseen", "data"}
# cheat: audits that must fail; others may, where noise or few samples decide
CAUGHT = {
    "CachesById": {"caching"}, "CachesByContent": {"caching"}, "CachesLast": {"caching"},
    "SharesInBatch": {"caching"}, "KnowsSeeds": {"seeds"}, "ComputesAtLoad": {"load"},
    "WrongInPerformance": ANSWERS | {"seeds"},
    "WatchesForAudit": {"answers-unseen", "data", "seeds", "caching"},
    "ReplaysAccuracy": {"data"}, "Drops": ANSWERS, "DropsFew": ANSWERS,
    "Truncates": {"answers-unseen"}, "PadsWithEos": {"answers-unseen", "tokens"},
    "PadsBeforeEos": {"answers-unseen"}, "PadsWithoutEos": {"answers-unseen", "tokens"},
    "ClaimsMoreTokens": {"tokens"}, "FalseFirstToken": {"tokens"}, "EmptyFirstToken": {"tokens"},
    "HoldsFirstToken": {"tokens"},
}
# cheat: audits whose counts cannot accuse it, whatever the noise
BLIND = {
    "CachesById": ANSWERS, "CachesByContent": ANSWERS, "CachesLast": ANSWERS,
    "SharesInBatch": ANSWERS, "KnowsSeeds": ANSWERS, "ComputesAtLoad": ANSWERS,
    "WatchesForAudit": {"answers"}, "ReplaysAccuracy": {"answers", "answers-unseen"},
    "ClaimsMoreTokens": {"answers-unseen"}, "FalseFirstToken": {"answers-unseen"},
    "EmptyFirstToken": {"answers-unseen"}, "HoldsFirstToken": {"answers-unseen"},
    "Truncates": {"tokens"}, "PadsBeforeEos": {"tokens"},
}
AT_ONCE = 4
"""Runs beside each other: the models mostly sleep, and the margins are wide."""


def audited(folder, name):
    """Return every stricter verdict about a SUT; few runs, a fifth of a second each.

    A query of Offline takes a few milliseconds, as a stall does: its speed is that of a slow model.
    """
    label = name.rpartition(":")[2]
    base = folder / label
    if name == TOYLLM or label in {cheat.__name__ for cheat in cheaters.TOKEN_ZOO}:
        return verdicts(base, name, "SingleStream", ["answers-unseen", "tokens"], tokens=True)
    custom = CUSTOM[name] if name in CUSTOM else f"{name},{CUSTOM[DIGITS]}"
    found = verdicts(base, name, "Offline", ["answers", "answers-unseen", "data"], custom)
    found += verdicts(base, name, "SingleStream", ["caching", "seeds", "load"])
    if label in ("SharesInBatch", "Digits"):
        slow = SLOW if name == DIGITS else f"{name},{SLOW}"
        found += verdicts(base / "slow", slow, "Offline", ["caching"])
    return found


def test_detection_matrix(tmp_path):
    cheats = [cheaters.name(cheat) for cheat in (*cheaters.ZOO, *cheaters.TOKEN_ZOO)]
    assert {name.rpartition(":")[2] for name in cheats} == set(CAUGHT)
    names = [DIGITS, TOYLLM, *cheats]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(names, pool.map(lambda name: audited(tmp_path, name), names),
                         strict=True))
    for honest in (DIGITS, TOYLLM):
        assert failed(found[honest]) == set(), found[honest]
        counted = [item for item in found[honest] if item.name in ANSWERS | {"load", "tokens"}]
        assert {item.verdict for item in counted} == {Verdict.PASS}, counted
    caught = {name.rpartition(":")[2]: failed(found[name]) for name in cheats}
    missed = {label: sorted(CAUGHT[label] - caught[label]) for label in caught
              if CAUGHT[label] - caught[label]}
    assert missed == {}
    accused = {label: sorted(caught[label] & BLIND.get(label, set())) for label in caught
               if caught[label] & BLIND.get(label, set())}
    assert accused == {}
