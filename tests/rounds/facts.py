"""The facts of a round as paths and values, and the same of a resolved round."""

import json
import re
import tomllib
from pathlib import Path

from submission_checker.rounds.loader import round_names
from tests.conftest import facts_folder

ROUNDS = [name for name in round_names() if name.startswith("v")]
HERE = Path(__file__).parent


def table(name):
    """Return the entries of one of the TOML files beside this one, with compiled paths."""
    entries, = tomllib.loads((HERE / f"{name}.toml").read_text()).values()
    return [entry | {"path": re.compile(entry["path"])} for entry in entries]


def facts_of(name):
    return json.loads((facts_folder() / "rounds" / f"{name}.json").read_text())


def key(part):
    return f'"{part}"' if "." in part else part


def leaves(value, path=""):
    """Yield (path, value) of every leaf; a list of things with an id is a table by id."""
    if isinstance(value, list) and value and isinstance(value[0], dict) and "id" in value[0]:
        value = {item["id"]: {k: v for k, v in item.items() if k != "id"} for item in value}
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from leaves(item, f"{path}.{key(name)}" if path else key(name))
    elif value is not None and value != [] and value != {}:
        yield path, value


def plain(value):
    """Return a value with big integers as numbers and remarks in file names cut."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, str):
        text = re.sub(r"\s*\(.*\)$", "", value)
        return int(text) if re.fullmatch(r"\d{16,20}", text) else text
    return value


def get(path, data):
    """Return what stands at a dotted path, None where nothing does."""
    for part in re.findall(r'"[^"]+"|[^.]+', path):
        if not isinstance(data, dict) or part.strip('"') not in data:
            return None
        data = data[part.strip('"')]
    return data
