"""Edits of the bundled submission that the MEAS rules must find, and edits they must pass."""

from __future__ import annotations

from fixtures.builder import BASE, SYSTEM, Tree, measurements
from tests.rules.edits import CONF, DESC, OFF, Edit

WEIGHTS = "starting_weights_filename"


def other_weights_everywhere(tree: Tree) -> None:
    """Name other weights in all descriptions of one benchmark, and none in one of them."""
    folder = f"{BASE}/measurements/{SYSTEM}/digits"
    for path in sorted(tree.path(folder).glob("*/*.json")):
        tree.set_json(str(path.relative_to(tree.root)), WEIGHTS, "my own weights")
    tree.set_json(DESC, WEIGHTS, "N/A")


CASES: dict[str, list[Edit]] = {
    "MEAS001": [lambda t: t.delete(measurements())],
    "MEAS002": [lambda t: t.delete(CONF)],
    "MEAS003": [lambda t: t.write(f"{measurements()}/README.md", "")],
    "MEAS004": [lambda t: t.delete(DESC)],
    "MEAS005": [lambda t: t.del_json(DESC, "retraining")],
    "MEAS006": [lambda t: t.set_json(DESC, "weight_data_types", ""),
                lambda t: t.set_json(DESC, "starting_weights_filename", "TODO")],
    "MEAS007": [lambda t: t.write(DESC, '{"retraining": ')],
    "MEAS008": [lambda t: t.set_json(DESC, "retraining", "Yes, 3 epochs"),
                lambda t: t.set_json(DESC, "retraining", "perhaps")],
    "MEAS009": [lambda t: t.set_json(DESC, "input_data_types", "UNSET")],
    "MEAS010": [lambda t: t.set_json(DESC, "weight_data_types", "int8")],
    "MEAS011": [lambda t: (t.set_json(DESC, "weight_data_types", "int8"),
                           t.delete(f"{BASE}/calibration.md"))],
    "MEAS012": [lambda t: t.delete(f"{BASE}/code/digits")],
    "MEAS016": [lambda t: t.write(CONF, "digits.Offline.target_qps=5\n*.*.tarqet_qps = 3\n")],
    "MEAS017": [lambda t: t.replace(CONF, "target_qps = 60000", "target_qps = 50000")],
    "MEAS018": [lambda t: (t.replace(CONF, "min_duration = 1000", "min_duration = 500"),
                           t.set_log(OFF, "effective_min_duration_ms", 500))],
    "MEAS020": [lambda t: t.rename(DESC, f"{measurements()}/{SYSTEM}_demo_Server.json")],
    "MEAS021": [lambda t: t.set_json(DESC, WEIGHTS, "https://zenodo.org/record/1/files/resnet.pb"),
                other_weights_everywhere],
}

PASSING: dict[str, Edit] = {}
