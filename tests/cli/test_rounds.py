"""`rounds show`: every value with its source, as TOML has it."""


import pytest

from submission_checker.rounds.diff import leaves
from submission_checker.rounds.loader import resolved_data
from tests.commands import command


def show(*arguments, code=0):
    done = command("rounds", "show", *arguments)
    assert done.returncode == code
    return done.stderr if code else done.stdout


def test_every_value_stands_below_its_source_once():
    lines = show("v5.1").splitlines()
    keys = [line.partition(" = ")[0] for line in lines if not line.startswith("# ")]
    assert keys == [key for key, _ in leaves(resolved_data("v5.1"))
                    if not key.startswith("sources.")]
    at = lines.index("durations_ms.SingleStream = 600000")
    above = next(line for line in reversed(lines[:at]) if line.startswith("# "))
    assert above.startswith("# mlcommons/inference_policies@8adac31:inference_rules.adoc")


def test_values_are_no_python():
    text = show("v5.1", "models.resnet")
    assert 'models.resnet.aliases = ["mobilenet", "resnet50"]' in text
    assert "models.resnet.power_ok = true" in text and "'" not in text.replace("'Total'", "")


def test_sources_are_shown_when_asked_for():
    assert show("v5.1", "sources").splitlines()[1].startswith("sources.round = mlcommons/")


@pytest.mark.parametrize(("key", "near"), [
    ("modles", "'models'"), ("models.resnt", "'models.resnet'"), ("resnet", "'models.resnet'"),
    ("modles.resnet.task", "'models.resnet.task'"), ("durations_ms.Servr", "'durations_ms.Server'"),
])
def test_a_mistyped_key_gets_the_nearest(key, near):
    assert f"no key '{key}' in v5.1; did you mean {near}" in show("v5.1", key, code=2)


def test_a_key_like_none_gets_the_sections():
    said = show("v5.1", "zzz", code=2)
    assert "known: compliance" in said and len(said) < 500


def test_names_with_a_full_stop_need_no_marks():
    assert show("v5.1", "models.bert-99.9") == show("v5.1", 'models."bert-99.9"') != ""
