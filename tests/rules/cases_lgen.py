"""Edits of the bundled submission that the LGEN rules must find, and edits they must pass."""

from __future__ import annotations

from tests.rules.edits import OFF, SERVER, Edit

CASES: dict[str, list[Edit]] = {
    "LGEN005": [lambda t: t.del_log(OFF, "early_stopping_met"),
                lambda t: t.del_log(SERVER, "power_end")],
}

PASSING: dict[str, Edit] = {}
