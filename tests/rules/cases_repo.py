"""Edits of the bundled submission that the REPO rules must find; ranges are in test_repo.py."""

from __future__ import annotations

import hashlib

from fixtures.builder import BASE, SYSTEM_FILE, Tree, accuracy, measurements, run
from tests.rules.edits import ANSWERS, SUMMARY, Edit, sha
from tests.rules.power_fixture import with_power

POINTER = ("version https://git-lfs.github.com/spec/v1\n"
           f"oid sha256:{'0' * 64}\nsize 123456789\n")
MERGE = "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> branch\n"

SMALL = '[\n{ "seq_id" : 0, "qsl_idx" : 1, "data" : "00" }\n]\n'


def crlf(tree: Tree, name: str) -> Tree:
    """Change the line ends of a file to CR LF."""
    return tree.replace_bytes(name, b"\n", b"\r\n")


def answers_hashed_with_crlf(tree: Tree) -> Tree:
    """Record the hash that a short, whole accuracy log had with CR LF."""
    digest = hashlib.sha256(SMALL.replace("\n", "\r\n").encode()).hexdigest()
    return tree.write(ANSWERS, SMALL).set_hash(accuracy(), digest)


def answers_checked_out_with_crlf(tree: Tree) -> Tree:
    """Record the hash of a short, whole accuracy log and change its line ends afterwards."""
    tree.write(ANSWERS, SMALL)
    return crlf(tree.set_hash(accuracy(), sha(tree, ANSWERS)), ANSWERS)


def session_with_crlf(tree: Tree) -> Tree:
    """Let a power session hash a summary with CR LF that lies there with LF."""
    lf = tree.path(SUMMARY).read_bytes()
    crlf(tree, SUMMARY)
    return with_power(tree).write(SUMMARY, lf)


CASES: dict[str, list[Edit]] = {
    "REPO003": [lambda t: t.write(f"{BASE}/code/model.bin", POINTER),
                lambda t: t.write(f"{BASE}/.gitattributes",
                                  "*.txt text\n*.bin filter=lfs -text\n")],
    "REPO004": [lambda t: t.path(run()).chmod(0o755)],
    "REPO006": [lambda t: t.write(SYSTEM_FILE, MERGE.format("{}", "{}")),
                lambda t: t.append(f"{measurements()}/README.md", "\n" + MERGE.format("a", "b")),
                lambda t: t.append(f"{accuracy()}/accuracy.txt", MERGE.format("a", "b"))],
    "REPO007": [answers_hashed_with_crlf, answers_checked_out_with_crlf, session_with_crlf,
                lambda t: crlf(with_power(t), SUMMARY)],
}

PASSING: dict[str, Edit] = {}
