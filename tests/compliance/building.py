"""Subjects made in memory for tests of audits: logs as text, read by the real readers."""

import hashlib
import json
from dataclasses import replace

from submission_checker.engine.context import Context
from submission_checker.engine.judge import Judge
from submission_checker.engine.rule import Scope
from submission_checker.logs.accuracy_log import read_accuracy_log
from submission_checker.logs.accuracy_text import read_accuracy_text
from submission_checker.logs.detail import open_detail
from submission_checker.logs.summary import read_summary
from submission_checker.model.accuracy import AccuracyRun
from submission_checker.model.documents import TextFile
from submission_checker.model.files import Folder
from submission_checker.model.findings import Location, Subject
from submission_checker.model.run import Run
from submission_checker.model.subjects import ResultFacts, SystemSubject
from submission_checker.model.submission import Audit, Measurements, Result, SystemDescription
from submission_checker.rounds.loader import load_round

FOUND = "Found Audit Config file (audit.config). Overriding TestSettings from audit.config file."


def detail(**values):
    """Return the bytes of a JSON detail log; ``audit=True`` adds the configuration record."""
    lines = []
    if values.pop("audit", False):
        lines.append(("warning_generic_message", FOUND))
    errors = values.pop("errors", ())
    lines += values.items()
    lines += [("error_runtime", text) for text in errors]
    return "".join(
        ":::MLLOG " + json.dumps({
            "key": key, "value": value, "time_ms": 1.0, "namespace": "mlperf::logging",
            "event_type": "POINT_IN_TIME",
            "metadata": {"is_error": key == "error_runtime",
                         "is_warning": key.startswith("warning"), "file": "a.cc",
                         "line_no": 1, "pid": 1, "tid": 2},
        }) + "\n"
        for key, value in lines
    ).encode()


def run(path, summary=None, **values):
    """Return a run whose detail log holds the values."""
    data = detail(**values)
    folder = Folder(path, {}, ())
    return Run(
        "run_1", folder, f"{path}/mlperf_log_detail.txt",
        open_detail(data, path), None if summary is None
        else read_summary(summary.encode(), f"{path}/mlperf_log_summary.txt"),
        hashlib.sha256(data).hexdigest(),
    )


def seeds(round_name, test=None):
    """Return the effective seeds of a round, or of one of its audits."""
    round_ = load_round(round_name)
    triple = round_.audit_seeds[test] if test else round_.seeds
    return {
        "effective_qsl_rng_seed": triple.qsl,
        "effective_sample_index_rng_seed": triple.sample_index,
        "effective_schedule_rng_seed": triple.schedule,
    }


def settings(scenario, round_name="v5.1", **values):
    """Return what every log of a run holds."""
    return {
        "effective_scenario": scenario, "effective_test_mode": "PerformanceOnly",
        "test_datetime": "2025-07-01T10:00:00Z", "power_begin": "07-01-2025 10:00:05.000",
        "result_validity": "VALID", **seeds(round_name), **values,
    }


def text(path, content):
    """Return a small text file."""
    return TextFile(path, tuple(content.split("\n")), len(content))


def audit(test, path="closed/Acme/compliance/sys/resnet/Offline", *, values=None, texts=None,
          files=(), entries=None, quality=None, hashes=None):
    """Return an audit: detail-log values, verdict texts, visible answers, quality texts."""
    path = f"{path}/{test}"
    texts = texts or {}
    names = [*texts, *files]
    own = run(f"{path}/performance/run_1", **values) if values is not None else None
    if own is not None:
        names += ["performance/run_1/mlperf_log_detail.txt",
                  "performance/run_1/mlperf_log_summary.txt"]
    accuracy = None
    if entries is not None or hashes is not None:
        log = accuracy_log(f"{path}/accuracy", entries or ())
        accuracy = AccuracyRun(
            run(f"{path}/accuracy"),
            None if hashes is None
            else read_accuracy_text(hashes.encode(), f"{path}/accuracy/accuracy.txt", ()),
            log, {},
        )
    quality = {
        name: read_accuracy_text(content.encode(), f"{path}/accuracy/{name}",
                                 (("acc", r"accuracy=(?P<value>[\d.]+)"),))
        for name, content in (quality or {}).items()
    }
    names += [f"accuracy/{name}" for name in quality]
    return Audit(
        test, path, Folder(path, {}, ()), dict.fromkeys(names, 1), own,
        {name: text(f"{path}/{name}", content) for name, content in texts.items()},
        accuracy, quality,
    )


def accuracy_log(path, entries):
    """Return a log of (seq_id, qsl_idx, data, token_count, token_data) entries."""
    lines = []
    for seq, index, data, *rest in entries:
        more = f', "token_data" : "{rest[1]}"' if len(rest) > 1 else ""
        more += f', "token_count" : {rest[0]}' if rest else ""
        lines.append(f'{{ "seq_id" : {seq}, "qsl_idx" : {index}, "data" : "{data}"{more} }}')
    data = ("[\n" + ",\n".join(lines) + "\n]\n").encode()
    return read_accuracy_log([data], len(data), f"{path}/mlperf_log_accuracy.json")


def result(benchmark="resnet", scenario="Offline", model=None, *, performance=None, audits=(),
           accuracy=None, division="closed", system_type="datacenter", round_name="v5.1",
           detail_values=None):
    """Return a result; ``detail_values`` are those of its performance log."""
    subject = Subject(division, "Acme", "sys", benchmark, scenario)
    path = f"{division}/Acme/results/sys/{benchmark}/{scenario}"
    document = None
    if performance is None:
        log_scenario = load_round(round_name).log_scenarios.get(scenario, scenario)
        values = settings(log_scenario, round_name) | (detail_values or {})
        performance = (run(f"{path}/performance/run_1", **values),)
    return Result(
        subject, path, model or benchmark, "name", None, scenario, scenario, None,
        SystemDescription(subject, "sys", "", document, system_type, True, ()),
        Folder(path, {}, ()), performance, accuracy, {item.test: item for item in audits},
        Measurements("", None, (), None, None, None, False, ()), {},
    )


def scored(scenario, score, round_name="v5.1", **more):
    """Return the values of a log with a score in a scenario."""
    key = {
        "Offline": "result_samples_per_second", "Server": "result_completed_samples_per_sec",
        "SingleStream": "early_stopping_latency_ss", "MultiStream": "early_stopping_latency_ms",
    }[scenario]
    return settings(scenario, round_name) | {
        key: score, "test_datetime": f"2025-07-01T10:00:{score % 60:02.0f}Z",
    } | more


def compared(test, scenario, reference, score, round_name="v5.1", text="", **more):
    """Return a result with a reference score and an audit with another one."""
    path = f"closed/Acme/compliance/sys/resnet/{scenario}"
    return result(
        "resnet", scenario, round_name=round_name,
        detail_values=scored(scenario, reference, round_name),
        audits=[audit(test, path, values=scored(scenario, score, round_name) | more,
                      texts={"verify_performance.txt": text} if text else {})],
    )


def judged(rule, subject, round_name="v5.1", **context):
    """Return the findings of one rule on a result, without citations."""
    round_ = load_round(round_name)
    if "round_change" in context:
        round_ = replace(round_, **context.pop("round_change"))
    here = Context(round_, subject.subject, Location(subject.path), subject)
    return shown(Judge([rule]).result(here))


def judged_system(rule, facts, round_name="v5.1", division="closed"):
    """Return the findings of one rule on a system with results."""
    owner = Subject(division, "Acme", "sys")
    system = SystemSubject(
        SystemDescription(owner, "sys", "", None, "edge", True, ()), tuple(facts)
    )
    here = Context(load_round(round_name), owner, Location(f"{division}/Acme/systems/sys.json"))
    return shown(Judge([rule]).other(Scope.SYSTEM, system, here))


def shown(judgement):
    """Return findings as (level, run, subcode, found, required without its source)."""
    assert not [f for f in judgement.findings if f.subcode == "crashed"], judgement.findings
    return [
        (f.level.label, f.subject.run, f.subcode, f.found, bare(f.required))
        for f in sorted(judgement.findings, key=lambda f: f.sort_key())
    ]


def bare(required):
    """Return the required side without ``(round; source)``."""
    head, found, _ = required.partition(" (v")
    return head if found else required


def facts(benchmark, scenario, log_scenario=None, *, model=None, sha="a", accuracy="h",
          audits=(), inferred=False, value=1.0, offers=None, division="closed"):
    """Return the facts of a result."""
    return ResultFacts(
        Subject(division, "Acme", "sys", benchmark, scenario),
        f"{division}/Acme/results/sys/{benchmark}/{scenario}", model or benchmark, scenario,
        scenario, log_scenario or scenario, True, True, 0, 0, value, "u", inferred, None, sha,
        accuracy, None, dict(audits), offers or {},
    )

