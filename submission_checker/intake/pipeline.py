"""Find and read the detailed logs of a retrieval pipeline in a result's folder."""

from __future__ import annotations

from submission_checker.intake.reading import Reader
from submission_checker.logs.pipeline import is_pipeline_log, read_pipeline_log
from submission_checker.model.pipeline import PipelineLog
from submission_checker.rounds.types import Model
from submission_checker.tree.build import ResultPaths

LOOKED_AT = 50
"""JSON files of a result whose heads are looked at; a result has four of LoadGen."""

LOADGEN_NAME = "mlperf_log_"


def load_pipeline(
    paths: ResultPaths, model: Model | None, reader: Reader
) -> tuple[PipelineLog, ...]:
    """Return the logs of the pipeline, known by their content as nobody fixed their name.

    Empty where the model has no such log. Audits have their own, which nobody asks for.
    """
    spec = model.pipeline_log if model is not None else None
    if spec is None:
        return ()
    audits = tuple(f"{path}/" for _, path in paths.audits)
    candidates = [
        entry for entry in reader.table.below(paths.path)
        if entry.path.endswith(".json") and not entry.name.startswith(LOADGEN_NAME)
        and not entry.path.startswith(audits)
    ]
    return tuple(
        read_pipeline_log(reader.blocks(entry.path), found.size_bytes, entry.path,
                          (*spec.at_most, *spec.exactly))
        for entry in candidates[:LOOKED_AT]
        if (found := reader.table.follow(entry.path)) is not None
        and is_pipeline_log(next(iter(reader.blocks(entry.path)), b""))
    )
