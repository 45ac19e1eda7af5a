"""Rounds as differences: merge, remove, chain, sources."""

import re
from pathlib import Path

import pytest

import compliance_tests
import submission_checker
from submission_checker.rounds import loader, types
from submission_checker.rounds.loader import (
    RoundDataError,
    UnknownRound,
    load_round,
    merge,
    resolved_data,
    round_names,
    split_key,
)


def leaves(value, path=()):
    """Yield (path, value) of every number below a table; lists count as one leaf each."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value


def dotted(path):
    return ".".join(f'"{part}"' if "." in part else part for part in path)


def test_rounds_are_in_order_and_chained():
    names = [name for name in round_names() if name.startswith("v")]
    assert names == sorted(names, key=lambda n: [int(part) for part in n[1:].split(".")])
    before = [resolved_data(name)["predecessor"] for name in names]
    assert before == [None, *names[:-1]]


def test_tables_are_merged_and_other_values_replaced():
    base = {"a": {"x": 1, "y": [1, 2]}, "b": 3}
    assert merge(base, {"a": {"y": [9]}, "b": {"z": 1}}) == {"a": {"x": 1, "y": [9]},
                                                             "b": {"z": 1}}
    assert base == {"a": {"x": 1, "y": [1, 2]}, "b": 3}


@pytest.mark.parametrize(("text", "parts"), [
    ("models.resnet", ("models", "resnet")), ('models."a-99.9".x', ("models", "a-99.9", "x")),
    ("a", ("a",)),
])
def test_keys_are_split_outside_of_quotes(text, parts):
    assert split_key(text) == parts


def test_removing_what_is_not_inherited_is_a_mistake(monkeypatch):
    files = {"one": {"round": "one", "a": {}},
             "two": {"round": "two", "predecessor": "one", "remove": ["a.b"]}}
    monkeypatch.setattr(loader, "_file", files.__getitem__)
    monkeypatch.setattr(loader, "round_names", lambda: tuple(files))
    with pytest.raises(RoundDataError, match=r"two.toml removes b|two.toml removes a.b"):
        resolved_data("two")


def test_unknown_round_names_the_known_ones():
    with pytest.raises(UnknownRound) as raised:
        load_round("v5.11")
    assert "v5.1" in str(raised.value)


@pytest.mark.parametrize("name", round_names())
def test_every_number_has_a_source(name):
    round_ = load_round(name)
    without = {dotted(path[:2]) for path, _ in leaves(resolved_data(name))
               if round_.source(dotted(path)) in ("", "round data")}
    assert without == set()


def test_a_key_inherits_the_nearest_source_above():
    round_ = load_round("v5.1")
    assert round_.source("models.resnet.dataset_size") == round_.source("models")
    assert round_.source("models") != round_.source("durations_ms")


def test_units_of_another_size_have_their_divisor():
    """A unit that differs from the scenario's in size needs a divisor of its own."""
    sizes = {"ms": 1e6, "s": 1e9}
    for name in round_names():
        round_ = load_round(name)
        for model in round_.models.values():
            for scenario, unit in model.published_unit_overrides.items():
                spec = round_.scenarios[scenario]
                if unit in sizes and spec.published_unit in sizes:
                    own = model.published_divisor_overrides.get(scenario, spec.divisor)
                    assert own == sizes[unit], (name, model.name, scenario)


def test_a_section_alone_is_what_the_whole_round_has():
    from submission_checker.rounds.loader import resolved_data, section_of_every_round

    sections = {key for name in round_names() for key in resolved_data(name)
                if key not in ("predecessor", "remove", "round")}
    assert len(sections) > 15
    for section in sections:
        alone = section_of_every_round(section)
        for name in round_names():
            assert alone[name].get(section) == resolved_data(name).get(section), (section, name)


UNREAD = {
    "ScenarioSpec.token_metric_key": "each language model names its key itself",
    "Layout.required_power_texts": "POWR003 is set by the [rules] table of the round",
    "MeasurementsSpec.files_nonempty": "MEAS003 is set by the [rules] table of the round",
    "LoadgenSpec.log_format": "the reader sees the form of a log by its first line",
    "LoadgenSpec.known_good_commits": "no round has a list of commits",
    "AliasRules.mapping_file": "its path is a template of the layout",
    "Round.publication": "shown only, where a source gives it",
    "Round.accuracy_log_rng_seed_audits": "the same seed stands in the settings of the audits",
}


def test_every_field_of_a_round_is_read_or_has_a_reason():
    """A bound that no rule reads is no bound, however well it is compared with its source."""
    code = "\n".join(
        path.read_text("utf-8") for package in (submission_checker, compliance_tests)
        for path in Path(package.__file__).parent.rglob("*.py")
        if path.parts[-2:] not in (("rounds", "types.py"), ("rounds", "build.py")))
    unread = {
        f"{name}.{field}" for name, kind in vars(types).items()
        if isinstance(kind, type) and kind.__module__ == types.__name__
        for field in getattr(kind, "__dataclass_fields__", getattr(kind, "_fields", ()))
        if not re.search(rf"\.{field}\b", code)
    }
    assert unread == set(UNREAD)
