"""LGEN022: the answers of accuracy and audit logs belong to the samples that the seeds give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Bounded, Fault, Scope, Skip, rule
from submission_checker.evidence.settings import ACCURACY, OFFLINE, SERVER, Certainty, Settings
from submission_checker.logs.accuracy_log import WINDOW_BYTES
from submission_checker.model.accuracy import AccuracyLog
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Run
from submission_checker.model.submission import Result
from submission_checker.rules.replayed import (
    EVERYTHING,
    SOURCE,
    exact_rates,
    generated_of,
    libraries_of,
    replayable,
    settings_of,
)
from submission_checker.rules.texts import count, counted

if TYPE_CHECKING:
    from submission_checker.evidence.accuracy_order import AccuracyOrderCheck, Mismatch
    from submission_checker.evidence.sampling import SampledAnswersCheck

SAMPLING = ("accuracy_log_probability", "accuracy_log_sampling_target")
INDEX_SEED, LOG_SEED = "effective_sample_index_rng_seed", "effective_accuracy_log_rng_seed"


class Answers(NamedTuple):
    """Sequence number and sample of the answers that a log shows, with their lines if known."""

    log: AccuracyLog
    entries: Sequence[tuple[int, int]]
    lines: Sequence[int | None]
    whole: bool
    """Whether these are all answers of the run."""

    def at(self, sequence: int) -> Location:
        """Return where the last answer with a sequence number stands."""
        for (number, _), line in zip(reversed(self.entries), reversed(self.lines), strict=True):
            if number == sequence:
                return Location(self.log.path, line)
        return Location(self.log.path)


def log_of(result: Result, run: Run, context: Context) -> AccuracyLog | None:
    """Return the accuracy log that a run of the result wrote.

    The performance run of an audit wrote it where the audit samples answers; the accuracy folder of
    others holds a run of its own.
    """
    accuracy = result.accuracy
    if accuracy is not None and accuracy.run is run:
        return accuracy.log
    for test, audit in result.audits.items():
        part = audit.accuracy
        if part is None:
            continue
        if part.run is run or (
            audit.run is run and part.run.log is None and samples_answers(test, context)
        ):
            return part.log
    return None


def samples_answers(test: str, context: Context) -> bool:
    """Return whether the official configuration of an audit has LoadGen log sampled answers."""
    spec = context.round.audits.get(test)
    return spec is not None and any(
        key.endswith(SAMPLING) for settings in spec.settings.values() for key in settings
    )


def answers_of(log: AccuracyLog) -> Answers:
    """Return the answers that a log shows: all of a whole log, else those at both ends."""
    order = log.coverage.order if log.coverage is not None else None
    if order is None or log.coverage is None or log.size_bytes <= 2 * WINDOW_BYTES:
        shown = [(entry.seq_id, entry.qsl_idx) for entry in log.entries]
        return Answers(log, shown, [entry.line for entry in log.entries], log.complete)
    pairs = list(zip(*order, strict=True))
    lines: Sequence[int | None] = (
        range(2, len(pairs) + 2) if log.coverage.whole_lines else [None] * len(pairs)
    )
    return Answers(log, pairs, lines, log.complete)


@rule(
    id="LGEN022", name="order-from-seed", title="The order of the answers follows from the seeds",
    level=Level.ERROR, scope=Scope.LOG, when=replayable, requires=("LGEN020",),
    why="LoadGen draws the sample of every sequence number from the seeds before the run, and in "
        "an audit which answers are logged; other answers are of another run, or were edited",
    fix="submit mlperf_log_detail.txt and mlperf_log_accuracy.json of one run as LoadGen wrote "
        "them", source=SOURCE,
)
def order_from_seed(run: Run, context: Context) -> Iterator[Fault | Bounded]:
    """``qsl_idx`` of each ``seq_id`` is what the seeds give; audits log the answers that are due.

    Looked at are the accuracy run and audits that sample answers: all answers of a whole log, both
    ends of a truncated one. Audit runs are followed for a million samples; ``--deep`` follows all.
    """
    log = log_of(context.judged, run, context)
    if log is None or not log.size_bytes:
        raise Skip("no answers were logged by this run")
    settings, answers = settings_of(run), answers_of(log)
    accuracy = context.judged.accuracy
    if settings.mode == ACCURACY:
        yield from _accuracy_order(run, settings, answers)
    elif accuracy is not None and accuracy.run is run and settings.mode != "SubmissionRun":
        raise Skip("the detail log of the accuracy run is of a performance run")
    else:
        yield from _sampled_answers(run, settings, answers, context)


def _accuracy_order(run: Run, settings: Settings, answers: Answers) -> Iterator[Fault]:
    from submission_checker.evidence.accuracy_order import check_accuracy_order

    libraries = libraries_of(run, settings)
    found = check_accuracy_order(settings, answers.entries, libraries=libraries)
    if found.certainty is Certainty.NOT_ATTEMPTED:
        raise Skip(found.reason)
    yield from _order_faults(run, answers, found, settings)


def _sampled_answers(
    run: Run, settings: Settings, answers: Answers, context: Context,
) -> Iterator[Fault | Bounded]:
    from submission_checker.evidence.sampling import DEFAULT_LIMIT, check_sampled_answers

    found = check_sampled_answers(
        settings, answers.entries, issued=_issued(run, settings), complete=answers.whole,
        libraries=libraries_of(run, settings), rates=exact_rates(context),
        limit=EVERYTHING if context.deep else DEFAULT_LIMIT,
    )
    if found.certainty is Certainty.NOT_ATTEMPTED:
        raise Skip(found.reason)
    yield from _order_faults(run, answers, found, settings)
    yield from _choice_faults(run, answers, found)
    if found.certainty is Certainty.BOUNDED:
        yield Bounded(Location(answers.log.path), f"{found.reason}: {found.judged} of "
                      f"{counted(found.entries, 'visible answer')} judged")


def _issued(run: Run, settings: Settings) -> int | None:
    """Return how many samples a performance run issued, None where its log leaves it open."""
    if settings.scenario == OFFLINE:
        if settings.concatenates is not False:
            return None  # some versions log the count before they pad it
        row, _ = generated_of(run)[-1]
        return row.queries * (row.samples_per_query or settings.samples_per_query)
    key = "generated_query_count" if settings.scenario == SERVER else "result_query_count"
    queries = run.integer(key)
    return None if queries is None else queries.value * settings.samples_per_query


def _order_faults(
    run: Run, answers: Answers, found: AccuracyOrderCheck | SampledAnswersCheck,
    settings: Settings,
) -> Iterator[Fault]:
    if found.wrong:
        first: Mismatch = found.mismatches[0]
        more = f"; {count(found.wrong)} such answers" if found.wrong > 1 else ""
        want = (f"qsl_idx {first.expected}" if first.expected is not None
                else "no answer beyond the samples that were issued")
        yield Fault(
            answers.at(first.sequence),
            f"qsl_idx {first.logged} at seq_id {first.sequence}{more}",
            f"{want}, as {_seed(run, INDEX_SEED, settings.sample_index_rng_seed)} gives",
            subcode="order",
            evidence=tuple(f"seq_id {m.sequence}: qsl_idx {m.logged}, not {m.expected}"
                           for m in found.mismatches[1:]),
        )
    if found.repeated:
        number = found.repeated[0]
        yield Fault(answers.at(number), f"seq_id {number} more than once", "each seq_id once",
                    subcode="repeated")


def _seed(run: Run, key: str, value: int) -> str:
    at = run.at(key)
    return f"{key} {value} ({at.path}:{at.line})"


def _choice_faults(run: Run, answers: Answers, found: SampledAnswersCheck) -> Iterator[Fault]:
    """Yield answers that LoadGen does not log with these settings, and those that it does."""
    probability = run.number("effective_accuracy_log_probability")
    target = run.integer("effective_accuracy_log_sampling_target")
    settings = (
        f"accuracy_log_sampling_target {target.value if target else 0} and accuracy_log_probability"
        f" {probability.value if probability else 0:g}"
    )
    if found.not_due:
        number = found.not_due[0]
        yield Fault(
            answers.at(number), f"an answer at seq_id {number}",
            "only answers that LoadGen draws to be logged with "
            f"{settings}, accuracy_log_rng_seed at {_place(run, LOG_SEED)}", subcode="not-due",
            evidence=tuple(f"seq_id {item}" for item in found.not_due[1:]),
        )
    if found.missing:
        yield Fault(
            Location(answers.log.path), f"no answer at seq_id {found.missing[0]}",
            f"an answer: LoadGen logs it with {settings}, accuracy_log_rng_seed at "
            f"{_place(run, LOG_SEED)}", subcode="missing",
            evidence=tuple(f"seq_id {item}" for item in found.missing[1:]),
        )


def _place(run: Run, key: str) -> str:
    at = run.at(key)
    return at.path if at.line is None else f"{at.path}:{at.line}"
