"""What a folder with LoadGen's output is: mode, scenario, seeds, audit, version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from submission_checker.intake.reading import DETAIL_LOG, Reader
from submission_checker.model.errors import WrongUse
from submission_checker.model.files import FileTable
from submission_checker.model.run import Run
from submission_checker.rounds.loader import seed_triples
from submission_checker.rounds.types import AuditSpec, Round
from submission_checker.rules.perf.client import effective_name, parameters, written
from submission_checker.rules.rndx import seed_triple
from submission_checker.sources.folder import FolderSource

LOADGEN_FILES = (
    DETAIL_LOG, "mlperf_log_summary.txt", "mlperf_log_accuracy.json", "accuracy.txt",
)
"""What LoadGen and the accuracy script leave behind; the trace is not submitted."""
PERFORMANCE, ACCURACY = "PerformanceOnly", "AccuracyOnly"
CHOICE = ("performance_issue_same", "performance_issue_unique")
SAMPLING = ("accuracy_log_sampling_target", "accuracy_log_probability")


@dataclass(frozen=True, slots=True)
class Found:
    """A finished LoadGen run in a folder of its own."""

    folder: Path
    run: Run
    mode: str
    scenario: str
    """The scenario that LoadGen ran."""
    seeds: tuple[int, int, int] | None
    round_by_seeds: str | None
    """The round that these seeds belong to, None where they belong to none."""
    loadgen: str
    files: tuple[str, ...]
    """Names of LoadGen's files that are there."""
    others: tuple[str, ...]
    """Names of what else lies in the folder; it is not submitted."""

    def described(self) -> str:
        """Return one line on what was found."""
        seeds = f"seeds of {self.round_by_seeds}" if self.round_by_seeds else "seeds of no round"
        validity = self.run.text("result_validity")
        says = f", {validity.value}" if validity is not None and validity.value != "VALID" else ""
        return f"{self.mode} {self.scenario}, {seeds}, LoadGen {self.loadgen}{says}"


def recognise(folder: Path) -> Found:
    """Return what the folder holds.

    Raises:
        WrongUse: it holds no finished run, or logs of more than one.
    """
    source = FolderSource.open(str(folder))
    table = FileTable.build(source.walk())
    logs = [path for path in table.entries if path.rpartition("/")[2] == DETAIL_LOG]
    if not logs:
        raise WrongUse(f"{folder} has no {DETAIL_LOG}: no run of LoadGen ended there")
    if logs != [DETAIL_LOG]:
        raise WrongUse(f"{folder} has {len(logs)} runs ({', '.join(sorted(logs)[:5])}); "
                       "give the folder of one of them")
    run = Reader(source, table).run("run_1", "")
    _is_whole(run, folder)
    mode, scenario = run.text("effective_test_mode"), run.scenario
    if mode is None or scenario is None:
        raise WrongUse(f"{folder / DETAIL_LOG} names no mode and scenario")
    seeds = seed_triple(run)
    version = run.text("loadgen_version")
    names = [name for name in table.names("") if not table.is_folder(name)]
    return Found(
        folder, run, mode.value, scenario, seeds,
        next((name for name, triple in seed_triples().items() if triple == seeds), None),
        version.value if version is not None else "of unknown version",
        tuple(name for name in LOADGEN_FILES if name in names),
        tuple(sorted(name for name in table.names("") if name not in LOADGEN_FILES)),
    )


def _is_whole(run: Run, folder: Path) -> None:
    """Refuse a log that cannot be read, did not end, or has the summary of another run."""
    if run.log is None or not run.log.records_count or not run.has("effective_scenario"):
        raise WrongUse(f"{folder / DETAIL_LOG} is no detail log of LoadGen that can be read")
    begun = run.log.count("effective_scenario")
    if begun != 1:
        raise WrongUse(f"{folder / DETAIL_LOG} holds the settings of {begun} runs; one is wanted")
    if not run.log.count("power_end"):
        raise WrongUse(f"{folder / DETAIL_LOG} has no power_end: the run did not end")
    for line in parameters(run):
        record = run.log.first(effective_name(line.name))
        if record is not None and not same(record.value, line.value):
            raise WrongUse(
                f"{folder} has two logs of different runs: mlperf_log_summary.txt, line "
                f"{line.line}, says {line.name} {line.value}, {DETAIL_LOG}, line {record.line}, "
                f"says {written(record.value)}")


def same(value: object, text: str) -> bool:
    """Return whether a summary prints a setting's value; booleans are 0 and 1 since v1.0."""
    shown = {written(value)} | ({str(int(value))} if isinstance(value, bool) else set())
    if text in shown:
        return True
    try:
        return isinstance(value, (int, float)) and written(float(value)) == written(float(text))
    except ValueError:
        return False


def audits_of(found: Found, specs: Mapping[str, AuditSpec], round_: Round) -> list[str]:
    """Return the audits whose settings are in force in a performance run; empty for a result."""
    if found.mode != PERFORMANCE:
        return []
    marked = any(
        (flag := found.run.flag(f"effective_{name}")) is not None and flag.value for name in CHOICE
    ) or any(
        (number := found.run.number(f"effective_{name}")) is not None and number.value
        for name in SAMPLING
    )
    by_seeds = [
        name for name, seeds in round_.audit_seeds.items()
        if (seeds.qsl, seeds.sample_index, seeds.schedule) == found.seeds and name in specs
    ]
    if by_seeds or not marked:
        return by_seeds
    return [name for name, spec in specs.items() if any(_in_force(found.run, spec))]


def _in_force(run: Run, spec: AuditSpec) -> Iterator[bool]:
    """Yield, per configuration of a test, whether the log has what sets it apart."""
    for settings in spec.settings.values():
        wanted = {
            key.rpartition(".")[2]: value for key, value in settings.items()
            if key.startswith("*.") and key.rpartition(".")[2] in (*CHOICE, *SAMPLING)
        }
        if wanted:
            yield all(_value(run, name) == float(value) for name, value in wanted.items())


def _value(run: Run, name: str) -> float | None:
    flag = run.flag(f"effective_{name}")
    if flag is not None:
        return float(flag.value)
    number = run.number(f"effective_{name}")
    return number.value if number is not None else None
