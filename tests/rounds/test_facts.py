"""Resolved rounds equal the facts, leaf by leaf and both ways.

Every leaf of the facts is compared: with the same path of the round, or by a form of
``facts_forms.py`` where the round holds it otherwise. What is compared with nothing stands in
``facts_left_out.toml``, what a round holds beyond the facts in ``facts_own.toml``, and a value that
differs on purpose in ``deviations.toml``, each with its reason.
"""

import re

import pytest

from submission_checker.rounds.loader import load_round, resolved_data, round_names
from tests.rounds.facts import ROUNDS, facts_of, get, leaves, plain, table
from tests.rounds.facts_forms import FORMS, RENAMED

DEVIATIONS, LEFT_OUT, OWN = table("deviations"), table("facts_left_out"), table("facts_own")


def listed(path, entries, name):
    return [n for n, entry in enumerate(entries) if entry["path"].fullmatch(path)
            and name in entry.get("rounds", ROUNDS)]


def compared(name):
    """Yield (path of the fact, fact, ours, covered paths of ours) of all that is compared."""
    facts, ours = facts_of(name), plain(resolved_data(name))
    for path, value in leaves(facts):
        if listed(path, LEFT_OUT, name):
            continue
        for pattern, function, covers in FORMS:
            if found := pattern.fullmatch(path):
                want, have, *more = function(found, value, ours, facts)
                covered = [found.expand(text) for text in covers if "\\1" not in text or found[1]]
                yield path, want, have, covered + (more[0] if more else [])
                break
        else:
            here = path
            for old, new in RENAMED:
                here = re.sub(old, new, here)
            yield path, plain(value), get(here, ours), [here]


@pytest.mark.parametrize("name", ROUNDS)
def test_resolved_round_equals_the_facts(name):
    unlisted, used, count = [], set(), 0
    for path, want, have, _ in compared(name):
        count += 1
        if plain(want) != plain(have):
            hits = [n for n in listed(path, DEVIATIONS, name)
                    if plain(have) == DEVIATIONS[n].get("ours")]
            used.update(hits)
            unlisted += [] if hits else [(path, want, have)]
    assert unlisted == []
    assert [d["path"].pattern for n, d in enumerate(DEVIATIONS)
            if name in d["rounds"] and n not in used] == []
    assert count > 400


@pytest.mark.parametrize("name", ROUNDS)
def test_a_round_holds_nothing_that_the_facts_lack(name):
    """So a value that is kept from the round before does not stay where the facts drop it."""
    covered = {path for _, _, _, paths in compared(name) for path in paths}
    ours = resolved_data(name)
    assert [(path, value) for path, value in leaves(plain(ours))
            if not within(path, covered) and not listed(path, OWN, name)] == []


def within(path, covered):
    parts = path.split(".")
    return any(".".join(parts[:end]) in covered for end in range(1, len(parts) + 1))


def test_every_exclusion_has_a_reason_and_a_use():
    facts = {name: [path for path, _ in leaves(facts_of(name))] for name in ROUNDS}
    own = {name: [path for path, _ in leaves(plain(resolved_data(name)))] for name in ROUNDS}
    for entries, there in ((LEFT_OUT, facts), (OWN, own)):
        for entry in entries:
            used = [n for n in ROUNDS if any(entry["path"].fullmatch(p) for p in there[n])]
            assert set(entry.get("rounds", used[:1])) <= set(used), entry["path"].pattern
            assert used, entry["path"].pattern
    assert all(len(e["reason"]) > 20 for e in (*DEVIATIONS, *LEFT_OUT, *OWN))


@pytest.mark.parametrize("name", ROUNDS)
def test_equal_issue_is_that_of_mlperf_conf(name):
    """The scenarios of each model are those for which the official file switches it on."""
    ours = resolved_data(name)
    for own in ours["models"].values():
        keys = [f"{own.get('mlperf_conf_model')}.{scenario}.sample_concatenate_permutation"
                for scenario in ("*", "SingleStream", "MultiStream", "Server", "Offline")]
        every, *single = [ours["mlperf_conf"].get(key) == 1 for key in keys]
        want = [key.split(".")[-2] for key, on in zip(keys[1:], single, strict=True) if on or every]
        assert own.get("equal_issue_scenarios", []) == want


def test_seed_triples_read_alone_equal_the_resolved_ones():
    from submission_checker.rounds.loader import rule_tables, seed_triples

    for name in round_names():
        round_ = load_round(name)
        triple = (round_.seeds.qsl, round_.seeds.sample_index, round_.seeds.schedule)
        assert seed_triples().get(name) == (triple if round_.detectable else None)
        assert rule_tables()[name] == resolved_data(name)["rules"]
