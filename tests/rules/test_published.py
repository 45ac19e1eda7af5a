"""The published number: units whose size is not the scenario's."""

from submission_checker.rounds.loader import load_round
from submission_checker.rules.published import published
from tests.compliance.building import result, run, settings

ROUND = "v6.0"
MODEL = "wan-2.2-t2v-a14b"


def test_latency_of_videos_is_published_in_seconds():
    """27384519297 ns stand as 27.384519297 s in the published table of the round."""
    log = f"closed/Acme/results/sys/{MODEL}/SingleStream/performance/run_1"
    values = settings("SingleStream", ROUND) | {"early_stopping_latency_ss": 27384519297}
    made = result(MODEL, "SingleStream", performance=(run(log, **values),), round_name=ROUND)
    number = published(made, load_round(ROUND))
    assert (number.number.value, number.number.unit) == (27.384519297, "s")
    assert number.steps[-1].formula == "early_stopping_latency_ss / 1e+09"
