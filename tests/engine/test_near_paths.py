"""A path that is not in a tree gets the nearest that are, and never a page of others."""

import pytest

from submission_checker.engine.near_paths import did_you_mean_path

PATHS = [f"closed/Org/results/host{n}/resnet/Offline/performance/run_1/mlperf_log_{part}.txt"
         for n in range(30) for part in ("detail", "summary")] + [
    "closed/Org/systems/host1.json", "open/Org/systems/host1.json", "closed/Org/README.md"]
RUN = "closed/Org/results/host7/resnet/Offline/performance/run_1"


@pytest.mark.parametrize(("path", "words"), [
    (f"{RUN}/mlperf_log_detial.txt", f"; did you mean '{RUN}/mlperf_log_detail.txt'"),
    (f"{RUN.replace('Offline', 'offline')}/mlperf_log_summary.txt",
     f"; did you mean '{RUN}/mlperf_log_summary.txt'?"),
    (f"{RUN.replace('Org', 'Orgg')}/mlperf_log_summary.txt", "; did you mean 'closed/Org/results"),
    ("host1.json", "; did you mean 'closed/Org/systems/host1.json' or "
                   "'open/Org/systems/host1.json'?"),
    ("systems/host1.json", "; did you mean 'closed/Org/systems/host1.json' or "),
    ("/closed/Org/README.md/", "; did you mean 'closed/Org/README.md'?"),
    ("x/y/README.md", "; did you mean 'closed/Org/README.md'?"),
    (f"../my tree/{RUN}/mlperf_log_detail.txt", f"; did you mean '{RUN}/mlperf_log_detail.txt'?"),
    ("closed\\Org\\README.md", "; did you mean 'closed/Org/README.md'?"),
    ("closed\\Org\\READNE.md", "; did you mean 'closed/Org/README.md'?"),
    ("closed/Org/calibration.md", "; closed/Org holds README.md, results, systems"),
    ("zzz", "; the tree holds closed, open"),
    ("", "; the tree holds closed, open"),
])
def test_what_is_proposed(path, words):
    said = did_you_mean_path(path, PATHS)
    assert said.startswith(words)
    assert len(said) < 400


def test_an_empty_tree_holds_nothing():
    assert did_you_mean_path("a/b", []) == "; the tree holds nothing"
