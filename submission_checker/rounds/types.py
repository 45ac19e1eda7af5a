"""The typed form of a round: every number, list and name that a rule may ask for.

A round is data (``data/*.toml``); these classes only give it types. ``None`` always means "the
sources give no value"; a rule that needs such a value is skipped with that reason (RNDX005).
Latencies and durations are milliseconds, seeds are unsigned 64-bit integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple


class SeedTriple(NamedTuple):
    """The three LoadGen seeds of a round or of an audit."""

    qsl: int
    sample_index: int
    schedule: int


class Metric(NamedTuple):
    """One quality target: how its value is read from accuracy.txt and what it must reach.

    ``pattern`` is searched per line and has a group ``value``. ``threshold_factor`` multiplies the
    limits when the printed value is above 1 (limits given as fractions, files printing percent).
    """

    name: str
    pattern: str
    unit: str
    reference: float | None
    lower: float | None
    upper: float | None
    threshold_factor: float


class Scenarios(NamedTuple):
    """Required and optional scenarios of a model for one system type.

    ``required`` is a conjunction of alternatives: each inner tuple needs one of its scenarios.
    """

    required: tuple[tuple[str, ...], ...]
    optional: tuple[str, ...]


class PipelineSpec(NamedTuple):
    """What the detailed log of a model's retrieval pipeline has to say."""

    at_most: Mapping[str, int]
    """Setting -> highest value."""
    exactly: Mapping[str, int]
    """Setting -> the value, where it is recorded."""
    iteration_component: str
    """The component whose hop counts the iterations, and the setting that limits them."""
    iteration_setting: str


class Model(NamedTuple):
    """A benchmark of the round."""

    name: str
    aliases: tuple[str, ...]
    task: str
    dataset: str
    dataset_size: int | None
    performance_sample_count: int | None
    accuracy_sample_count: int | None
    accuracy_sample_count_by_scenario: Mapping[str, int]
    system_types: Mapping[str, Scenarios]
    metrics: tuple[Metric, ...]
    metrics_by_scenario: Mapping[str, tuple[Metric, ...]]
    any_metric_suffices: bool
    latency_bound_ms: Mapping[str, float]
    latency_bound_strict_ms: Mapping[str, float]
    target_latency_percentile: Mapping[str, float]
    ttft_ms: Mapping[str, float]
    tpot_ms: Mapping[str, float]
    tpot_strict_ms: Mapping[str, float]
    use_token_latencies: bool
    min_queries: Mapping[str, int]
    offline_min_samples: int | None
    offline_min_samples_strict: int | None
    max_output_tokens: int | None
    """Longest answer of a performance run that the written rules allow."""
    required_audits: tuple[str, ...]
    audit_exempt_scenarios: Mapping[str, tuple[str, ...]]
    metric_key_overrides: Mapping[str, str]
    published_unit_overrides: Mapping[str, str]
    published_divisor_overrides: Mapping[str, float]
    """Scenario -> what the logged value is divided by, where the unit is not the scenario's."""
    mlperf_conf_model: str | None
    min_duration_exempt: bool
    equal_issue_scenarios: tuple[str, ...]
    required_artefacts: Mapping[str, tuple[str, ...]]
    """Folder in ``accuracy/`` -> file stems that must lie in it (sample images or videos)."""
    pipeline_log: PipelineSpec | None
    """Set where the log of the pipeline is submitted with the result."""

    def scenarios(self, system_type: str) -> Scenarios | None:
        """Return the scenario lists for a declared system type, or None where it is not offered."""
        return self.system_types.get(system_type) or self.system_types.get("any")


class ScenarioSpec(NamedTuple):
    """How a scenario's published number is read: detail-log key or summary line, and its unit."""

    name: str
    metric_key: str | None
    token_metric_key: str | None
    summary_line: str
    published_unit: str
    token_published_unit: str | None
    divisor: float
    percentile: float | None
    lower_is_better: bool
    samples_per_query: int | None


class Inference(NamedTuple):
    """An allowed inference of one scenario from the log of another.

    ``formula`` names one of the formulas of ``rules/inference.py``: ``qps_without_overhead``,
    ``eight_times_p99_estimate``, ``samples_over_mean_query_latency``, ``streams_within_bound``.
    """

    base: str
    inferred: str
    formula: str
    edge_only: bool
    source: str


class AuditSpec(NamedTuple):
    """An audit test of the round."""

    name: str
    purpose: str
    files_required: tuple[str, ...]
    files_on_mismatch: tuple[str, ...]
    pass_lines: Mapping[str, tuple[tuple[str, ...], ...]]
    """Verdict file -> lines of which one of each inner tuple must stand there."""
    fail_lines: Mapping[str, tuple[str, ...]]
    thresholds: Mapping[str, object]
    settings: Mapping[str, Mapping[str, float]]
    """Model folder (or ``*``) -> audit.config key -> value, as the official file sets it."""
    judged_as_performance_run: bool
    """Whether the audit's log must itself be a valid run (AUDT016)."""


class Layout(NamedTuple):
    """Where things lie in a tree of this round."""

    root_dirs: tuple[str, ...]
    ignored_root_entries: tuple[str, ...]
    root_files_allowed: tuple[str, ...]
    """Name patterns of plain files allowed beside the divisions."""
    templates: Mapping[str, tuple[str, ...]]
    """Role -> path templates, the first that exists counts."""
    required_performance: tuple[str, ...]
    required_accuracy: tuple[str, ...]
    required_measurements: tuple[str, ...]
    required_power: tuple[str, ...]
    required_power_texts: tuple[str, ...]
    optional_files: tuple[str, ...]
    scenario_folders: Mapping[str, str]
    performance_runs: Mapping[str, int]
    accuracy_log_max_bytes: int | None
    file_size_limit_bytes: int | None
    submitter_size_notice_bytes: int | None
    signature: tuple[str, ...]
    """Names of the layout signatures (detection votes) that fit this round."""
    fold_case: bool
    """Whether folders that the templates name are found in any case."""
    audit_runs_above: bool = False
    """Whether the run of an audit may lie above ``performance/run_1``."""

    def scenario_of(self, folder: str) -> str | None:
        """Return the official scenario of a folder in any case, None where it is none."""
        return self.scenario_folders.get(folder) or self._folded().get(folder.casefold())

    def _folded(self) -> Mapping[str, str]:
        return {name.casefold(): official for name, official in self.scenario_folders.items()}

    def runs_of(self, scenario: str) -> int:
        """Return how many performance runs a scenario needs."""
        return self.performance_runs.get(scenario, self.performance_runs.get("default", 1))


class SystemSpec(NamedTuple):
    """What a system description must hold."""

    required_fields: tuple[str, ...]
    optional_fields: tuple[str, ...]
    nonempty_fields: tuple[str, ...]
    network_fields: tuple[str, ...]
    power_fields: tuple[str, ...]
    system_types: tuple[str, ...]
    system_type_aliases: Mapping[str, str]
    system_type_required: bool
    status_values: tuple[str, ...]
    status_aliases: Mapping[str, str]


class MeasurementsSpec(NamedTuple):
    """What the measurements description must hold."""

    required_fields: tuple[str, ...]
    nonempty_fields: tuple[str, ...]
    files_nonempty: bool
    data_types: tuple[str, ...] = ()
    """Formats that weights may have in closed; empty where the round allows all."""


class LoadgenSpec(NamedTuple):
    """What LoadGen builds and messages the round accepts."""

    log_format: str
    versions_allowed: tuple[str, ...]
    errors_allowed: tuple[str, ...]
    known_good_commits: tuple[str, ...]


class EarlyStopping(NamedTuple):
    """Whether and how early stopping is in force."""

    in_force: bool
    confidence: float | None
    tolerance: float | None
    scenarios: tuple[str, ...]


class AliasRules(NamedTuple):
    """How a benchmark folder resolves to a model: table, then substrings in order."""

    table: Mapping[str, str]
    substrings: tuple[tuple[str, str], ...]
    closed_uses_substrings: bool
    mapping_file: str | None


class EndpointsMetric(NamedTuple):
    """Where the endpoints harness gives a number: dotted key, unit, and the same in tokens."""

    key: str
    unit: str
    divisor: float
    token_key: str | None = None
    token_unit: str | None = None


class EndpointsGoal(NamedTuple):
    """A quality target of the endpoints harness.

    ``keys`` are names in a score that is a map or in its breakdown; without keys, and where none
    of them is there, the plain scores count. ``unit`` is ``%``, ``fraction`` or ``count``.
    """

    metric: str
    keys: tuple[str, ...]
    lower: float | None
    upper: float | None
    unit: str


class EndpointsSpec(NamedTuple):
    """What a round says about results of the endpoints harness; empty where it takes none."""

    allowed_models: tuple[str, ...]
    early_stopping_floors: Mapping[float, int]
    """Percentile -> samples below which there is no estimate."""
    types: Mapping[str, tuple[str, ...]]
    """Scenario -> types of a configuration that measure it."""
    load_patterns: Mapping[str, tuple[str, ...]]
    load_patterns_tolerated: Mapping[str, tuple[str, ...]]
    target_concurrency: Mapping[str, int]
    metrics: Mapping[str, EndpointsMetric]
    metrics_by_model: Mapping[str, Mapping[str, EndpointsMetric]]
    audit_names: Mapping[str, str]
    audits_required: Mapping[str, tuple[str, ...]]
    audit_thresholds: Mapping[str, float]
    accuracy_samples: Mapping[str, Mapping[str, int]]
    """Model -> scenario or ``any`` -> samples of all accuracy data sets."""
    accuracy_parts: Mapping[str, Mapping[str, int]]
    """Model -> beginning of a data set's name -> samples."""
    goals: Mapping[str, tuple[EndpointsGoal, ...]]
    goals_by_scenario: Mapping[str, Mapping[str, tuple[EndpointsGoal, ...]]]
    own_min_duration_ms: Mapping[str, float]
    own_seed: Mapping[str, int]
    """Values that the harness's own ruleset sets for a model, against the round's."""


class ReviewSpec(NamedTuple):
    """Differences that review calls material, as fractions."""

    moved_share: float | None
    """Most by which a number may move between two revisions."""
    preview_share: float | None
    """Least part of the previewed performance that the available system reaches."""


@dataclass(frozen=True, slots=True)
class Round:
    """One MLPerf round, resolved."""

    name: str
    predecessor: str | None
    family: str
    title: str
    detectable: bool
    """False for rounds that are chosen only by name (the demo round)."""
    submission_deadline: date | None
    publication: date | None
    layout: Layout
    system: SystemSpec
    measurements: MeasurementsSpec
    aliases: AliasRules
    models: Mapping[str, Model]
    seeds: SeedTriple
    audit_seeds: Mapping[str, SeedTriple]
    accuracy_log_rng_seed_audits: Mapping[str, int]
    """Scenario or ``*`` -> the seed that audit runs use for choosing logged answers."""
    durations_ms: Mapping[str, int]
    scenarios: Mapping[str, ScenarioSpec]
    log_scenarios: Mapping[str, str]
    """Official scenario -> the scenario that LoadGen names in its logs (Interactive -> Server)."""
    early_stopping: EarlyStopping
    inference: tuple[Inference, ...]
    audits: Mapping[str, AuditSpec]
    audits_required_in: tuple[str, ...]
    loadgen: LoadgenSpec
    mlperf_conf: Mapping[str, float]
    power: Mapping[str, object]
    endpoints: EndpointsSpec
    review: ReviewSpec
    weights: Mapping[str, tuple[str, ...]]
    """Model -> names and addresses under which its official weights are known."""
    rules: Mapping[str, Mapping[str, str]]
    """Rule id -> division -> ``off``, ``on`` (the rule's usual level), ``info``, ``warning`` or
    ``error``. A rule or division that is absent is ``on``."""
    sources: Mapping[str, str]
    """Dotted key of the round data -> source; look up with :meth:`source`."""
    audit_score_keys: Mapping[str, str] = field(default_factory=dict)
    """Scenario -> detail-log key by which audits compare runs, where not the published one."""

    def source(self, key: str) -> str:
        """Return the source of a key of the round data: its own, or that of the nearest parent."""
        parts = key.split(".")
        for end in range(len(parts), 0, -1):
            found = self.sources.get(".".join(parts[:end]))
            if found:
                return found
        return self.sources.get("", "round data")

    def rule_setting(self, rule_id: str, division: str | None) -> str:
        """Return how the round sets a rule in a division: off, on, info, warning or error."""
        setting = self.rules.get(rule_id)
        if not setting:
            return "on"
        return setting.get(division or "*", setting.get("*", "on"))
