"""summary.csv with the columns of the community's checker, which other tools read.

As there, only results that are valid have a row, and a measured power is a second row. Columns are
those of mlcommons/inference@master:tools/submission/submission_checker/results.py; readers find
them by name, and those of earlier rounds are among them. The digest of the judgement comes last.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from submission_checker.model.report import PublishedNumber, Report, ResultRow, SystemRow, Verdict
from submission_checker.render.escape import cell

FROM_SYSTEM = {
    "Availability": "status", "SystemType": "system_type", "SystemName": "system_name",
    "number_of_nodes": "number_of_nodes",
    "host_processor_model_name": "host_processor_model_name",
    "host_processors_per_node": "host_processors_per_node",
    "host_processor_core_count": "host_processor_core_count",
    "accelerator_model_name": "accelerator_model_name",
    "accelerators_per_node": "accelerators_per_node",
    "framework": "framework", "operating_system": "operating_system",
}
"""Column -> field of the system description."""
COLUMNS = (
    "Organization", "Availability", "Division", "SystemType", "SystemName", "Platform", "Model",
    "MlperfModel", "Scenario", "Result", "Accuracy", "number_of_nodes",
    "host_processor_model_name", "host_processors_per_node", "host_processor_core_count",
    "accelerator_model_name", "accelerators_per_node", "total_accelerators", "Location",
    "framework", "operating_system", "notes", "compliance", "errors", "version", "inferred",
    "has_power", "Units", "weight_data_types", "PrivateID",
)
DIGEST = "judgement_digest"
UNITS = {"ms": "Latency (ms)", "W": "Watts", "J": "Joules", "mJ": "millijoules"}
"""Unit -> the words of the community's checker, where they differ."""


def render(report: Report) -> str:
    """Return the table as CSV text with LF line ends."""
    out = io.StringIO()
    writer = csv.DictWriter(out, (*COLUMNS, DIGEST), lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    systems = {row.subject: row for row in report.systems}
    for row in report.results:
        if row.verdict is not Verdict.VALID or row.result is None:
            continue
        owner = type(row.subject)(row.subject.division, row.subject.submitter, row.subject.system)
        for number in (row.result, row.power):
            if number is not None:
                values = _row(report, row, systems.get(owner), number)
                writer.writerow({name: cell(text) for name, text in values})
    return out.getvalue()


def _row(
    report: Report, row: ResultRow, system: SystemRow | None, number: PublishedNumber
) -> Iterator[tuple[str, str]]:
    subject = row.subject
    fields = dict(system.fields) if system is not None else {}
    yield from ((name, fields.get(field, "")) for name, field in FROM_SYSTEM.items())
    yield "Organization", subject.submitter
    yield "Division", subject.division
    yield "Platform", subject.system
    yield "Model", subject.benchmark
    yield "MlperfModel", row.model or ""
    yield "Scenario", row.scenario
    yield "Result", number.printed
    yield "Accuracy", "  ".join(f"{a.metric}: {a.value:.10g}" for a in row.accuracy)
    yield "total_accelerators", _product(fields)
    yield "Location", row.location
    yield "notes", ". ".join(filter(None, (fields.get("hw_notes"), fields.get("sw_notes"))))
    yield "compliance", "1"
    yield "errors", "0"
    yield "version", report.round
    yield "inferred", str(int(row.inferred))
    yield "has_power", str(row.power is not None)
    yield "Units", UNITS.get(number.unit, number.unit)
    yield "weight_data_types", row.weight_types
    yield "PrivateID", system.private_id if system is not None else ""
    yield DIGEST, report.digest


def _product(fields: dict[str, str]) -> str:
    nodes, accelerators = (fields.get(name, "") for name in
                           ("number_of_nodes", "accelerators_per_node"))
    if not (nodes.isdecimal() and accelerators.isdecimal() and len(nodes + accelerators) < 20):
        return ""
    return str(int(nodes) * int(accelerators))
