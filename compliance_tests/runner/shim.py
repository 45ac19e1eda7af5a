"""Settings inside somebody else's Python harness: a sitecustomize.py in front of its path.

The harness is not changed. When it imports ``mlperf_loadgen``, StartTest and
StartTestWithLogSettings are wrapped and the settings object is edited before the test starts. Runs
made so are labelled as such.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from compliance_tests.runner import overrides

VARIABLE = "SUBMISSION_CHECKER_AUDIT_SETTINGS"
HELPER = "_submission_checker_overrides"

SITE = '''\
"""Placed by submission-checker for one audit run; removed after it."""
import importlib.abc, importlib.machinery, importlib.util, json, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name != "mlperf_loadgen":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def exec_module(module):
                run(module)
                wrap(module)

            try:
                spec.loader.exec_module = exec_module
            except AttributeError:
                sys.meta_path.insert(0, self)
                raise
        return spec


def wrap(lg):
    spec = importlib.util.spec_from_file_location(HELPER, os.path.join(HERE, HELPER + ".py"))
    helper = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(helper)
    wanted = json.loads(os.environ[VARIABLE])

    def wrapped(start):
        def call(sut, qsl, settings, *rest, **named):
            helper.apply(settings, settings.scenario.name, wanted, lg.TestMode)
            return start(sut, qsl, settings, *rest, **named)
        return call

    for name in ("StartTest", "StartTestWithLogSettings"):
        setattr(lg, name, wrapped(getattr(lg, name)))


sys.meta_path.insert(0, Finder())
sys.path[:] = [p for p in sys.path if os.path.abspath(p or ".") != HERE]
own = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
if own is not None and own.loader is not None:
    own.loader.exec_module(importlib.util.module_from_spec(own))
'''


def install(folder: Path, values: Mapping[str, float]) -> dict[str, str]:
    """Write the shim into an empty folder; return the environment variables that switch it on."""
    folder.mkdir(parents=True, exist_ok=True)
    head = f"HELPER, VARIABLE = {HELPER!r}, {VARIABLE!r}\n"
    doc, _, code = SITE.partition("\n")
    (folder / "sitecustomize.py").write_text(f"{doc}\n{head}{code}", encoding="utf-8")
    source = Path(overrides.__file__).read_text(encoding="utf-8")
    (folder / f"{HELPER}.py").write_text(source, encoding="utf-8")
    before = os.environ.get("PYTHONPATH")
    path = str(folder) if not before else f"{folder}{os.pathsep}{before}"
    return {"PYTHONPATH": path, VARIABLE: json.dumps(dict(values))}
