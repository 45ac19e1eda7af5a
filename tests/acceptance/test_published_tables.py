"""Tables of a published round: order of the lists, columns, and one row in full."""

import pytest

from submission_checker.model.tables import sections
from submission_checker.review.tables import tables_of
from tests.acceptance.claims import report


@pytest.mark.real
def test_lists_stand_by_suite_division_and_category():
    (table,) = tables_of(report("v0.7"), ("results",))
    assert [(*part.heading, len(part.rows)) for part in sections(table)] == [
        ("datacenter", "closed", "available", 5), ("datacenter", "closed", "rdi", 1),
        ("datacenter", "open", "available", 4), ("datacenter", "open", "on-premise", 1),
        ("datacenter", "open", "rdi", 1),
        ("edge", "closed", "available", 13), ("edge", "closed", "rdi", 2),
        ("edge", "open", "available", 3), ("edge", "open", "on-premise", 1),
        ("edge", "open", "rdi", 2)]


@pytest.mark.real
def test_a_row_has_the_system_and_every_number():
    (table,) = tables_of(report("v0.7"), ("results",))
    part = sections(table)[0]
    row = next(dict(zip((c.name for c in part.columns), row, strict=True)) for row in part.rows
               if row[0] == "Altos")
    code = row.pop("code")
    assert code.split(", ")[0] == "closed/Altos/code/3d-unet-99"
    assert row == {
        "submitter": "Altos", "system": "Altos BrainSphere P550 F4 (4x T4)", "nodes": "1",
        "processor": "Intel(R) Xeon(R) Gold 5122 CPU @ 3.60GHz", "processors": 2,
        "accelerator": "NVIDIA T4", "accelerators": 4,
        "software": "TensorRT 7.2, CUDA 11.0 Update 1", "numerics": "fp16, int8",
        "3d-unet-99 Offline": 26.9782, "3d-unet-99.9 Offline": 26.9782,
        "bert-99 Offline": 1621.4, "bert-99 Server": 1099.01,
        "bert-99.9 Offline": 668.781, "bert-99.9 Server": 548.51,
        "dlrm-99 Offline": None, "dlrm-99 Server": None,
        "dlrm-99.9 Offline": None, "dlrm-99.9 Server": None,
        "resnet Offline": 22973.4, "resnet Server": 20001.64,
        "rnnt Offline": 5488.79, "rnnt Server": 3396.95,
        "ssd-large Offline": 518.326, "ssd-large Server": 449.6,
        "details": "closed/Altos/systems/T4x4_TRT.json",
        "results": "closed/Altos/results/T4x4_TRT"}


@pytest.mark.real
def test_totals_are_those_of_the_archive():
    (table,) = tables_of(report("v0.7"), ("coverage",))
    totals = {row[0]: row[2:7] for row in table.rows if row[1] == "all"}
    assert totals == {"closed": (4, 51, 21, 25, 101), "open": (0, 12, 4, 7, 23)}
