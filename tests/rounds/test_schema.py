"""The files of round data follow their schema; what does not is refused."""

import copy
import json
import tomllib

import jsonschema
import pytest

from submission_checker.formats.resources import schema_text
from submission_checker.rounds.loader import round_names
from submission_checker.rules.registry import all_rules
from tests.conftest import ROOT, facts_folder

SCHEMA = json.loads(schema_text("round"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
DATA = ROOT / "submission_checker" / "rounds" / "data"


def data_of(name):
    """Return a file as JSON values: dates are texts."""
    return json.loads(json.dumps(tomllib.loads((DATA / f"{name}.toml").read_text()), default=str))


def test_schema_is_sound():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", round_names())
def test_file_follows_the_schema(name):
    problems = [f"{error.json_path}: {error.message[:200]}" for error in
                VALIDATOR.iter_errors(data_of(name))]
    assert problems == []


@pytest.mark.parametrize("change", [
    lambda d: d.pop("sources"), lambda d: d.update(durations=600),
    lambda d: d["rules"].update(PERF018="loud"), lambda d: d["rules"].update(perf="off"),
    lambda d: d["models"].update(new={"dataset_size": "many"}),
    lambda d: d["models"].update(new={"dataset_sise": 5}),
    lambda d: d.update(durations_ms={"Server": -1}),
    lambda d: d.update(seeds={"qsl_rng_seed": "0x12"}),
])
def test_mistakes_are_refused(change):
    data = copy.deepcopy(data_of("v5.1"))
    data.setdefault("rules", {})
    change(data)
    assert not VALIDATOR.is_valid(data)


@pytest.mark.real
@pytest.mark.parametrize("name", round_names())
def test_rules_table_names_rules_of_the_catalogue(name):
    """Tables are complete before the last rule of the catalogue is written."""
    catalogue = json.loads((facts_folder() / "rules.json").read_text())["rules"]
    known = {rule["id"] for rule in catalogue} | {rule.id for rule in all_rules()}
    assert [key for key in data_of(name).get("rules", {}) if key.partition(".")[0]
            not in known] == []
