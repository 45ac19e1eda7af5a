"""The compiled round data are those of the TOML files, or are not used."""

import tomllib

from submission_checker.rounds import compiled
from submission_checker.rounds.loader import round_names


def toml(name):
    return compiled.folder().joinpath(f"{name}.toml").read_bytes()


def test_file_is_current():
    have = compiled.folder().joinpath(compiled.NAME).read_text(encoding="utf-8")
    assert have == compiled.text(), "run python -m docs.generate"


def test_values_and_types_are_those_of_toml():
    for name in round_names():
        values = compiled.compiled(name, toml(name))
        assert repr(values) == repr(tomllib.loads(toml(name).decode())), name


def test_an_edited_file_is_not_answered_for():
    assert compiled.compiled("v5.1", toml("v5.1") + b"\n") is None
    assert compiled.compiled("v9.9", toml("v5.1")) is None


def test_rounds_load_without_the_file(tmp_path, monkeypatch):
    for name in round_names():
        (tmp_path / f"{name}.toml").write_bytes(toml(name))
    monkeypatch.setattr(compiled, "folder", lambda: tmp_path)
    compiled._parts.cache_clear()
    try:
        assert compiled.compiled("v5.1", toml("v5.1")) is None
    finally:
        compiled._parts.cache_clear()
