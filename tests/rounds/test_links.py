"""Links to the sources of rules: only to what the round data name with a revision."""

import re

import pytest

from submission_checker.rounds.links import source_url
from submission_checker.rounds.loader import load_round, round_names
from submission_checker.rules.registry import all_rules

URL = re.compile(r"https://(github\.com/mlcommons/[\w.-]+/(issues/\d+|(blob|tree)/[\w.-]+(/[\w./-]+)?)"
                 r"|www\.rfc-editor\.org/rfc/rfc\d+)")


@pytest.mark.parametrize(("source", "name", "url"), [
    ("submission checker of the round", "v5.1",
     "https://github.com/mlcommons/inference/blob/v5.1.1/tools/submission/submission_checker.py"),
    ("submission checker of the round", "v0.5",
     "https://github.com/mlcommons/inference/blob/r0.5/v0.5/tools/submission/submission-checker.py"),
    ("submission checker of the round; mlcommons/inference#891", "v6.1",
     "https://github.com/mlcommons/inference/tree/b66003e1/tools/submission/submission_checker"),
    ("inference_policies inference_rules.adoc, Scenarios: duration", "v5.1",
     "https://github.com/mlcommons/inference_policies/blob/8adac31/inference_rules.adoc"),
    ("mlperf.conf of the round", "v4.1",
     "https://github.com/mlcommons/inference/blob/v4.1/mlperf.conf"),
    ("mlcommons/inference loadgen/results.cc", "v0.5",
     "https://github.com/mlcommons/inference/tree/r0.5/loadgen"),
    ("mlcommons/inference compliance scripts of the round, TEST07", "v5.1",
     "https://github.com/mlcommons/inference/tree/v5.1.1/compliance"),
    ("own; mlcommons/inference#1356", "v5.1", "https://github.com/mlcommons/inference/issues/1356"),
    ("JSON (RFC 8259)", "v5.1", "https://www.rfc-editor.org/rfc/rfc8259"),
    ("own; measured on the published results", "v5.1", None),
    ("mlcommons/endpoints", "v5.1", None),
])
def test_links(source, name, url):
    assert source_url(source, load_round(name)) == url


def test_every_link_has_a_revision_that_the_round_data_name():
    known = " ".join(text for name in round_names() for text in load_round(name).sources.values())
    for name in round_names():
        urls = {rule.id: source_url(rule.source, load_round(name)) for rule in all_rules()}
        for url in filter(None, urls.values()):
            assert URL.fullmatch(url), url
            if "/blob/" in url or "/tree/" in url:
                assert f"@{url.split('/')[6]}" in known, url
        if load_round(name).detectable:
            own = sum(rule.source.startswith("own") for rule in all_rules())
            assert sum(url is None for url in urls.values()) <= own + 20
