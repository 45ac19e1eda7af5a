"""RNDX002: the round of a tree, from votes."""

import json

import pytest

from submission_checker.rounds.detect import Votes, detect
from submission_checker.rounds.loader import load_round, round_names
from tests.commands import command
from tests.conftest import published

ROUNDS = [load_round(name) for name in round_names()]
REAL = [round_ for round_ in ROUNDS if round_.detectable]


def triple(round_):
    return round_.seeds.qsl, round_.seeds.sample_index, round_.seeds.schedule


def votes_of(round_, logs=3):
    return Votes(seeds={triple(round_): logs}, signatures=frozenset(round_.layout.signature),
                 benchmarks=frozenset(round_.models))


@pytest.mark.parametrize("round_", REAL, ids=lambda r: r.name)
def test_each_round_is_found_by_its_own_votes(round_):
    assert detect(votes_of(round_), ROUNDS).round == round_.name


def test_the_demonstration_round_is_never_guessed():
    demo = next(round_ for round_ in ROUNDS if not round_.detectable)
    found = detect(votes_of(demo), ROUNDS)
    assert found.round != demo.name
    assert demo.name not in dict(found.scores)


def test_nothing_seen_chooses_nothing():
    found = detect(Votes(), ROUNDS)
    assert (found.round, found.reason) == (None, "nothing in the tree points to a round")


def test_seeds_against_layout_choose_nothing_and_name_both():
    by_seeds, by_layout = load_round("v5.1"), load_round("v6.0")
    found = detect(Votes(seeds={triple(by_seeds): 5},
                         signatures=frozenset(by_layout.layout.signature)), ROUNDS)
    assert found.round is None
    assert found.reason.startswith("the seeds are those of v5.1, the layout is that of v6.")


def test_few_foreign_logs_do_not_decide():
    own, other = load_round("v5.1"), load_round("v4.1")
    votes = votes_of(own, 5)
    found = detect(Votes(seeds={**votes.seeds, triple(other): 1}, signatures=votes.signatures,
                         benchmarks=votes.benchmarks), ROUNDS)
    assert found.round == "v5.1"
    assert found.reason.startswith("seeds of 5 of 6 logs")


def test_layout_alone_that_fits_several_rounds_is_a_tie():
    found = detect(Votes(signatures=frozenset(load_round("v4.1").layout.signature)), ROUNDS)
    assert found.round is None
    assert found.reason.endswith("fit equally well")


@pytest.mark.real
@pytest.mark.parametrize("archive", ["v0.5", "v0.7", "v1.0", "v2.0", "v4.1", "v4.1-more", "v5.1",
                                     "v5.1-more"])
def test_published_trees_are_found_out(archive):
    done = command("check", published(archive), "--select", "INPUT001", "--format", "json")
    assert json.loads(done.stdout)["round"] == archive.removesuffix("-more")


@pytest.mark.real
def test_tree_of_foreign_seeds_is_refused_with_both_named():
    done = command("check", str(published("v6.0")), "--no-exceptions")
    assert done.returncode == 2
    assert "v5.1" in done.stderr and "v6.0" in done.stderr and "--round" in done.stderr
