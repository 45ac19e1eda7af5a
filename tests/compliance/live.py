"""Short runs with the real LoadGen: what tests and benchmarks of live audits share."""

from pathlib import Path

from compliance_tests.records import Verdict
from compliance_tests.runner.campaign import Campaign, Plan
from compliance_tests.runner.session import Driven, Session

CONF = """
*.*.min_duration = {ms}
*.*.min_query_count = 64
*.MultiStream.min_query_count = 8
digits.*.performance_sample_count_override = 256
digits.SingleStream.target_latency = {expected}
digits.MultiStream.target_latency = {expected}
digits.Server.target_qps = 150
digits.Offline.target_qps = 4000
toyllm.*.performance_sample_count_override = 64
toyllm.*.use_token_latencies = 1
toyllm.SingleStream.target_latency = 0.5
toyllm.Server.target_qps = 100
toyllm.Server.ttft_latency = 200
toyllm.Server.tpot_latency = 100
toyllm.Offline.target_qps = 300
"""
DIGITS, TOYLLM = "fixtures.suts.digits:Digits", "fixtures.suts.toyllm:ToyLlm"
SLOW = "fixtures.suts.digits:slow"
CUSTOM = {DIGITS: "fixtures.suts.digits:custom", TOYLLM: "fixtures.suts.toyllm:custom"}

CRASHING = '''
from fixtures.suts.digits import Digits

class Crashing(Digits):
    def issue(self, indices, answer, first_token):
        raise ValueError("no device")

class NotLoading(Digits):
    def load(self, indices):
        raise ValueError("no memory")
'''
"""A module of systems that fail."""


def user_conf(folder, ms=200, expected=0.02):
    """Write a user.conf for runs of ``ms`` milliseconds."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "user.conf"
    path.write_text(CONF.format(ms=ms, expected=expected))
    return path


def quiet(_text):
    """Tell nobody."""


def session(folder, sut, scenario, **more):
    """Return a session of short runs of a Python SUT."""
    driven = Driven(sut, user_conf(folder, more.pop("ms", 200), more.pop("expected", 0.02)))
    return Session(driven, Path(folder) / scenario, scenario, tell=quiet, **more)


def verdicts(folder, sut, scenario, names, custom=None, *, pairs=3, threshold=None, tokens=False):
    """Return the stricter verdicts of a SUT."""
    plan = Plan(tuple(names), threshold, pairs, None, custom, None, tokens)
    return Campaign(session(folder, sut, scenario), plan).verdicts()


def failed(found):
    """Return the names of the audits that failed."""
    return {item.name for item in found if item.verdict is Verdict.FAIL}
