"""Which runs an audit needs: their settings, how these get into force, and how long they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from compliance_tests import settings as audit_settings
from compliance_tests import test07
from compliance_tests.records import Case
from compliance_tests.runner import config
from compliance_tests.runner.proof import Expected
from compliance_tests.runner.session import Spec
from compliance_tests.test05 import SEED_KEYS
from submission_checker.model.files import Folder
from submission_checker.model.run import Run
from submission_checker.model.submission import Audit
from submission_checker.rounds.types import Model, Round, SeedTriple

PERFORMANCE, ACCURACY_MODE = "PerformanceOnly", "AccuracyOnly"
POWER_TIME = "%m-%d-%Y %H:%M:%S.%f"
EVERYTHING = 100_000_000
"""A sampling target that no run reaches: every answer is logged."""

SAME_INDEX = "performance_issue_same_index"
ANSWERS_FROM = ("accuracy_log_sampling_target", "accuracy_log_probability")
SEED_BITS = 63
OWN_SEED_TESTS = "test05"


@dataclass(frozen=True, slots=True)
class Target:
    """What is audited: a benchmark of a round in a scenario."""

    round: Round
    model: Model
    scenario: str
    """The official scenario."""

    @property
    def log_scenario(self) -> str:
        """The scenario that LoadGen runs."""
        return self.round.log_scenarios.get(self.scenario, self.scenario)

    def case(self, test: str, references: tuple[Run, ...] = ()) -> Case:
        """Return a case without an audit, for the settings of a test."""
        empty = Audit(test, "", Folder("", {}, ()), {}, None, {}, None)
        return Case(empty, self.round.audits[test], self.round, self.model, self.scenario,
                    references, None, {})


def seeds_of(triple: SeedTriple) -> dict[str, int]:
    """Return the three seeds by their keys in conf files."""
    return dict(zip(SEED_KEYS, (triple.qsl, triple.sample_index, triple.schedule), strict=True))


def official(target: Target, test: str, *, in_process: bool, about_s: float | None) -> Spec:
    """Return the run of an official test.

    ``in_process``: settings can be changed in the process too. What LoadGen ignores in audit.config
    (seeds since 5.0, lines of one model) is set there then; without it the proof fails by name.
    """
    case = target.case(test)
    wanted = audit_settings.wanted(case)
    lines = dict(audit_settings.file_of(case.spec.settings, target.model))
    own = target.round.audit_seeds.get(test)
    seeds = seeds_of(own or target.round.seeds)
    inside: dict[str, float] = {}
    if in_process:
        inside = dict(audit_settings.of_model(case))
        inside |= seeds if own is not None else {}
    plain = {key: value for key, value in {**wanted, **inside}.items()
             if key not in SEED_KEYS and not key.startswith(OWN_SEED_TESTS)}
    expected = Expected(
        target.log_scenario, PERFORMANCE, plain, by_file=True, seeds=seeds,
        alternate=own is not None, answers=any(plain.get(key) for key in ANSWERS_FROM),
        total_count=None, other_data=_other_data(case),
    )
    return Spec(test, expected, config.text_of(lines), inside, about_s)


def _other_data(case: Case) -> bool:
    """Return whether the round gives the test another number of samples than the data set has."""
    need, usual = test07.of_model(case, test07.SAMPLES), case.model.dataset_size
    return need is not None and usual is not None and need != usual


def own_run(
    name: str, scenario: str, values: Mapping[str, float], *, by_file: bool,
    about_s: float | None = None, mode: str = PERFORMANCE,
) -> Spec:
    """Return a run with settings of our own, by audit.config or in the process."""
    seeds = {key: int(value) for key, value in values.items() if key in SEED_KEYS}
    expected = Expected(
        scenario, mode, dict(values), by_file=by_file, seeds=seeds,
        alternate=bool(seeds),
        answers=mode == ACCURACY_MODE or any(values.get(key) for key in ANSWERS_FROM),
    )
    if by_file:
        text = config.text_of({f"*.*.{key}": value for key, value in values.items()})
        return Spec(name, expected, text, {}, about_s)
    return Spec(name, expected, None, dict(values), about_s)


def for_sut(spec: Spec, sut: str | None) -> Spec:
    """Return a run of another SUT."""
    return replace(spec, sut=sut)


def seconds_of(run: Run | None) -> float | None:
    """Return how long the timed part of a run took, None where its log does not say."""
    begin, end = (run.text(key) for key in ("power_begin", "power_end")) if run else (None, None)
    if begin is None or end is None:
        return None
    try:
        took = datetime.strptime(end.value, POWER_TIME) - datetime.strptime(
            begin.value, POWER_TIME)
    except ValueError:
        return None
    return max(0.0, took.total_seconds())


def estimate_s(target: Target, test: str, reference: Run | None) -> float | None:
    """Return about how long the run of a test takes, from the result's own run.

    Short tests are counted by their queries at the result's rate, others take as long as the
    result's run or the round's least duration.
    """
    took = seconds_of(reference)
    least = target.round.durations_ms.get(target.scenario)
    wanted = audit_settings.wanted(target.case(test))
    if reference is None or took is None:
        return least / 1000 if least is not None else None
    queries = reference.integer("result_query_count")
    size = reference.integer("effective_samples_per_query")
    if queries is None or not queries.value:
        return took
    per_query = took / queries.value
    if wanted.get("performance_issue_unique"):
        samples = reference.integer("effective_performance_sample_count")
        whole = size.value if size is not None else 1
        return took if samples is None else per_query * samples.value / whole
    if wanted.get("min_duration") == 0 and wanted.get("min_query_count"):
        per = per_query / size.value if target.log_scenario == "Offline" and size else per_query
        return per * wanted["min_query_count"]
    return took


def same_index_problem(target: Target, spec: Spec, reference: Run | None) -> str | None:
    """Return why the index of the repeated sample is no sample of the loaded set.

    LoadGen then issues an index out of nowhere and goes on.
    """
    index = spec.expected.settings.get(SAME_INDEX)
    found = reference.integer("effective_performance_sample_count") if reference else None
    count = found.value if found is not None else target.model.performance_sample_count
    if index is None or not spec.expected.settings.get("performance_issue_same") or count is None:
        return None
    if index < count:
        return None
    return f"{SAME_INDEX} {index:g} is not below the {count} samples of the performance set"
