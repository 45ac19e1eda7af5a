"""What the report tells of a system: the fields of its description that tables show."""

from __future__ import annotations

from submission_checker.model.report import SystemRow
from submission_checker.model.submission import SystemDescription

FIELDS = (
    "status", "system_type", "system_name", "number_of_nodes", "host_processor_model_name",
    "host_processors_per_node", "host_processor_core_count", "accelerator_model_name",
    "accelerators_per_node", "framework", "operating_system", "hw_notes", "sw_notes",
)


def system_row(system: SystemDescription) -> SystemRow:
    """Return the row of a system; a field that is neither text nor number is left out."""
    fields = []
    for name in FIELDS:
        value = system.document.get(name) if system.document is not None else None
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            fields.append((name, str(value)))
    return SystemRow(system.subject, system.path, tuple(fields), _private_id(system))


def _private_id(system: SystemDescription) -> str:
    value = system.private_id.get(system.id) if system.private_id is not None else None
    return str(value) if isinstance(value, str | int) else ""
