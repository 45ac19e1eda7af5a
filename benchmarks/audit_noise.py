"""How often audits accuse an honest system.

    python -m benchmarks.audit_noise [REPETITIONS [SYSTEM:SCENARIO ...]]

Needs the extra [audit]. Prints the table of docs/audits.md; a scenario takes about five minutes for
20 repetitions. Not part of the tests: what it counts depends on the host.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from compliance_tests.runner import measures
from compliance_tests.runner.campaign import Campaign, Plan
from compliance_tests.runner.session import Driven, Session

THRESHOLD = math.log(1.1)
PAIRS = 4
CONF = """
*.*.min_duration = 300
*.*.min_query_count = 64
*.MultiStream.min_query_count = 16
*.*.performance_sample_count_override = {count}
*.SingleStream.target_latency = 0.3
*.MultiStream.target_latency = 0.3
*.Server.target_qps = 150
*.Offline.target_qps = {rate}
"""
SYSTEMS = {
    "digits": ("fixtures.suts.digits:Digits", "fixtures.suts.digits:custom", 256, 20000,
               ("SingleStream", "MultiStream", "Server", "Offline")),
    "toyllm": ("fixtures.suts.toyllm:ToyLlm", "fixtures.suts.toyllm:custom", 64, 300,
               ("SingleStream", "Offline")),
}
NAMES = ("answers", "answers-unseen", "caching", "seeds", "load", "tokens", "data")


def quiet(_text: str) -> None:
    """Tell nobody."""


def repetition(folder: Path, system: str, scenario: str) -> Iterator[tuple[str, str]]:
    """Yield (rule, verdict) of one audit of an honest system."""
    sut, custom, count, rate, _ = SYSTEMS[system]
    conf = folder / "user.conf"
    conf.write_text(CONF.format(count=count, rate=rate), encoding="utf-8")
    session = Session(Driven(sut, conf), folder / "runs", scenario, tell=quiet)
    plan = Plan(NAMES, THRESHOLD, PAIRS, None, custom, None, system == "toyllm")
    campaign = Campaign(session, plan)
    for item in campaign.verdicts():
        ratio = "pairs" if "pairs" in item.numbers else "counts"
        yield f"{item.name}, {ratio}", item.verdict.value
    made = campaign._made
    for kind in ("unique", "same", "seeds"):
        found = measures.slower(made[f"{kind}-1"].run, made["normal-1"].run)
        if found is not None:
            beyond = abs(found) > THRESHOLD
            yield "one run against one, 10 %", "fail" if beyond else "pass"
            gross = abs(found) > math.log(5)
            yield "one run against one, factor 5", "fail" if gross else "pass"


def main() -> None:
    """Repeat, count, print."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    began = time.monotonic()
    counts: dict[tuple[str, str, str], Counter[str]] = {}
    loads = []
    every = [f"{system}:{scenario}" for system, (*_, scenarios) in SYSTEMS.items()
             for scenario in scenarios]
    for chosen in sys.argv[2:] or every:
        system, _, scenario = chosen.partition(":")
        for _ in range(repetitions):
            loads.append(os.getloadavg()[0])
            with tempfile.TemporaryDirectory() as folder:
                for rule, verdict in repetition(Path(folder), system, scenario):
                    counts.setdefault((rule, system, scenario), Counter())[verdict] += 1
    print(f"{repetitions} repetitions, load average {min(loads):.1f} to {max(loads):.1f} on "
          f"{os.cpu_count()} cores, {time.monotonic() - began:.0f} s\n")
    print("| verdict by | system | pass | undecided | false alarms |\n|---|---|---|---|---|")
    for (rule, system, scenario), found in sorted(counts.items()):
        total = sum(found.values())
        print(f"| {rule} | {system} {scenario} | {found['pass']} of {total} | "
              f"{found['undecided']} | {found['fail']} |")


if __name__ == "__main__":
    main()
