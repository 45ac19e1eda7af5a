"""Edits of the bundled submission that the REPO rules must find; ranges are in test_repo.py."""

from __future__ import annotations

from fixtures.builder import BASE, SYSTEM_FILE, accuracy, measurements, run
from tests.rules.edits import Edit

POINTER = ("version https://git-lfs.github.com/spec/v1\n"
           f"oid sha256:{'0' * 64}\nsize 123456789\n")
MERGE = "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> branch\n"

CASES: dict[str, list[Edit]] = {
    "REPO003": [lambda t: t.write(f"{BASE}/code/model.bin", POINTER),
                lambda t: t.write(f"{BASE}/.gitattributes",
                                  "*.txt text\n*.bin filter=lfs -text\n")],
    "REPO004": [lambda t: t.path(run()).chmod(0o755)],
    "REPO006": [lambda t: t.write(SYSTEM_FILE, MERGE.format("{}", "{}")),
                lambda t: t.append(f"{measurements()}/README.md", "\n" + MERGE.format("a", "b")),
                lambda t: t.append(f"{accuracy()}/accuracy.txt", MERGE.format("a", "b"))],
}

PASSING: dict[str, Edit] = {}
