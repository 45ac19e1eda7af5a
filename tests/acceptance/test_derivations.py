"""Every published number says how it follows from the logs: file, line, formula, inputs."""

import pytest

from tests.acceptance.judged import ARCHIVES, judged
from tests.conftest import published


@pytest.mark.real
@pytest.mark.parametrize("archive", ARCHIVES)
def test_each_number_has_its_derivation(archive):
    tree, report = published(archive), judged(archive)
    lines = {}
    assert report.results
    for row in report.results:
        if row.result is not None:
            assert row.derivation, row.location
        if row.power is not None:
            assert {"power_begin", "power_end", "Watts"} <= {s.key for s in row.derivation}
        if row.inferred:
            assert "inferred" in {s.key for s in row.derivation}
        for path, line, formula in (
            *((s.path, s.line, s.formula) for s in row.derivation),
            *((a.path, a.line, a.metric) for a in row.accuracy),
        ):
            if path not in lines:
                # Progress bars in accuracy texts end their lines with a carriage return only.
                lines[path] = len((tree / path).read_text(errors="replace").splitlines())
            assert formula
            assert line is not None, path
            assert 1 <= line <= lines[path], path
