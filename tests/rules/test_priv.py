"""PRIV: folding, levels and subjects; edits of a tree stand in cases_priv.py."""

from dataclasses import replace

from submission_checker.engine.context import Context
from submission_checker.engine.judge import Judge
from submission_checker.engine.rule import Scope
from submission_checker.model.findings import Location, Subject
from submission_checker.model.private import PrivateHit
from submission_checker.rounds.loader import load_round
from submission_checker.rules import priv
from tests.rules.support_subjects import found, tree

V61, V51 = load_round("v6.1"), load_round("v5.1")
CONFIG = "closed/Acme/results/node/m/Offline/config.yaml"


def telling(*hits):
    return replace(tree(files=[hit.path for hit in hits]), private=hits)


def test_priv001_is_a_warning_in_the_gate():
    subject = telling(PrivateHit("path", "closed/Acme/a.txt", 3, "/home/jdoe", 2))
    for gate, level in ((True, "warning"), (False, "info")):
        context = Context(V51, Subject(), Location(""), gate=gate)
        finding, = Judge([priv.personal_paths]).other(Scope.TREE, subject, context).findings
        assert finding.level.label == level
        assert (finding.subject, finding.location) == (
            Subject("closed", "Acme"), Location("closed/Acme/a.txt", 3))


def test_submitters_are_told_apart():
    both = telling(PrivateHit("mail", "closed/Acme/a.txt", 1, "a@b.de"),
                   PrivateHit("mail", "closed/Best/a.txt", 1, "a@b.de"),
                   PrivateHit("mail", "closed/Best/LICENSE.txt", 1, "c@d.de"))
    assert [item[1] for item in found(priv.mail_addresses, both, V51)] == [
        "closed/Acme/a.txt:1", "closed/Best/a.txt:1"]


def test_priv008_endpoints_of_configurations():
    hits = [PrivateHit("url", CONFIG, 4, "10.1.2.3"),
            PrivateHit("url", "closed/Acme/src/config.txt", 1, "10.1.2.4")]
    assert found(priv.private_endpoints, telling(*hits), V61) == [
        ("warning", f"{CONFIG}:4", '"10.1.2.3" (1 place)', "localhost or a documentation address")]
    assert found(priv.private_endpoints, telling(hits[1]), V61) == []
    assert found(priv.private_endpoints, telling(*hits), V51) == []
