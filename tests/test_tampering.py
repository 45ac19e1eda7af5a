"""Edits of finished logs, each found as an error at the right file and line.

The same edits are made on the bundled submission and, marked ``real``, on published results.
``NOT_SHOWN`` names what logs cannot show, and each entry is made as well: it must still pass, so
that the table stays honest.
"""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from fixtures.builder import Tree
from submission_checker.check import Options, check
from submission_checker.model.findings import Level
from tests.conftest import published

STAMP = "%m-%d-%Y %H:%M:%S.%f"
DETAIL, SUMMARY = "mlperf_log_detail.txt", "mlperf_log_summary.txt"
RATE, COMPLETED = "result_samples_per_second", "result_completed_samples_per_sec"
NAMES = {
    RATE: "Samples per second", COMPLETED: "Completed samples per second",
    "result_tokens_per_second": "Tokens per second",
    "result_completed_tokens_per_second": "Completed tokens per second",
    "result_mean_latency_ns": "Mean latency (ns)", "result_max_latency_ns": "Max latency (ns)",
    "result_min_latency_ns": "Min latency (ns)",
    "result_qps_without_loadgen_overhead": "QPS w/o loadgen overhead",
}
SERIES = ("min_latency", "max_latency", "mean_latency", *(
    f"{p}_percentile_latency" for p in ("50.00", "90.00", "95.00", "97.00", "99.00", "99.90")))


@dataclass(frozen=True)
class Log:
    """The logs of one run in a tree."""

    tree: Tree
    folder: str

    @property
    def detail(self) -> str:
        return f"{self.folder}/{DETAIL}"

    @property
    def summary(self) -> str:
        return f"{self.folder}/{SUMMARY}"

    def value(self, key: str) -> Any:
        return self.tree.log(self.detail, key)

    def set(self, key: str, value: Any) -> None:
        self.tree.set_log(self.detail, key, value)

    def scale(self, key: str, factor: float) -> Any:
        """Return the value of a key times a factor, in the form that LoadGen prints."""
        value = self.value(key)
        return round(value * factor) if key.endswith("_ns") else float(f"{value * factor:.6g}")

    def say(self, name: str, value: Any) -> None:
        """Change each line of that name in the summary."""
        text = self.tree.text(self.summary)
        wide = isinstance(value, float) and name not in ("Samples per second", "Tokens per second")
        shown = f"{value:.2f}" if wide else f"{value:.6g}" if isinstance(value, float) else value
        new, hits = re.subn(rf"^(\s*{re.escape(name)}\s*: ).*$", rf"\g<1>{shown}", text, flags=re.M)
        assert hits, f"no line {name}"
        self.tree.write(self.summary, new)

    def line(self, path: str, text: str) -> int:
        """Return the line of a file that holds a text."""
        lines = self.tree.text(path).splitlines()
        return next(number for number, line in enumerate(lines, start=1) if text in line)

    def at(self, key: str) -> tuple[str, int]:
        return self.detail, self.line(self.detail, f'"key": "{key}"')

    def said(self, text: str) -> tuple[str, int]:
        return self.summary, self.line(self.summary, text)


Found = tuple[str, tuple[str, int | None]]
Edit = Callable[[Log], Found]
"""Edits the logs and returns the rule and the place of the error that is due."""


def headline(key: str, where: str, rule: str = "") -> Edit:
    """Raise the published number by 2 % in one file or in both."""

    def edit(log: Log) -> Found:
        value = log.scale(key, 1.02)
        if where in ("detail", "both"):
            log.set(key, value)
        if where in ("summary", "both"):
            log.say(NAMES[key], value)
        place = log.said(NAMES[key]) if where == "summary" else log.at(key)
        return rule or "LGEN019", place

    return edit


def told_otherwise(key: str) -> Edit:
    """Raise a number in the detail log only: the summary does not follow."""

    def edit(log: Log) -> Found:
        log.set(key, log.scale(key, 1.02))
        return "LGEN019", log.said(NAMES[key])

    return edit


def validity_flipped(log: Log) -> Found:
    """Let a run be VALID that was too short: every setting says so, every verdict is kept."""
    least = 10 * round(log.value("effective_min_duration_ms"))
    for key in ("requested_min_duration_ms", "effective_min_duration_ms"):
        log.set(key, least)
    log.say("min_duration (ms)", least)
    return "LGEN017", log.at("result_min_duration_met")


def verdict_kept(log: Log) -> Found:
    """Let the parts say that a minimum was missed, and the verdict VALID."""
    log.set("result_min_queries_met", False)
    log.say("Min queries satisfied", "NO")
    return "LGEN017", log.at("result_validity")


def other_scenario(name: str) -> Edit:
    """Put the logs of another scenario into the folder."""

    def edit(log: Log) -> Found:
        base = log.folder.split("/performance/")[0].rpartition("/")[0]
        for file in (DETAIL, SUMMARY):
            log.tree.copy(f"{base}/{name}/performance/run_1/{file}", f"{log.folder}/{file}")
        return "PERF005", log.at("effective_scenario")

    return edit


def two_queries_dropped(log: Log) -> Found:
    log.set("result_query_count", log.value("result_query_count") - 2)
    return "LGEN013", log.at("result_query_count")


def clock_moved(seconds: float) -> Edit:
    def edit(log: Log) -> Found:
        end = datetime.strptime(log.value("power_end"), STAMP) + timedelta(seconds=seconds)
        log.set("power_end", end.strftime(STAMP)[:-3])
        return "LGEN023", log.at("power_end")

    return edit


def hash_altered(log: Log) -> Found:
    hashes = log.value("loadgen_file_sha1")
    log.set("loadgen_file_sha1", {**hashes, "/results.cc": "0" * 40})
    return "LGEN003", log.at("loadgen_file_sha1")


def lowered(rule: str, key: str, *, both: bool = True) -> Edit:
    """Lower every latency by 1 %."""

    def edit(log: Log) -> Found:
        for part in SERIES:
            name = f"result_{part}_ns"
            value = log.scale(name, 0.99)
            log.set(name, value)
            if both:
                known = NAMES.get(name)
                log.say(known or f"{part[:5]} percentile latency (ns)", value)
        return rule, log.at(key) if both else log.said(key)

    return edit


def discarded(*, both: bool) -> Edit:
    """Let early stopping discard one query more."""

    def edit(log: Log) -> Found:
        files = (log.detail, log.summary) if both else (log.detail,)
        number = re.search(r"Would discard (\d+)", log.tree.text(log.summary))[1]
        for file in files:
            log.tree.replace(file, f"discard {number} ", f"discard {int(number) + 1} ")
        return "LGEN018", log.at("early_stopping_result")

    return edit


def estimate_lowered(key: str) -> Edit:
    """Lower the early-stopping estimate, the published latency, to the median everywhere."""

    def edit(log: Log) -> Found:
        per = "_per_query" if key.endswith("_ms") else ""
        old, new = log.value(key), log.value(f"result_50.00_percentile{per}_latency_ns")
        for file in (log.detail, log.summary):
            log.tree.replace(file, str(old), str(new))
        return "LGEN018", log.at(key)

    return edit


def stopped(log: Log) -> Found:
    """Turn the count of slow queries into one that does not pass, and keep the verdict."""
    log.set("result_overlatency_query_count", log.value("result_query_count") // 2)
    return "LGEN018", log.at("early_stopping_met")


def tokens_slow(log: Log) -> Found:
    """Ask for a limit that the run missed, and keep the text that says it passed."""
    log.set("requested_server_tpot_latency", 1)
    log.say("tpot_latency (ns)", 1)
    return "LGEN018", log.at("early_stopping_tpot_result")


def quality_typed(log: Log) -> Found:
    """Type a better quality over the one that was measured."""
    path = f"{log.folder.split('/performance/')[0]}/accuracy/accuracy.txt"
    text = log.tree.text(path)
    log.tree.write(path, re.sub(r"accuracy=[\d.]+%", "accuracy=99.000%", text))
    return "ACCU014", (path, 1)


def runs_appended(log: Log) -> Found:
    text = log.tree.text(log.detail)
    log.tree.append(log.detail, text)
    return "LGEN009", (log.detail, len(text.splitlines()) + 1)


EDITS: dict[str, tuple[str, Edit]] = {
    "headline-detail-offline": ("digits/Offline", headline(RATE, "detail", "LGEN012")),
    "headline-detail-told": ("digits/Offline", told_otherwise(RATE)),
    "headline-summary-offline": ("digits/Offline", headline(RATE, "summary")),
    "headline-both-offline": ("digits/Offline", headline(RATE, "both", "LGEN012")),
    "headline-detail-server": ("digits/Server", headline(COMPLETED, "detail", "LGEN013")),
    "headline-summary-server": ("digits/Server", headline(COMPLETED, "summary")),
    "headline-both-server": ("digits/Server", headline(COMPLETED, "both", "LGEN013")),
    "headline-summary-tokens": ("toyllm/Offline", headline(
        "result_tokens_per_second", "summary")),
    "headline-both-tokens": ("toyllm/Server", headline(
        "result_completed_tokens_per_second", "both", "LGEN027")),
    "estimate-singlestream": ("digits/SingleStream", estimate_lowered("early_stopping_latency_ss")),
    "estimate-multistream": ("digits/MultiStream", estimate_lowered("early_stopping_latency_ms")),
    "validity-flipped-offline": ("digits/Offline", validity_flipped),
    "validity-flipped-server": ("digits/Server", validity_flipped),
    "validity-flipped-stream": ("digits/SingleStream", validity_flipped),
    "verdict-kept": ("digits/Server", verdict_kept),
    "other-scenario": ("digits/Offline", other_scenario("Server")),
    "other-scenario-stream": ("digits/MultiStream", other_scenario("Offline")),
    "queries-dropped": ("digits/Server", two_queries_dropped),
    "queries-dropped-tokens": ("toyllm/Server", two_queries_dropped),
    "clock-later": ("digits/Offline", clock_moved(5)),
    "clock-earlier": ("digits/Server", clock_moved(-5)),
    "clock-stream": ("digits/SingleStream", clock_moved(60)),
    "hash-altered": ("digits/Server", hash_altered),
    "latencies-lowered-offline": ("digits/Offline", lowered("LGEN012", RATE)),
    "latencies-lowered-stream": ("digits/SingleStream", lowered(
        "LGEN014", "result_qps_without_loadgen_overhead")),
    "latencies-lowered-detail": ("digits/Server", lowered(
        "LGEN019", "Min latency (ns)", both=False)),
    "stopping-line-detail": ("digits/SingleStream", discarded(both=False)),
    "stopping-line-both": ("digits/MultiStream", discarded(both=True)),
    "stopping-kept": ("digits/Server", stopped),
    "stopping-tokens": ("toyllm/Server", tokens_slow),
    "quality-typed": ("digits/Offline", quality_typed),
    "runs-appended": ("digits/Offline", runs_appended),
}
"""Name -> the bundled result and the edit of it."""

BROADCOM = "closed/Broadcom_Supermicro/results/vSYS-422GA-NBRT-B200-SXM-180GBx8_TRT"
REAL: dict[str, tuple[str, Edit]] = {
    "headline-detail-offline": ("stable-diffusion-xl/Offline", told_otherwise(RATE)),
    "headline-both-offline": ("stable-diffusion-xl/Offline", headline(RATE, "both", "LGEN012")),
    "headline-summary-server": ("stable-diffusion-xl/Server", headline(COMPLETED, "summary")),
    "headline-both-server": ("stable-diffusion-xl/Server", headline(COMPLETED, "both", "LGEN013")),
    "headline-both-tokens": ("llama3.1-405b/Server", headline(
        "result_completed_tokens_per_second", "both", "LGEN027")),
    "validity-flipped": ("stable-diffusion-xl/Server", validity_flipped),
    "verdict-kept": ("stable-diffusion-xl/Offline", verdict_kept),
    "other-scenario": ("stable-diffusion-xl/Offline", other_scenario("Server")),
    "queries-dropped": ("stable-diffusion-xl/Server", two_queries_dropped),
    "clock-later": ("stable-diffusion-xl/Offline", clock_moved(5)),
    "clock-earlier": ("llama3.1-405b/Server", clock_moved(-300)),
    "hash-altered": ("stable-diffusion-xl/Server", hash_altered),
    "latencies-lowered": ("stable-diffusion-xl/Offline", lowered("LGEN012", RATE)),
    "stopping-kept": ("stable-diffusion-xl/Server", stopped),
    "stopping-tokens": ("llama3.1-405b/Server", tokens_slow),
    "runs-appended": ("stable-diffusion-xl/Offline", runs_appended),
}


def raised_tokens(log: Log) -> None:
    headline("result_tokens_per_second", "both")(log)


def counted_quality(log: Log) -> None:
    path = f"{log.folder.split('/performance/')[0]}/accuracy/accuracy.txt"
    text = log.tree.text(path)
    log.tree.write(path, text.replace("accuracy=95.300%, good=953", "accuracy=99.000%, good=990"))


def lower_percentile(log: Log) -> None:
    key = "result_95.00_percentile_latency_ns"
    value = log.scale(key, 0.99)
    log.set(key, value)
    log.say("95.00 percentile latency (ns)", value)


def stamps_together(log: Log) -> None:
    for key in ("power_begin", "power_end"):
        moved = datetime.strptime(log.value(key), STAMP) + timedelta(seconds=5)
        log.set(key, moved.strftime(STAMP)[:-3])


NOT_SHOWN: dict[str, tuple[str, Callable[[Log], None], str]] = {
    "tokens-raised-offline": ("toyllm/Offline", raised_tokens,
                              "the log holds no other number that the token count goes into"),
    "percentile-lowered": ("digits/Server", lower_percentile,
                           "one percentile among others is bound by its neighbours only"),
    "quality-with-counts": ("digits/Offline", counted_quality,
                            "quality is computed with the data set, which is not submitted"),
    "stamps-together": ("digits/Server", stamps_together,
                        "both stamps are texts of the wall clock; only their distance is bound"),
}
"""Name -> the bundled result, the edit, and why logs cannot show it (docs/measured.md)."""


def errors(root: str, round_: str) -> set[Found]:
    report = check(root, options=Options(round=round_, jobs=1))
    assert not report.crashed
    return {(f.rule, (f.location.path, f.location.line)) for f in report.findings
            if f.level is Level.ERROR}


def result_of(path: str, result: str) -> bool:
    """Return whether an error lies in the edited result, its measurements or its audits."""
    return f"/{result}" in f"{path}/" or path.endswith(result.partition("/")[0])


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_an_error_at_its_line(name, tmp_path):
    result, edit = EDITS[name]
    tree = Tree.demo(tmp_path)
    due = edit(Log(tree, f"closed/DemoOrg/results/demo-host/{result}/performance/run_1"))
    found = errors(str(tree.root), "demo")
    assert due in found
    assert [path for _, (path, _) in sorted(found, key=str) if not result_of(path, result)] == []


def test_the_bundled_submission_itself_has_no_error(tmp_path):
    assert errors(str(Tree.demo(tmp_path).root), "demo") == set()


@pytest.mark.parametrize("name", NOT_SHOWN)
def test_what_logs_cannot_show_is_still_no_error(name, tmp_path):
    result, edit, reason = NOT_SHOWN[name]
    tree = Tree.demo(tmp_path)
    edit(Log(tree, f"closed/DemoOrg/results/demo-host/{result}/performance/run_1"))
    assert errors(str(tree.root), "demo") == set(), reason


def test_a_log_of_another_system_is_an_error(tmp_path):
    tree = Tree.demo(tmp_path)
    tree.copy_result("digits", "Offline", "other-host")
    tree.set_json("closed/DemoOrg/systems/other-host.json", "host_processor_core_count", 999)
    copy = Log(tree, "closed/DemoOrg/results/other-host/digits/Offline/performance/run_1")
    assert ("XRES001", copy.at("test_datetime")) in errors(str(tree.root), "demo")


@pytest.mark.real
@pytest.mark.parametrize("name", REAL)
def test_an_edit_of_a_published_result_is_an_error_at_its_line(name, tmp_path):
    source = published("v5.1") / "closed" / "Broadcom_Supermicro"
    shutil.copytree(source, tmp_path / "tree" / "closed" / "Broadcom_Supermicro", symlinks=True)
    tree = Tree(tmp_path / "tree")
    before = errors(str(tree.root), "v5.1")
    result, edit = REAL[name]
    due = edit(Log(tree, f"{BROADCOM}/{result}/performance/run_1"))
    found = errors(str(tree.root), "v5.1")
    assert due in found - before
