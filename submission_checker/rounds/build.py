"""Build the typed form of a round from its resolved data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from submission_checker.rounds.types import (
    AliasRules,
    AuditSpec,
    EarlyStopping,
    EndpointsGoal,
    EndpointsMetric,
    EndpointsSpec,
    Inference,
    Layout,
    LoadgenSpec,
    MeasurementsSpec,
    Metric,
    Model,
    PipelineSpec,
    ReviewSpec,
    Round,
    Scenarios,
    ScenarioSpec,
    SeedTriple,
    SystemSpec,
)

Data = Mapping[str, Any]


def build_round(data: Data) -> Round:
    """Return the typed round of resolved data."""
    seeds = data["seeds"]
    compliance = data["compliance"]
    return Round(
        name=data["round"],
        predecessor=data.get("predecessor"),
        family=data["family"],
        title=data["title"],
        detectable=data["detectable"],
        submission_deadline=_date(data.get("submission_deadline")),
        publication=_date(data.get("publication")),
        layout=_layout(data["layout"]),
        system=_system(data["system"]),
        measurements=_measurements(data["measurements"]),
        aliases=_aliases(data),
        models={
            name: _model(name, model, data["layout"]) for name, model in data["models"].items()
        },
        seeds=_seeds(seeds),
        audit_seeds={test: _seeds(own) for test, own in seeds.get("audits", {}).items()},
        accuracy_log_rng_seed_audits={
            scenario: int(seed)
            for scenario, seed in seeds["accuracy_log_rng_seed_audits"].items()
        },
        durations_ms=data["durations_ms"],
        scenarios={name: _scenario(name, spec) for name, spec in data["scenarios"].items()},
        log_scenarios=data["log_scenarios"],
        early_stopping=_early_stopping(data["early_stopping"]),
        inference=tuple(Inference(**item) for item in data["inference"]),
        audits={test: _audit(test, spec) for test, spec in compliance["tests"].items()},
        audits_required_in=tuple(compliance["required_in"]),
        loadgen=_loadgen(data["loadgen"]),
        mlperf_conf=_numbers(data["mlperf_conf"]),
        power=data["power"],
        endpoints=_endpoints(data.get("endpoints", {})),
        review=ReviewSpec(**data["review"]),
        weights=_lists(data.get("weights", {})),
        rules={
            rule: {"*": level} if isinstance(level, str) else dict(level)
            for rule, level in data["rules"].items()
        },
        sources=data["sources"],
        audit_score_keys=compliance.get("score_keys", {}),
    )


def _date(value: object) -> date | None:
    return value if isinstance(value, date) else None


def _seeds(data: Data) -> SeedTriple:
    return SeedTriple(
        int(data["qsl_rng_seed"]), int(data["sample_index_rng_seed"]),
        int(data["schedule_rng_seed"]),
    )


def _numbers(data: Data) -> dict[str, float]:
    return {key: int(value) if isinstance(value, str) else value for key, value in data.items()}


def _lists(data: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(value) for key, value in data.items()}


def _layout(data: Data) -> Layout:
    files = data["required_files"]
    return Layout(
        root_dirs=tuple(data["root_dirs"]),
        ignored_root_entries=tuple(data["ignored_root_entries"]),
        root_files_allowed=tuple(data["root_files_allowed"]),
        templates=_lists(data["templates"]),
        required_performance=tuple(files["performance"]),
        required_accuracy=tuple(files["accuracy"]),
        required_measurements=tuple(files["measurements"]),
        required_power=tuple(files["power"]),
        required_power_texts=tuple(files["power_measurements"]),
        optional_files=tuple(data["optional_files"]),
        scenario_folders=data["scenario_folder_names"],
        performance_runs=data["performance_runs"],
        accuracy_log_max_bytes=data.get("accuracy_log_max_bytes"),
        file_size_limit_bytes=data.get("file_size_limit_bytes"),
        submitter_size_notice_bytes=data.get("submitter_size_notice_bytes"),
        signature=tuple(data["signature"]),
        fold_case=data.get("fold_case", False),
        audit_runs_above=data.get("audit_runs_above", False),
    )


def _system(data: Data) -> SystemSpec:
    return SystemSpec(
        required_fields=tuple(data["required_fields"]),
        optional_fields=tuple(data["optional_fields"]),
        nonempty_fields=tuple(data["required_nonempty_fields"]),
        network_fields=tuple(data["network_fields"]),
        power_fields=tuple(data["power_fields"]),
        system_types=tuple(data["system_types"]),
        system_type_aliases=data["system_type_aliases"],
        system_type_required=data["system_type_field_required"],
        status_values=tuple(data["status_values"]),
        status_aliases=data["status_aliases"],
    )


def _measurements(data: Data) -> MeasurementsSpec:
    fields = tuple(data["required_fields"])
    return MeasurementsSpec(
        required_fields=fields,
        nonempty_fields=fields if data["required_nonempty"] else (),
        files_nonempty=data["nonempty_files"],
        data_types=tuple(data["weight_data_types"]),
    )


def _aliases(data: Data) -> AliasRules:
    rules = data["model_aliases"]
    return AliasRules(
        table=data["layout"]["model_mapping"],
        substrings=tuple((needle, target) for needle, target in rules["substrings"]),
        closed_uses_substrings=rules["closed_uses_substrings"],
        mapping_file=rules["mapping_file"] or None,
    )


def _model(name: str, data: Data, layout: Data) -> Model:
    factor = data.get("threshold_factor", 1)
    return Model(
        name=name,
        aliases=tuple(data["aliases"]),
        task=data["task"],
        dataset=data["dataset"],
        dataset_size=data.get("dataset_size"),
        performance_sample_count=data.get("performance_sample_count"),
        accuracy_sample_count=data.get("accuracy_sample_count"),
        accuracy_sample_count_by_scenario=data.get("accuracy_sample_count_by_scenario", {}),
        system_types={
            kind: Scenarios(
                tuple(tuple(choice) for choice in lists["required"]), tuple(lists["optional"])
            )
            for kind, lists in data["system_types"].items()
        },
        metrics=_metrics(data["accuracy"], factor),
        metrics_by_scenario={
            scenario: _metrics(metrics, factor)
            for scenario, metrics in data.get("accuracy_by_scenario", {}).items()
        },
        any_metric_suffices=data.get("accuracy_any_of", False),
        latency_bound_ms=data["latency_bound_ms"],
        latency_bound_strict_ms=data.get("latency_bound_strict_ms", {}),
        target_latency_percentile=data["target_latency_percentile"],
        ttft_ms=data.get("ttft_ms", {}),
        tpot_ms=data.get("tpot_ms", {}),
        tpot_strict_ms=data.get("tpot_strict_ms", {}),
        use_token_latencies=data["use_token_latencies"],
        min_queries=data["min_queries"],
        offline_min_samples=data.get("offline_min_samples"),
        offline_min_samples_strict=data.get("offline_min_samples_strict"),
        max_output_tokens=data.get("max_output_tokens"),
        required_audits=tuple(data["audits"]),
        audit_exempt_scenarios=_lists(data.get("audit_exempt_scenarios", {})),
        metric_key_overrides=data.get("result_metric_overrides", {}),
        published_unit_overrides=data.get("published_unit_overrides", {}),
        published_divisor_overrides=data.get("published_divisor_overrides", {}),
        mlperf_conf_model=data.get("mlperf_conf_model"),
        min_duration_exempt=data.get("min_duration_exempt", False),
        equal_issue_scenarios=tuple(data.get("equal_issue_scenarios", ())),
        required_artefacts=_lists(layout["extra_accuracy_files"].get(name, {})),
        pipeline_log=PipelineSpec(**data["pipeline_log"]) if "pipeline_log" in data else None,
    )


def _metrics(items: Iterable[Data], factor: float) -> tuple[Metric, ...]:
    return tuple(
        Metric(
            item["metric"], item["pattern"], item.get("unit", ""), item.get("reference"),
            item.get("lower"), item.get("upper"), factor,
        )
        for item in items
    )


def _scenario(name: str, data: Data) -> ScenarioSpec:
    return ScenarioSpec(
        name=name,
        metric_key=data.get("metric_key"),
        token_metric_key=data.get("llm_metric_key"),
        summary_line=data["summary_line"],
        published_unit=data["published_unit"],
        token_published_unit=data.get("llm_published_unit"),
        divisor=data["divisor"],
        percentile=data.get("percentile"),
        lower_is_better=data["lower_is_better"],
        samples_per_query=data.get("samples_per_query"),
    )


def _early_stopping(data: Data) -> EarlyStopping:
    return EarlyStopping(
        data["in_force"], data.get("confidence"), data.get("tolerance"),
        tuple(data.get("scenarios", ())),
    )


def _audit(name: str, data: Data) -> AuditSpec:
    return AuditSpec(
        name=name,
        purpose=data["purpose"],
        files_required=tuple(data["files_required"]),
        files_on_mismatch=tuple(data.get("files_required_on_mismatch", ())),
        pass_lines={
            file: tuple(tuple(choice) for choice in lines)
            for file, lines in data.get("pass_lines", {}).items()
        },
        fail_lines=_lists(data.get("fail_lines", {})),
        thresholds=data.get("thresholds", {}),
        settings={model: _numbers(keys) for model, keys in data.get("settings", {}).items()},
        judged_as_performance_run=data["judged_as_performance_run"],
    )


def _loadgen(data: Data) -> LoadgenSpec:
    return LoadgenSpec(
        data["log_format"], tuple(data["versions_allowed"]), tuple(data["errors_allowed"]),
        tuple(data["known_good_commits"]),
    )


def _endpoints(data: Data) -> EndpointsSpec:
    audits = data.get("audits", {})
    own = data.get("own_ruleset", {})
    return EndpointsSpec(
        allowed_models=tuple(data.get("allowed_models", ())),
        early_stopping_floors={
            float(key): value for key, value in data.get("early_stopping_floors", {}).items()
        },
        types=_lists(data.get("types", {})),
        load_patterns=_lists(data.get("load_patterns", {})),
        load_patterns_tolerated=_lists(data.get("load_patterns_tolerated", {})),
        target_concurrency=data.get("target_concurrency", {}),
        metrics=_endpoints_metrics(data.get("metrics", {})),
        metrics_by_model={
            model: _endpoints_metrics(metrics)
            for model, metrics in data.get("metrics_by_model", {}).items()
        },
        audit_names=audits.get("names", {}),
        audits_required=_lists(audits.get("required", {})),
        audit_thresholds=audits.get("thresholds", {}),
        accuracy_samples=data.get("accuracy_samples", {}),
        accuracy_parts=data.get("accuracy_parts", {}),
        goals=_goals(data.get("accuracy", {})),
        goals_by_scenario={
            model: _goals(goals) for model, goals in data.get("accuracy_by_scenario", {}).items()
        },
        own_min_duration_ms={
            model: rules["min_duration_ms"] for model, rules in own.items()
            if "min_duration_ms" in rules
        },
        own_seed={model: rules["seed"] for model, rules in own.items() if "seed" in rules},
    )


def _endpoints_metrics(data: Data) -> dict[str, EndpointsMetric]:
    return {scenario: EndpointsMetric(**metric) for scenario, metric in data.items()}


def _goals(data: Data) -> dict[str, tuple[EndpointsGoal, ...]]:
    return {
        name: tuple(
            EndpointsGoal(item["metric"], tuple(item.get("keys", ())), item.get("lower"),
                          item.get("upper"), item["unit"])
            for item in goals
        )
        for name, goals in data.items()
    }
