"""The runs of the stricter verdicts: interleaved, and stopped as soon as all is decided."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from compliance_tests.records import Verdict
from compliance_tests.runner import measures, specs, strict
from compliance_tests.runner.session import Done, Session
from compliance_tests.runner.strict import Strict
from compliance_tests.scores import number
from compliance_tests.test05 import SEED_KEYS
from submission_checker.evidence.paired import Comparison, compare, compare_gross
from submission_checker.rounds.types import Round

ANSWERS, QUIET, CACHING, SEEDS, LOAD, TOKENS, DATA = (
    "answers", "answers-unseen", "caching", "seeds", "load", "tokens", "data",
)
NAMES = (ANSWERS, QUIET, CACHING, SEEDS, LOAD, TOKENS, DATA)
PURPOSE = {
    ANSWERS: "every answer of a performance run under audit.config equals the accuracy run's",
    QUIET: "the same without audit.config: a system that looks for the file shows itself",
    CACHING: "unique samples are not slower, repeated ones not faster than a normal run",
    SEEDS: "random seeds make it neither slower nor wrong",
    LOAD: "samples load as fast in performance mode as in accuracy mode",
    TOKENS: "tokens, counts and first tokens of every answer agree",
    DATA: "answers follow custom data",
}
UNIQUE = {"performance_issue_unique": 1}
SAME = {"performance_issue_same": 1, "performance_issue_same_index": 0}
REPEATED = {**SAME, "performance_sample_count_override": 1}
"""In MultiStream eight neighbours of one sample would be issued; a set of one repeats it really."""

KINDS = ("unique", "same", "seeds")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be found out, and how much it may cost."""

    names: tuple[str, ...]
    threshold: float | None
    """ln of the ratio that is allowed; None decides gross differences only."""
    pairs: int
    duration_ms: int | None = None
    """Least duration of each run in place of user.conf's."""
    custom_sut: str | None = None
    about_s: float | None = None
    tokens: bool = False


@dataclass(slots=True)
class Campaign:
    """Makes runs in a session until the plan's questions are answered."""

    session: Session
    plan: Plan
    _made: dict[str, Done] = field(default_factory=dict)

    def verdicts(self) -> list[Strict]:
        """Make the runs and return the verdicts, in the order of `NAMES`."""
        plan = self.plan
        found: dict[str, list[Strict]] = {}
        accuracy = None
        if set(plan.names) - {CACHING, TOKENS}:
            accuracy = self._accuracy("accuracy")
        if accuracy is not None and (bad := strict.broken("accuracy", [accuracy])) is not None:
            return [bad]
        if ANSWERS in plan.names and accuracy is not None:
            found[ANSWERS] = [self._answers(ANSWERS, accuracy, by_file=True)]
        if QUIET in plan.names and accuracy is not None:
            found[QUIET] = [self._answers(QUIET, accuracy, by_file=False)]
        if TOKENS in plan.names and plan.tokens:
            quiet = self.session.changes_settings
            run = self._logging(QUIET if quiet else ANSWERS, by_file=not quiet)
            found[TOKENS] = [strict.token_report(TOKENS, run)]
        if {CACHING, SEEDS} & set(plan.names):
            for item in self._interleaved(accuracy):
                found.setdefault(item.name, []).append(item)
        if LOAD in plan.names and accuracy is not None:
            found[LOAD] = [self._load(accuracy)]
        if DATA in plan.names and plan.custom_sut is not None:
            found[DATA] = [self._data(plan.custom_sut)]
        return [item for name in NAMES for item in found.get(name, ())]

    def _short(self) -> dict[str, float]:
        return {} if self.plan.duration_ms is None else {"min_duration": self.plan.duration_ms}

    def _made_by(
        self, name: str, mode: str, values: dict[str, float], *, by_file: bool = False,
        sut: str | None = None,
    ) -> Done:
        if name not in self._made:
            spec = specs.own_run(name, self.session.scenario, values, by_file=by_file, mode=mode,
                                 about_s=self.plan.about_s)
            self._made[name] = self.session.run(specs.for_sut(spec, sut))
        return self._made[name]

    def _accuracy(self, name: str, sut: str | None = None) -> Done:
        """An accuracy run; a command is turned to that mode by audit.config."""
        by_file = not self.session.driven
        values = {"mode": 1.0} if by_file else {}
        return self._made_by(name, specs.ACCURACY_MODE, values, by_file=by_file, sut=sut)

    def _answers(self, name: str, accuracy: Done, *, by_file: bool) -> Strict:
        """All answers logged; the choice of the seed matters where a target leaves some out."""
        return self._compared(name, self._logging(name, by_file=by_file), accuracy)

    def _logging(self, name: str, *, by_file: bool) -> Done:
        return self._made_by(name, specs.PERFORMANCE, {
            **self._short(), "accuracy_log_sampling_target": specs.EVERYTHING,
            "accuracy_log_rng_seed": self._kept(name, 1)[0],
        }, by_file=by_file)

    def _compared(self, name: str, run: Done, accuracy: Done) -> Strict:
        first = strict.answers(name, run, strict.log_of(accuracy))
        if first.verdict is not Verdict.FAIL:
            return first
        control = self._accuracy(f"{accuracy.spec.name}-again", accuracy.spec.sut)
        if control.fatal is not None:
            return first
        return strict.answers(name, run, strict.log_of(accuracy), strict.log_of(control))

    def _kept(self, name: str, count: int) -> list[int]:
        """Return random seeds; a resumed audit takes those that it drew before."""
        path = self.session.work / f"{name}.seeds"
        if path.is_file():
            return [int(line) for line in path.read_text(encoding="ascii").split()]
        seeds = [secrets.randbits(specs.SEED_BITS) for _ in range(count)]
        self.session.work.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(map(str, seeds)) + "\n", encoding="ascii")
        return seeds

    def _normal(self, number: int) -> Done:
        by_file = not self.session.changes_settings and bool(self._short())
        return self._made_by(f"normal-{number}", specs.PERFORMANCE, self._short(), by_file=by_file)

    def _kind(self, kind: str, number: int) -> Done:
        values: dict[str, float] = dict(self._short())
        if kind == "unique":
            values |= UNIQUE
        elif kind == "same":
            values |= REPEATED if self.session.scenario == "MultiStream" else SAME
        else:
            drawn = self._kept(f"seeds-{number}", 3)
            values |= dict(zip(SEED_KEYS, drawn, strict=True))
            values["accuracy_log_sampling_target"] = specs.EVERYTHING
        return self._made_by(f"{kind}-{number}", specs.PERFORMANCE, values,
                             by_file=kind != "seeds")

    def _interleaved(self, accuracy: Done | None) -> Iterator[Strict]:
        """Run normal and changed runs in turn (ABBA), until each question is decided."""
        open_kinds = [kind for kind in KINDS if (SEEDS if kind == "seeds" else CACHING)
                      in self.plan.names]
        rounds: list[dict[str, Done]] = []
        verdicts: dict[str, Strict] = {}
        for number_ in range(1, self.plan.pairs + 1):
            order = ["normal", *open_kinds]
            made = {kind: self._normal(number_) if kind == "normal" else self._kind(kind, number_)
                    for kind in (order if number_ % 2 else reversed(order))}
            rounds.append(made)
            bad = strict.broken(CACHING, list(made.values()))
            if bad is not None:
                yield bad
                return
            for kind in list(open_kinds):
                found = self._judged(kind, rounds)
                verdicts[kind] = found
                if found.verdict is not Verdict.UNDECIDED:
                    open_kinds.remove(kind)
            if not open_kinds:
                break
        yield from verdicts.values()
        if accuracy is not None and SEEDS in self.plan.names:
            yield self._compared(SEEDS, rounds[0]["seeds"], accuracy)

    def _judged(self, kind: str, rounds: Sequence[dict[str, Done]]) -> Strict:
        name = SEEDS if kind == "seeds" else CACHING
        sign = -1 if kind == "same" else 1
        ratios = []
        for made in rounds:
            ratio = measures.slower(made[kind].run, made["normal"].run)
            if ratio is None:
                return Strict(name, Verdict.UNDECIDED, f"{made[kind].spec.name} or "
                              f"{made['normal'].spec.name} has no number to compare")
            ratios.append(sign * ratio)
        what = {"unique": "unique samples are slower than a normal run",
                "same": "one sample repeated is faster than a normal run",
                "seeds": "other seeds are slower than the official ones"}[kind]
        one_query = kind == "unique" and self.session.scenario == "Offline"
        return strict.pairs(name, what, self._comparison(ratios, gross=one_query))

    def _comparison(self, ratios: Sequence[float], *, gross: bool) -> Comparison:
        """Compare with the threshold.

        In Offline the unique samples are one short query beside a long one: starting and ending
        weigh more in it, so only gross differences count there.
        """
        if gross or self.plan.threshold is None:
            return compare_gross(ratios)
        return compare(ratios, self.plan.threshold)

    def _load(self, accuracy: Done) -> Strict:
        """Compare loads; where one run alone could decide wrongly, make a second of its mode."""
        runs = [done for done in self._made.values()
                if done.spec.expected.mode == specs.PERFORMANCE and done.spec.sut is None
                and "performance_sample_count_override" not in done.spec.expected.settings]
        runs = runs or [self._normal(1)]
        found = strict.load(LOAD, runs, [accuracy])
        if found.verdict is Verdict.FAIL and len(runs) == 1:
            return strict.load(LOAD, [*runs, self._normal(2)], [accuracy])
        if found.verdict is Verdict.PASS and found.numbers["may_hold_answers"]:
            return strict.load(LOAD, runs, [accuracy, self._accuracy("accuracy-again")])
        return found

    def _data(self, sut: str) -> Strict:
        accuracy = self._accuracy("data-accuracy", sut)
        bad = strict.broken(DATA, [accuracy])
        if bad is not None:
            return bad
        values: dict[str, float] = {
            **self._short(), "accuracy_log_sampling_target": specs.EVERYTHING}
        run = self._made_by("data-answers", specs.PERFORMANCE, values, sut=sut)
        return self._compared(DATA, run, accuracy)


def threshold_of(round_: Round, test_names: Sequence[str]) -> float | None:
    """Return ln(1 + the round's tolerance) of the first of some tests that has one."""
    for test in test_names:
        spec = round_.audits.get(test)
        for key in ("max_relative_speedup", "max_relative_speedup_of_B",
                    "performance_relative_tolerance", "max_relative_slowdown"):
            found = number(spec.thresholds, key) if spec is not None else None
            if found is not None:
                return math.log1p(found)
    return None


def runs_wanted(plan: Plan) -> list[tuple[str, int]]:
    """Return (kind of run, most runs) of a plan, for its estimate."""
    found: list[tuple[str, int]] = []
    names = set(plan.names)
    if names - {CACHING, TOKENS}:
        found.append(("accuracy", 1))
    found += [(kind, 1) for kind in (ANSWERS, QUIET) if kind in names]
    kinds = [kind for kind in KINDS if (SEEDS if kind == "seeds" else CACHING) in names]
    if kinds:
        found += [(kind, plan.pairs) for kind in ("normal", *kinds)]
    if DATA in names and plan.custom_sut is not None:
        found += [("data-accuracy", 1), ("data-answers", 1)]
    return found
