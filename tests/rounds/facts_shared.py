"""What the forms of facts share: paths of models and audits, and the text of the program."""

import re
from functools import cache
from pathlib import Path

import submission_checker

MODEL = r'models\.("[^"]+"|[^.]+)'
TEST = r'compliance\.tests\.("[^"]+"|[^.]+)'


def model(match, ours):
    return ours["models"][match[1].strip('"')]


def audit_of(match, ours):
    return ours["compliance"]["tests"][match[1].strip('"')]


def lists(value):
    return [item if isinstance(item, list) else [item] for item in value]


@cache
def code():
    """Return the text of the whole program: what no line of it names is not read."""
    root = Path(submission_checker.__file__).parent
    return "\n".join(path.read_text("utf-8") for path in sorted(root.rglob("*.py")))


def read_by_the_program(match, value, ours, facts):
    texts = value if isinstance(value, list) else [value]
    return [], [text for text in texts if re.split(r"[ (,/]", text)[0] not in code()]
