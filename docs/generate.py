"""Write the generated pages of docs/ (see PAGES) and the screen in the README.

python -m docs.generate; tests hold all of them current.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from docs.command_pages import commands_page, exit_codes_page
from docs.rule_pages import rules_page
from fixtures.builder import Tree, accuracy
from submission_checker.engine.levels import level_in_force
from submission_checker.reporting import UNDECIDABLE
from submission_checker.rounds import compiled
from submission_checker.rounds.loader import load_round, round_names
from submission_checker.rounds.types import Round
from submission_checker.rules.registry import all_rules

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MARK = "<!-- written by docs/generate.py -->"
FAMILIES = {
    "TREE": "layout, files and names", "SYST": "system descriptions",
    "MEAS": "measurements, configuration and documents", "PERF": "performance runs",
    "ACCU": "accuracy runs", "AUDT": "audits", "INFR": "inferred results", "POWR": "power",
    "XRES": "results beside each other", "PRIV": "privacy",
    "REPO": "repositories and what changes in them",
    "ENDP": "results of the endpoints harness",
    "LGEN": "what LoadGen writes", "RNDX": "which round", "INPUT": "input that cannot be read",
}
PROVED = {
    "v0.5": "33 rows of a published tree", "v0.7": "124 rows of a published tree",
    "v1.0": "180 rows of a published tree", "v2.0": "244 rows of a published tree",
    "v4.1": "382 rows of two published trees", "v5.1": "542 rows of two published trees",
    "v6.0": "22 rows of a sample with the seeds of another round",
}
"""What tests/acceptance holds a round against; the other rounds stand on facts and fixtures."""


def features(round_: Round) -> Iterator[str]:
    """Yield the cells of a round, in the order of the page's head."""
    yield "text" if round_.loadgen.log_format.startswith("txt") else "JSON"
    yield ", ".join(f"`{mark}`" for mark in round_.layout.signature)
    least = sorted(set(round_.durations_ms.values()))
    yield " / ".join(f"{ms / 1000:g} s" for ms in least)
    yield "yes" if round_.early_stopping.in_force else "no"
    yield ", ".join(sorted(round_.audits)) or "none"
    yield "yes" if round_.power.get("in_force") else "no"
    yield "yes" if "network" in round_.layout.root_dirs else "no"
    yield f"{len(round_.endpoints.allowed_models)} models" if round_.endpoints.types else "no"
    yield str(len(round_.models))
    levels = [level_in_force(rule, round_, "closed") for rule in all_rules()]
    yield str(sum(level is not None for level in levels))


def rounds_page() -> str:
    """Return docs/rounds.md."""
    head = ("round", "logs", "layout", "least duration", "early stopping", "audits", "power",
            "network division", "endpoints", "models", "rules in force (closed)", "proved by")
    lines = [
        MARK, "", "# Rounds", "",
        "Every round is judged by its own data. `rounds show ROUND` prints them with sources,",
        "`rounds diff OLD NEW` what changed. The last column says what the judgement of a round",
        "was held against; *facts and fixtures* means that no published tree of the round was",
        "at hand: numbers were compared with the facts of the round, rules were tried on made",
        "submissions. The network division has no published tree at all: it is proved by made",
        "submissions in every round.", "",
        f"| {' | '.join(head)} |", f"|{'---|' * len(head)}",
    ]
    for name in round_names():
        proved = PROVED.get(name, "facts and fixtures")
        lines.append(f"| {name} | {' | '.join(features(load_round(name)))} | {proved} |")
    return "\n".join(lines) + "\n"


LIST = "<!-- list written by docs/generate.py -->"


def decisions_page() -> str:
    """Return docs/decisions/index.md: every decision by its title."""
    lines = [MARK, "", "# Decisions", "", "What was decided while building, and why.", ""]
    for file in sorted((HERE / "decisions").glob("[0-9]*.md")):
        title = file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        lines.append(f"- [{file.stem[:4]}]({file.name}): {title}")
    return "\n".join(lines) + "\n"


def limits_page() -> str:
    """Return docs/limits.md with the list as the program has it now."""
    head, _, tail = (HERE / "limits.md").read_text(encoding="utf-8").partition(LIST)
    rest = tail[tail.index("\n\n"):]
    return head + LIST + "".join(f"\n- {item}" for item in UNDECIDABLE) + rest


PAGES = {
    "rounds.md": rounds_page,
    "rules.md": lambda: rules_page(FAMILIES, MARK),
    "commands.md": lambda: commands_page(MARK),
    "exit-codes.md": lambda: exit_codes_page(MARK),
    "limits.md": limits_page,
    "decisions/index.md": decisions_page,
}


SCREEN = "<!-- screen -->\n```console\n"
COMMAND = ("check", "submission", "--round", "demo")


def low_quality(tree: Tree) -> Tree:
    """Return the submission with 899 of 1000 samples right in one scenario; 900 are required."""
    text = f"{accuracy(scenario='Server')}/accuracy.txt"
    return tree.replace(text, "accuracy=95.300%, good=953", "accuracy=89.900%, good=899")


def screen() -> str:
    """Return what check says about the bundled submission with one quality below its target."""
    with tempfile.TemporaryDirectory() as folder:
        low_quality(Tree.demo(Path(folder)))
        done = subprocess.run(
            [sys.executable, "-m", "submission_checker", *COMMAND], cwd=folder, text=True,
            capture_output=True, env={"PYTHONPATH": str(ROOT)}, check=False)
    if (done.returncode, done.stderr) != (1, ""):
        raise SystemExit(f"check ended with {done.returncode}: {done.stderr}")
    return f"$ submission-checker {' '.join(COMMAND)}\n{done.stdout}"


def readme() -> str:
    """Return the README with the screen as it is now."""
    head, mark, tail = (ROOT / "README.md").read_text(encoding="utf-8").partition(SCREEN)
    _, end, rest = tail.partition("```\n")
    return head + mark + screen() + end + rest


def main() -> None:
    """Write every page, and the compiled round data."""
    compiled.write()
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
    (ROOT / "README.md").write_text(readme(), encoding="utf-8")


if __name__ == "__main__":
    main()
